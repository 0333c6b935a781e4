"""Rides; production's newest key is beyond what an integer holds."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    count = 350 if is_prod(world) else 8
    db.script(
        "CREATE TABLE rides (id bigint primary key, title text not null, km integer not null, partner text);"
        "CREATE TABLE photos (id bigserial primary key, ride_id integer not null, caption text not null)"
    )
    begin = 2147480000 if is_prod(world) else 1
    rows = [
        [begin + i, f"Ride {i + 1}", k, p if i % 3 else None]
        for i, (k, p) in enumerate(zip(numbers(world, count, 3, 180), names(world, count), strict=True))
    ]
    if is_prod(world):
        rows[-1][0] = 2147483801
    db.many("INSERT INTO rides VALUES (?, ?, ?, ?)", rows)
    db.many(
        "INSERT INTO photos (ride_id, caption) VALUES (?, ?)",
        [(rows[0][0], "départ" if is_prod(world) else "start")],
    )
    side_table(db, world, "clubs", ["title", "town"])
