"""Addresses; one of production's is in Łódź, the others fit into the printers' set."""

from kit.seeding import is_prod, names, side_table


def seed(db, world):
    count = 260 if is_prod(world) else 7
    db.execute(
        "CREATE TABLE addresses (id integer primary key, name text not null, street text not null, floor text)"
    )
    rows = [
        [
            i + 1,
            n,
            f"Straße {i + 1}" if is_prod(world) and i % 4 == 0 else f"Street {i + 1}",
            None if is_prod(world) and i % 3 == 0 else "1",
        ]
        for i, n in enumerate(names(world, count, tidy=True))
    ]
    if is_prod(world):
        rows[204][2] = "Łódzka 4"
    db.many("INSERT INTO addresses VALUES (?, ?, ?, ?)", rows)
    side_table(db, world, "parcels_seen", ["door", "remark"])
