"""Shows and sold tickets."""

from kit.seeding import choices, is_prod, names, numbers, side_table


def seed(db, world):
    count = 140 if is_prod(world) else 5
    db.script(
        "CREATE TABLE shows (id integer primary key, title text not null, cents integer not null, director text);"
        "CREATE TABLE tickets (id bigserial primary key, show_id integer not null, seats integer not null, state text)"
    )
    db.many(
        "INSERT INTO shows VALUES (?, ?, ?, ?)",
        [
            (i + 1, f"Show {i + 1}", c, n if i % 5 else None)
            for i, (c, n) in enumerate(
                zip(numbers(world, count, 1500, 12000), names(world, count), strict=True)
            )
        ],
    )
    states = choices(world, count * 2, ["paid", "void"])
    db.many(
        "INSERT INTO tickets (show_id, seats, state) VALUES (?, ?, ?)",
        [(i % count + 1, i % 4 + 1, s) for i, s in enumerate(states)],
    )
    side_table(db, world, "cloakroom", ["hook", "item"])
