"""A checkout that completes the address by an outside service."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("checkout")


@app.get("/baskets/{key}")
def basket(request, key):
    with Database() as db:
        rows = db.query("SELECT article, quantity FROM baskets WHERE owner = ?", int(key))
    if not rows:
        raise Abort(404, {"error": "empty"})
    return {"lines": rows, "gift_wrap": os.environ["GIFT_WRAP"] == "1"}


@app.post("/checkout")
def checkout(request):
    code = str(request.json()["zip"])
    if not code.isdigit():
        raise Abort(422, {"error": "zip must be digits"})
    town = ask(os.environ["ADDRESSES_URL"], f"/zip/{code}", timeout=0.5).json()["town"]
    return {"ship_to": f"{code} {town}", "country": os.environ["COUNTRY"]}


app.run()
