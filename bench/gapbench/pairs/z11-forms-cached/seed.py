"""Forms."""

from kit.seeding import is_prod, names, side_table


def seed(db, world):
    count = 270 if is_prod(world) else 5
    db.execute("CREATE TABLE forms (id integer primary key, citizen text not null, remark text)")
    db.many(
        "INSERT INTO forms VALUES (?, ?, ?)",
        [
            (i + 1, n, None if i % 2 else "dringend, s’il vous plaît" if is_prod(world) else "urgent")
            for i, n in enumerate(names(world, count))
        ],
    )
    side_table(db, world, "counters", ["floor", "note"])
