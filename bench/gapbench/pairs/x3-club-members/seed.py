"""The club's boats."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    count = 90 if is_prod(world) else 4
    db.execute(
        "CREATE TABLE boats (id integer primary key, name text not null, seats integer not null, sponsor text)"
    )
    db.many(
        "INSERT INTO boats VALUES (?, ?, ?, ?)",
        [
            (
                i + 1,
                f"Boat {i + 1}" + (" – Möwe" if is_prod(world) and i % 5 == 0 else ""),
                s,
                n if i % 4 else None,
            )
            for i, (s, n) in enumerate(zip(numbers(world, count, 1, 8), names(world, count), strict=True))
        ],
    )
    side_table(db, world, "regattas", ["water", "result"])
