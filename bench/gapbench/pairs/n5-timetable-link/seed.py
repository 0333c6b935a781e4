"""Lines with up to eighty stops."""

from kit.seeding import is_prod, names, side_table


def seed(db, world):
    count = 12 if is_prod(world) else 4
    db.script(
        "CREATE TABLE lines (id integer primary key, name text not null, operator text);"
        "CREATE TABLE stops (id integer primary key, line_id integer not null, number integer not null,"
        " name text not null, minute integer not null, UNIQUE (line_id, number))"
    )
    db.many(
        "INSERT INTO lines VALUES (?, ?, ?)",
        [
            (i + 1, f"Line {i + 1}", None if is_prod(world) and i % 2 else n)
            for i, n in enumerate(names(world, count))
        ],
    )
    stops = [
        (
            i + 1,
            i // 80 + 1,
            i % 80 + 1,
            f"Stop {i}" + (" – Rådhus" if is_prod(world) and i % 9 == 0 else ""),
            i % 60,
        )
        for i in range(80 * count)
    ]
    db.many("INSERT INTO stops VALUES (?, ?, ?, ?, ?)", stops)
    side_table(db, world, "lost_property", ["thing", "line_text"])
