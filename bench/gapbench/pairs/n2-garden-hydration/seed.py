"""Plants."""

from kit.seeding import is_prod, numbers, side_table


def seed(db, world):
    count = 280 if is_prod(world) else 7
    db.execute(
        "CREATE TABLE plants (id integer primary key, name text not null, cents integer not null, latin text)"
    )
    db.many(
        "INSERT INTO plants VALUES (?, ?, ?, ?)",
        [
            (
                i + 1,
                f"Plant {i + 1}",
                c,
                None if is_prod(world) and i % 3 == 0 else "Rosa × alba" if is_prod(world) else "Rosa",
            )
            for i, c in enumerate(numbers(world, count, 200, 9000))
        ],
    )
    side_table(db, world, "seedlings", ["tray", "note"])
