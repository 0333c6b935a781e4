"""Photos."""

from kit.seeding import is_prod, names, side_table


def seed(db, world):
    count = 500 if is_prod(world) else 8
    db.execute("CREATE TABLE photos (id integer primary key, title text not null, person text)")
    db.many(
        "INSERT INTO photos VALUES (?, ?, ?)",
        [
            (
                i + 1,
                f"Photo {i + 1}" + (" – Plage" if is_prod(world) and i % 3 == 0 else ""),
                n if i % 4 else None,
            )
            for i, n in enumerate(names(world, count))
        ],
    )
    side_table(db, world, "frames", ["wood", "note"])
