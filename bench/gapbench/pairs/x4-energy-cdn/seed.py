"""Readings of a meter."""

from kit.seeding import is_prod, numbers, side_table


def seed(db, world):
    count = 900 if is_prod(world) else 14
    db.execute("CREATE TABLE readings (id integer primary key, reading integer not null, remark text)")
    db.many(
        "INSERT INTO readings VALUES (?, ?, ?)",
        [
            (i + 1, v, "mesuré" if is_prod(world) and i % 50 == 0 else None)
            for i, v in enumerate(numbers(world, count, 10, 99))
        ],
    )
    side_table(db, world, "technicians", ["area", "phone"])
