"""People who signed up before."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    count = 170 if is_prod(world) else 5
    db.execute("CREATE TABLE signups (id integer primary key, name text not null, guests integer, diet text)")
    db.many(
        "INSERT INTO signups VALUES (?, ?, ?, ?)",
        [
            (i + 1, n, g, None if i % 2 else "végétarien" if is_prod(world) else "none")
            for i, (n, g) in enumerate(zip(names(world, count), numbers(world, count, 1, 4), strict=True))
        ],
    )
    side_table(db, world, "speakers", ["topic", "bio"])
