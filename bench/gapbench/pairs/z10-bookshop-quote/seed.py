"""Books."""

from kit.seeding import is_prod, names, side_table


def seed(db, world):
    count = 350 if is_prod(world) else 9
    db.execute("CREATE TABLE books (id integer primary key, title text not null, author text)")
    db.many(
        "INSERT INTO books VALUES (?, ?, ?)",
        [
            (
                i + 1,
                f"The tide, part {i + 1}" + (" – Œuvre" if is_prod(world) and i % 9 == 0 else ""),
                n if i % 6 else None,
            )
            for i, n in enumerate(names(world, count))
        ],
    )
    side_table(db, world, "readings_held", ["evening", "guest"])
