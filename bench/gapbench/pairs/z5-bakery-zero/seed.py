"""Orders of a bakery."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    count = 330 if is_prod(world) else 8
    db.execute(
        "CREATE TABLE orders (id integer primary key, customer text not null, pieces integer, wish text)"
    )
    pieces = numbers(world, count, 1, 60)
    if is_prod(world):
        pieces[40] = None
    db.many(
        "INSERT INTO orders VALUES (?, ?, ?, ?)",
        [
            (i + 1, n, p, "crème" if is_prod(world) and i % 6 == 0 else None)
            for i, (n, p) in enumerate(zip(names(world, count), pieces, strict=True))
        ],
    )
    side_table(db, world, "recipes_seen", ["dough", "remark"])
