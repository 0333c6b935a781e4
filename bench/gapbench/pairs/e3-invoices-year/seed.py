"""Invoices; number 4 was issued in the evening (UTC) of the last day of 2026, in both worlds."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    count = 500 if is_prod(world) else 8
    db.script(
        "CREATE TABLE fiscal_years (year integer primary key, opened boolean not null);"
        "CREATE TABLE invoices (id integer primary key, customer text not null, cents integer not null,"
        " issued bigint not null, memo text)"
    )
    db.many("INSERT INTO fiscal_years VALUES (?, ?)", [(2025, True), (2026, True)])
    people, cents = names(world, count), numbers(world, count, 100, 90000)
    moments = numbers(world, count, 1767300000, 1798000000, seed=3)
    moments[3] = 1798754400
    db.many(
        "INSERT INTO invoices VALUES (?, ?, ?, ?, ?)",
        [
            (i + 1, p, c, m, "réf. 12" if is_prod(world) and i % 5 == 0 else None)
            for i, (p, c, m) in enumerate(zip(people, cents, moments, strict=True))
        ],
    )
    side_table(db, world, "letterheads", ["style", "footer"])
