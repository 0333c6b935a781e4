"""Toys."""

from kit.seeding import is_prod, names, side_table


def seed(db, world):
    count = 380 if is_prod(world) else 7
    db.execute("CREATE TABLE toys (id integer primary key, name text not null, maker text)")
    db.many(
        "INSERT INTO toys VALUES (?, ?, ?)",
        [
            (
                i + 1,
                f"Toy {i + 1}" + (" – Jeu" if is_prod(world) and i % 5 == 0 else ""),
                n if i % 4 else None,
            )
            for i, n in enumerate(names(world, count))
        ],
    )
    side_table(db, world, "reviews", ["stars", "words"])
