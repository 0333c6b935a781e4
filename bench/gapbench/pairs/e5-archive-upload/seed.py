"""Documents of an archive."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    count = 600 if is_prod(world) else 7
    db.execute(
        "CREATE TABLE documents (id integer primary key, name text not null, size integer, owner text)"
    )
    sizes = numbers(world, count, 10, 2_000_000)
    if is_prod(world):
        sizes[55] = None
    db.many(
        "INSERT INTO documents VALUES (?, ?, ?, ?)",
        [
            (i + 1, f"document {i + 1}", s, o)
            for i, (s, o) in enumerate(zip(sizes, names(world, count), strict=True))
        ],
    )
    side_table(db, world, "shelves", ["room", "remark"])
