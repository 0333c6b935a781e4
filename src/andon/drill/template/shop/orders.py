"""Placing an order: price it, number it, take the money, write it down."""

import sqlite3

from . import payments, pricing, store

SERIES = "ABC"


class NotForSale(Exception):
    """The basket holds something the shop does not sell."""


def order_number(sequence: int) -> str:
    """Return the number printed on the parcel: a letter for every thousand orders, then three digits."""
    return f"{SERIES[sequence // 1000]}{sequence % 1000:03d}"


def basket(connection: sqlite3.Connection, items: list[dict[str, object]]) -> list[pricing.Line]:
    """Return price and quantity of every line; raises NotForSale for an unknown product."""
    lines = []
    for item in items:
        price = store.price(connection, str(item["sku"]))
        if price is None:
            raise NotForSale(str(item["sku"]))
        lines.append((price, int(str(item.get("quantity", 1)))))
    return lines


def place(connection: sqlite3.Connection, provider: str, request: dict[str, object]) -> dict[str, object]:
    """Charge the customer and record the order; nothing is recorded when the charge fails."""
    items, customer = request["items"], request.get("customer") or {}
    assert isinstance(items, list)
    assert isinstance(customer, dict)
    amount = pricing.total(basket(connection, items), customer)
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        sequence = store.next_sequence(connection)
        number = order_number(sequence)
        receipt = payments.charge(provider, number, amount)
        connection.execute(
            "INSERT INTO orders (sequence, number, amount, receipt) VALUES (?, ?, ?, ?)",
            (sequence, number, amount, receipt),
        )
    return {"order": number, "amount": amount, "receipt": receipt}
