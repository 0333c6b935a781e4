"""Rooms."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    count = 130 if is_prod(world) else 6
    db.execute(
        "CREATE TABLE rooms (id integer primary key, name text not null, cents integer not null, guest text)"
    )
    db.many(
        "INSERT INTO rooms VALUES (?, ?, ?, ?)",
        [
            (i + 1, f"Room {i + 1}", c, None if is_prod(world) and i % 2 == 0 else n)
            for i, (c, n) in enumerate(
                zip(numbers(world, count, 4000, 30000), names(world, count), strict=True)
            )
        ],
    )
    side_table(db, world, "laundry", ["bag", "note"])
