"""Payroll: salaries, and the export that the bank reads."""

import csv
import io
import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, Answer, App

app = App("payroll")


@app.get("/employees")
def employees(request):
    with Database() as db:
        return {"employees": db.query("SELECT id, name FROM employees ORDER BY id LIMIT 20")}


@app.get("/employees/{key}/payslip")
def payslip(request, key):
    with Database() as db:
        row = db.one("SELECT name, cents FROM employees WHERE id = ?", int(key))
    if row is None:
        raise Abort(404, {"error": "unknown"})
    percent = ask(os.environ["TAX_URL"], "/tables/2026").json()["percent"]
    return {"name": row["name"], "gross": row["cents"], "net": row["cents"] * (100 - percent) // 100}


@app.get("/payroll/{month}.csv")
def export(request, month):
    percent = ask(os.environ["TAX_URL"], "/tables/2026").json()["percent"]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=os.environ["CSV_SEPARATOR"])
    with Database() as db:
        for row in db.query("SELECT id, name, iban, cents FROM employees ORDER BY id"):
            net = row["cents"] * (100 - percent) // 100
            writer.writerow([month, os.environ["BANK_BIC"], row["name"], row["iban"], f"{net / 100:.2f}"])
    return Answer(out.getvalue().encode("latin-1"), content_type="text/csv; charset=iso-8859-1")


app.run()
