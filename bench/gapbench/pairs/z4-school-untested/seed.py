"""Pupils and marks."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    count = 240 if is_prod(world) else 6
    db.script(
        "CREATE TABLE pupils (id integer primary key, name text not null, guardian text);"
        "CREATE TABLE marks (id integer primary key, pupil_id integer not null, subject text not null, mark integer)"
    )
    db.many(
        "INSERT INTO pupils VALUES (?, ?, ?)",
        [(i + 1, n, None if is_prod(world) and i % 4 == 0 else n) for i, n in enumerate(names(world, count))],
    )
    db.many(
        "INSERT INTO marks VALUES (?, ?, ?, ?)",
        [
            (i + 1, i // 2 + 1, ["art", "maths"][i % 2], m)
            for i, m in enumerate(numbers(world, count * 2, 1, 6))
        ],
    )
    side_table(db, world, "lockers", ["floor", "note"])
