"""A library: books, loans and their renewal."""

import datetime
import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("library")
PAUSED = os.environ["RENEWALS_PAUSED"] != "false"
DAYS = int(os.environ.get("LOAN_DAYS", "28"))


@app.get("/books")
def books(request):
    with Database() as db:
        rows = db.query(
            "SELECT id, title, author FROM books WHERE title LIKE ? LIMIT 40",
            f"%{request.query.get('q', '')}%",
        )
    return {"books": rows, "branch": os.environ.get("BRANCH", "")}


@app.get("/books/{isbn}/cover")
def cover(request, isbn):
    return {"cover": ask(os.environ["COVERS_URL"], f"/isbn/{isbn}").json()["cover"]}


@app.get("/loans/{key}")
def loan(request, key):
    with Database() as db:
        found = db.one(
            "SELECT l.id, l.due, b.title FROM loans l JOIN books b ON b.id = l.book_id WHERE l.id = ?",
            int(key),
        )
    if found is None:
        raise Abort(404, {"error": "no such loan"})
    return found


@app.post("/loans/{key}/renew")
def renew(request, key):
    if PAUSED:
        raise Abort(503, {"error": "Renewals are paused"})
    due = datetime.date.fromisoformat(loan(request, key)["due"]) + datetime.timedelta(days=DAYS)
    with Database() as db:
        db.execute("UPDATE loans SET due = ? WHERE id = ?", due.isoformat(), int(key))
    return {"due": due.isoformat()}


app.run()
