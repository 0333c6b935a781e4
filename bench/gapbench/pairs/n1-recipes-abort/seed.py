"""Recipes."""

from kit.seeding import is_prod, names, side_table


def seed(db, world):
    count = 320 if is_prod(world) else 11
    db.execute("CREATE TABLE recipes (id integer primary key, title text not null, cook text)")
    db.many(
        "INSERT INTO recipes VALUES (?, ?, ?)",
        [
            (
                i + 1,
                f"Soup {i + 1}" + (" à l’oignon" if is_prod(world) and i % 4 == 0 else ""),
                n if i % 3 else None,
            )
            for i, n in enumerate(names(world, count))
        ],
    )
    side_table(db, world, "shopping", ["item", "amount"])
