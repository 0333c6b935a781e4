"""Accounts."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    count = 600 if is_prod(world) else 7
    db.execute(
        "CREATE TABLE accounts (id integer primary key, owner text not null, cents integer, nickname text)"
    )
    cents = numbers(world, count, -90000 if is_prod(world) else 0, 900000)
    db.many(
        "INSERT INTO accounts VALUES (?, ?, ?, ?)",
        [
            (i + 1, n, c, None if i % 3 else "épargne" if is_prod(world) else "savings")
            for i, (n, c) in enumerate(zip(names(world, count), cents, strict=True))
        ],
    )
    side_table(db, world, "vaults", ["door", "note"])
