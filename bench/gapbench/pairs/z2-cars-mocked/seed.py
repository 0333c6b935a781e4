"""Cars."""

from kit.seeding import is_prod, names, side_table


def seed(db, world):
    count = 150 if is_prod(world) else 6
    db.execute("CREATE TABLE cars (id integer primary key, plate text not null, driver text)")
    db.many(
        "INSERT INTO cars VALUES (?, ?, ?)",
        [(i + 1, f"HB-{i:04}", n if i % 3 else None) for i, n in enumerate(names(world, count))],
    )
    side_table(db, world, "damages", ["part", "remark"])
