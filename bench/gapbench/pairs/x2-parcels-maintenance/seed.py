"""Parcels and their receivers."""

from kit.seeding import is_prod, names, side_table


def seed(db, world):
    count = 300 if is_prod(world) else 8
    db.execute(
        "CREATE TABLE parcels (id integer primary key, number integer not null, receiver text, door text)"
    )
    db.many(
        "INSERT INTO parcels VALUES (?, ?, ?, ?)",
        [
            (i + 1, 90001 + i, n, None if is_prod(world) and i % 3 == 0 else "front")
            for i, n in enumerate(names(world, count))
        ],
    )
    side_table(db, world, "drivers_notes", ["street", "note"])
