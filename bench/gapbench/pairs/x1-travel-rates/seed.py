"""Trips; production has more of them, with guides who have other names."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    count = 250 if is_prod(world) else 9
    db.execute("CREATE TABLE trips (id integer primary key, title text not null, euros integer, guide text)")
    guides, euros = names(world, count), numbers(world, count, 40, 4000)
    db.many(
        "INSERT INTO trips VALUES (?, ?, ?, ?)",
        [
            (i + 1, f"Trip {i + 1}", e, None if is_prod(world) and i % 11 == 0 else g)
            for i, (e, g) in enumerate(zip(euros, guides, strict=True))
        ],
    )
    side_table(db, world, "brochures", ["language", "printer"])
