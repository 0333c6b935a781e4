"""Exhibitions and bookings."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    count = 120 if is_prod(world) else 4
    db.script(
        "CREATE TABLE exhibitions (id integer primary key, title text not null, curator text);"
        "CREATE TABLE bookings (id integer primary key, visitors integer not null)"
    )
    db.many(
        "INSERT INTO exhibitions VALUES (?, ?, ?)",
        [
            (
                i + 1,
                f"Exhibition {i + 1}" + (" – Été" if is_prod(world) and i % 4 == 0 else ""),
                n if i % 6 else None,
            )
            for i, n in enumerate(names(world, count))
        ],
    )
    db.many("INSERT INTO bookings VALUES (?, ?)", list(enumerate(numbers(world, count * 3, 1, 9), 1)))
    side_table(db, world, "guestbook", ["entry", "mood"])
