"""Trips with a price in the traveller's currency, by the rates of an outside provider."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("travel")


@app.get("/trips")
def trips(request):
    with Database() as db:
        return {"trips": db.query("SELECT id, title, euros FROM trips ORDER BY id LIMIT 100")}


@app.get("/trips/{key}")
def trip(request, key):
    with Database() as db:
        found = db.one("SELECT id, title, euros, guide FROM trips WHERE id = ?", int(key))
    if found is None:
        raise Abort(404, {"error": "unknown trip"})
    return found


@app.get("/trips/{key}/price")
def price(request, key):
    currency = request.query.get("currency", os.environ["DEFAULT_CURRENCY"])
    euros = trip(request, key)["euros"]
    if currency == "EUR":
        return {"price": euros, "currency": "EUR"}
    latest = ask(os.environ["RATES_URL"], "/v1/latest?base=EUR").json()
    markup = 1 + int(os.environ.get("MARKUP_PERCENT", "0")) / 100
    return {"price": round(euros * float(latest["rates"][currency]) * markup, 2), "currency": currency}


app.run()
