"""A bakery: orders, and how they are split."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import App

app = App("bakery")


@app.get("/orders")
def orders(request):
    with Database() as db:
        return {
            "bakery": os.environ["BAKERY"],
            "orders": db.query("SELECT id, customer, pieces FROM orders ORDER BY id LIMIT 20"),
        }


@app.get("/orders/split")
def split(request):
    pieces, persons = int(request.query["pieces"]), int(request.query["persons"])
    flour = ask(os.environ["MILL_URL"], "/price").json()["cents"]
    return {
        "each": pieces // persons,
        "rest": pieces % persons,
        "cents": pieces * flour // 10 + int(os.environ["OVENS"]),
    }


app.run()
