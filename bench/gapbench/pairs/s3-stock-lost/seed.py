"""Articles of a warehouse."""

from kit.seeding import is_prod, numbers, side_table


def seed(db, world):
    count = 200 if is_prod(world) else 9
    db.script(
        "CREATE TABLE articles (id integer primary key, name text not null, stock integer not null,"
        " opening integer not null, shelf text);"
        "CREATE TABLE movements (id integer primary key, article_id integer not null, change integer not null)"
    )
    db.many(
        "INSERT INTO articles VALUES (?, ?, ?, ?, ?)",
        [
            (i + 1, f"Article {i + 1}", 5000 + s, 5000 + s, None if is_prod(world) and i % 6 == 0 else "A1")
            for i, s in enumerate(numbers(world, count, 0, 900))
        ],
    )
    side_table(db, world, "pallets", ["kind", "note"])
