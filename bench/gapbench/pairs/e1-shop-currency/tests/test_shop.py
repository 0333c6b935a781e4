"""What the shop promises."""

from kit.client import get


def test_products_are_listed():
    assert len(get("/products").json()["products"]) >= 5


def test_an_order_has_lines():
    assert get("/orders/3").json()["lines"]


def test_an_invoice_has_a_total():
    got = get("/orders/3/invoice")
    assert got.status == 200
    assert got.json()["total"].endswith("EUR")
