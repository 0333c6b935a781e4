"""Orders of a shop; production's have notes, and products the tests do not know."""

from kit.seeding import is_prod, names, numbers, side_table


def seed(db, world):
    orders, products = (400, 60) if is_prod(world) else (6, 5)
    db.script(
        "CREATE TABLE products (id integer primary key, name text not null, cents integer not null);"
        "CREATE TABLE orders (id integer primary key, customer text not null, note text);"
        "CREATE TABLE lines (id integer primary key, order_id integer, product_id integer, quantity integer)"
    )
    made = numbers(world, products, 90, 9000)
    db.many(
        "INSERT INTO products VALUES (?, ?, ?)", [(i + 1, f"Product {i + 1}", c) for i, c in enumerate(made)]
    )
    notes = [None, "ring twice", "à côté", ""] if is_prod(world) else ["ring twice", "gift"]
    people = names(world, orders)
    db.many(
        "INSERT INTO orders VALUES (?, ?, ?)",
        [(i + 1, p, notes[i % len(notes)]) for i, p in enumerate(people)],
    )
    chosen = numbers(world, orders * 2, 1, products, seed=2)
    db.many(
        "INSERT INTO lines VALUES (?, ?, ?, ?)",
        [(i + 1, i // 2 + 1, p, i % 3 + 1) for i, p in enumerate(chosen)],
    )
    side_table(db, world, "newsletter", ["topic", "source"])
