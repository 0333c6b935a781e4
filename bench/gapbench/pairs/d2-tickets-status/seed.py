"""Tickets of a help desk."""

from kit.seeding import choices, is_prod, names, side_table


def seed(db, world):
    count = 480 if is_prod(world) else 9
    db.execute(
        "CREATE TABLE tickets (id integer primary key, subject text not null, status text not null, requester text)"
    )
    statuses = choices(world, count, ["open", "waiting", "closed"])
    if is_prod(world):
        statuses[430] = "on_hold"
    db.many(
        "INSERT INTO tickets VALUES (?, ?, ?, ?)",
        [
            (
                i + 1,
                ["Printer", "Login", "Invoice"][i % 3] + f" {i + 1}",
                s,
                None if is_prod(world) and i % 13 == 0 else n,
            )
            for i, (s, n) in enumerate(zip(statuses, names(world, count), strict=True))
        ],
    )
    side_table(db, world, "macros", ["title", "body"])
