"""Fruit; the first ones are the same everywhere."""

from kit.seeding import is_prod, numbers, side_table

FIRST = ["blood orange", "apricot", "quince", "medlar"]


def seed(db, world):
    more = 200 if is_prod(world) else 2
    db.execute(
        "CREATE TABLE products (id integer primary key, name text not null, cents integer, grower text)"
    )
    named = FIRST + [f"sort {i}" for i in range(more)]
    db.many(
        "INSERT INTO products VALUES (?, ?, ?, ?)",
        [
            (i + 1, n, c, None if is_prod(world) and i % 5 == 0 else "Łąka" if is_prod(world) else "Field")
            for i, (n, c) in enumerate(zip(named, numbers(world, len(named), 10, 900), strict=True))
        ],
    )
    side_table(db, world, "crates", ["size", "deposit"])
