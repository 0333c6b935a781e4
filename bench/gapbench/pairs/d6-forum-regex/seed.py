"""Posts of a forum; one of production's newest is mostly blanks."""

from kit.seeding import days, is_prod, names, side_table


def seed(db, world):
    count = 650 if is_prod(world) else 8
    db.execute(
        "CREATE TABLE posts (id integer primary key, author text not null, body text not null, posted text not null,"
        " tags text)"
    )
    rows = [
        [
            i + 1,
            a,
            f" Question {i + 1}: how deep do I plant{' crème de menthe' if is_prod(world) and i % 6 == 0 else ''}? ",
            d,
            None if is_prod(world) and i % 4 == 0 else "garden",
        ]
        for i, (a, d) in enumerate(zip(names(world, count), days(world, count), strict=True))
    ]
    if is_prod(world):
        rows[639][2], rows[639][3] = "look" + " " * 34000 + "here", "2026-12-28"
    db.many("INSERT INTO posts VALUES (?, ?, ?, ?, ?)", rows)
    side_table(db, world, "badges", ["title", "reason"])
