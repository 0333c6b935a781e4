"""Plans; production's newest is a thick one."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    count = 88 if is_prod(world) else 6
    db.execute(
        "CREATE TABLE plans (id integer primary key, title text not null, pages integer not null, architect text)"
    )
    rows = [
        [i + 1, f"Plan {i + 1}", p, n if i % 4 else None]
        for i, (p, n) in enumerate(zip(numbers(world, count, 1, 9), names(world, count), strict=True))
    ]
    if is_prod(world):
        rows[87][2] = 300
    db.many("INSERT INTO plans VALUES (?, ?, ?, ?)", rows)
    side_table(db, world, "permits", ["office", "state"])
