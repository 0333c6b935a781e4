"""The database: products and orders in SQLite, its schema brought up to date at every start."""

import os
import sqlite3
from contextlib import closing

MIGRATIONS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "migrations")


def connect(path: str) -> sqlite3.Connection:
    """Open the database; a writer waits up to five seconds for another."""
    connection = sqlite3.connect(path, timeout=5)
    connection.row_factory = sqlite3.Row
    return connection


def migrate(path: str) -> None:
    """Apply the migrations this database has not seen, in the order of their names."""
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        seen: int = connection.execute("PRAGMA user_version").fetchone()[0]
        for number, name in enumerate(sorted(os.listdir(MIGRATIONS)), start=1):
            if number > seen:
                with open(os.path.join(MIGRATIONS, name), encoding="utf-8") as file:
                    connection.executescript(f"BEGIN; {file.read()} PRAGMA user_version={number}; COMMIT;")


def products(connection: sqlite3.Connection) -> list[dict[str, object]]:
    """Return what is for sale, prices in cents."""
    return [dict(row) for row in connection.execute("SELECT sku, name, price FROM products ORDER BY sku")]


def price(connection: sqlite3.Connection, sku: str) -> int | None:
    """Return the price of a product in cents, or None when it is not for sale."""
    row = connection.execute("SELECT price FROM products WHERE sku = ?", (sku,)).fetchone()
    return None if row is None else int(row["price"])


def next_sequence(connection: sqlite3.Connection) -> int:
    """Return the running number of the next order."""
    row = connection.execute("SELECT coalesce(max(sequence), 0) + 1 FROM orders").fetchone()
    return int(row[0])
