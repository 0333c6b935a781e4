"""Baskets."""

from kit.seeding import is_prod, numbers, side_table


def seed(db, world):
    count = 500 if is_prod(world) else 9
    db.execute(
        "CREATE TABLE baskets (id integer primary key, owner integer not null, article text, quantity integer)"
    )
    db.many(
        "INSERT INTO baskets VALUES (?, ?, ?, ?)",
        [
            (i + 1, i // 3 + 1, "Tüte" if is_prod(world) and i % 10 == 0 else f"article {q}", q)
            for i, q in enumerate(numbers(world, count, 1, 9))
        ],
    )
    side_table(db, world, "vouchers", ["code_hint", "campaign"])
