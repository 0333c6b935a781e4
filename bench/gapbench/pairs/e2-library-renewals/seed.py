"""Books and loans."""

from kit.seeding import days, is_prod, names, side_table


def seed(db, world):
    count = 700 if is_prod(world) else 10
    db.script(
        "CREATE TABLE books (id integer primary key, title text not null, author text, shelf text);"
        "CREATE TABLE loans (id integer primary key, book_id integer not null, due text not null)"
    )
    authors = names(world, count)
    db.many(
        "INSERT INTO books VALUES (?, ?, ?, ?)",
        [
            (
                i + 1,
                f"Volume {i + 1}" + (" – œuvres" if is_prod(world) and i % 9 == 0 else ""),
                a,
                None if is_prod(world) and i % 7 == 0 else f"S{i % 5}",
            )
            for i, a in enumerate(authors)
        ],
    )
    due = days(world, count, 2026)
    db.many("INSERT INTO loans VALUES (?, ?, ?)", [(i + 1, i + 1, d) for i, d in enumerate(due)])
    side_table(db, world, "suggestions", ["subject", "reply"])
