"""Fill the order book with the orders of the old system: `python ops/import_orders.py DATABASE LAST`."""

import sqlite3
import sys
from contextlib import closing


def import_orders(database: str, last: int) -> None:
    """Number the imported orders on from the newest one, up to `last`."""
    with closing(sqlite3.connect(database, timeout=5)) as book, book:
        book.execute("BEGIN IMMEDIATE")
        first = book.execute("SELECT coalesce(max(sequence), 0) + 1 FROM orders").fetchone()[0]
        book.executemany(
            "INSERT INTO orders (sequence, number, amount, receipt) VALUES (?, ?, ?, ?)",
            ((n, f"{'ABC'[n // 1000]}{n % 1000:03d}", 2680, f"p-{n:06d}") for n in range(first, last + 1)),
        )


if __name__ == "__main__":
    import_orders(sys.argv[1], int(sys.argv[2]))
