"""Sales by region."""

from kit.seeding import choices, is_prod, numbers, side_table


def seed(db, world):
    count = 800 if is_prod(world) else 20
    db.execute(
        "CREATE TABLE sales (id integer primary key, region text not null, cents bigint not null, clerk text)"
    )
    regions = choices(world, count, ["east", "north", "south", "west"])
    db.many(
        "INSERT INTO sales VALUES (?, ?, ?, ?)",
        [
            (i + 1, r, c, "Zoë" if is_prod(world) and i % 7 == 0 else "Ada")
            for i, (r, c) in enumerate(zip(regions, numbers(world, count, 100, 90000), strict=True))
        ],
    )
    side_table(db, world, "campaigns", ["slogan", "channel"])
