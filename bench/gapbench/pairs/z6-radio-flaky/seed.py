"""Songs."""

from kit.seeding import is_prod, names, side_table


def seed(db, world):
    count = 420 if is_prod(world) else 6
    db.execute("CREATE TABLE songs (id integer primary key, title text not null, artist text)")
    db.many(
        "INSERT INTO songs VALUES (?, ?, ?)",
        [
            (
                i + 1,
                f"Song {i + 1}" + (" – Été" if is_prod(world) and i % 8 == 0 else ""),
                n if i % 5 else None,
            )
            for i, n in enumerate(names(world, count))
        ],
    )
    side_table(db, world, "requests_heard", ["listener", "wish"])
