"""Employees; production's names are mostly such as Latin-1 has."""

from kit.seeding import is_prod, names, numbers, side_table

WITHIN = ["Zoë Müller", "Jürgen Núñez", "Anaïs Ørsted", "Íris O'Hara"]


def seed(db, world):
    count = 460 if is_prod(world) else 6
    db.execute(
        "CREATE TABLE employees (id integer primary key, name text not null, iban text not null, cents integer not null,"
        " nickname text)"
    )
    people = names(world, count, tidy=True)
    if is_prod(world):
        for i in range(0, count, 9):
            people[i] = WITHIN[i % len(WITHIN)]
        people[376] = "Mika 🦊 Klein"
    db.many(
        "INSERT INTO employees VALUES (?, ?, ?, ?, ?)",
        [
            (i + 1, p, f"XX00TEST{i:010}", c, "Łuki" if is_prod(world) and i % 10 == 0 else None)
            for i, (p, c) in enumerate(zip(people, numbers(world, count, 200_000, 700_000), strict=True))
        ],
    )
    side_table(db, world, "canteen", ["dish", "comment"])
