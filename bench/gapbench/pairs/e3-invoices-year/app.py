"""Invoices, booked into the fiscal year of the day on which they were issued."""

import datetime
import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("invoices")


def fiscal_year(issued):
    local = datetime.datetime.fromtimestamp(issued)
    with Database() as db:
        row = db.one("SELECT year, opened FROM fiscal_years WHERE year = ?", local.year)
    if row is None or not row["opened"]:
        raise LookupError(f"fiscal year {local.year} is not open")
    return row["year"]


@app.get("/invoices")
def invoices(request):
    with Database() as db:
        return {"invoices": db.query("SELECT id, customer, cents FROM invoices ORDER BY id LIMIT 50")}


@app.get("/invoices/{key}")
def invoice(request, key):
    with Database() as db:
        found = db.one("SELECT id, customer, cents, issued FROM invoices WHERE id = ?", int(key))
    if found is None:
        raise Abort(404, {"error": "no such invoice"})
    company = ask(os.environ["REGISTRY_URL"], "/companies/77").json()["name"]
    number = f"{os.environ['INVOICE_PREFIX']}-{fiscal_year(found['issued'])}-{found['id']:05}"
    vat = found["cents"] * int(os.environ["VAT_PERCENT"]) // 100
    return {
        "number": number,
        "seller": company,
        "customer": found["customer"],
        "cents": found["cents"],
        "vat": vat,
    }


app.run()
