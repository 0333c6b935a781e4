"""A shop: products, orders, invoices with the shipping fee of an outside carrier."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("shop")
CACHE_TTL = int(os.environ.get("CACHE_TTL", "60"))
SECURE = os.environ.get("SESSION_COOKIE_SECURE") == "1"


@app.get("/products")
def products(request):
    with Database() as db:
        return {"products": db.query("SELECT id, name, cents FROM products ORDER BY name LIMIT 50")}


@app.get("/orders/{key}")
def order(request, key):
    with Database() as db:
        found = db.one("SELECT id, customer, note FROM orders WHERE id = ?", int(key))
        if found is None:
            raise Abort(404, {"error": "no such order"})
        lines = db.query(
            "SELECT p.name, l.quantity, p.cents FROM lines l JOIN products p ON p.id = l.product_id"
            " WHERE l.order_id = ? ORDER BY p.name",
            int(key),
        )
    return {**found, "lines": lines}


@app.get("/orders/{key}/invoice")
def invoice(request, key):
    asked = order(request, key)
    fee = ask(os.environ["SHIPPING_URL"], "/v2/fee?zone=eu").json()["fee"]
    total = sum(line["cents"] * line["quantity"] for line in asked["lines"]) / 100 + fee
    return {
        "order": asked["id"],
        "customer": asked["customer"],
        "total": f"{total:.2f} {os.environ['BILLING_CURRENCY']}",
        "from": os.environ.get("MAIL_FROM", "shop@localhost"),
    }


app.run()
