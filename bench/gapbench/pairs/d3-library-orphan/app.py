"""A library's list of overdue loans, with the fee and the postage of a reminder."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("overdue")
FEE = int(os.environ["FEE_CENTS"])


def member(db, key):
    return db.one("SELECT id, name, email FROM members WHERE id = ?", key)


@app.get("/members/{key}")
def show(request, key):
    with Database() as db:
        found = member(db, int(key))
        if found is None:
            raise Abort(404, {"error": "no such member"})
        loans = db.query("SELECT id, book, due FROM loans WHERE member_id = ?", int(key))
    return {**found, "loans": loans, "may_borrow": len(loans) < int(os.environ["MAX_LOANS"])}


@app.get("/overdue")
def overdue(request):
    postage = ask(os.environ["POST_URL"], "/rates/letter").json()["cents"]
    listed = []
    with Database() as db:
        for loan in db.query(
            "SELECT id, member_id, book, due FROM loans WHERE due < ? ORDER BY due", "2026-06-01"
        ):
            who = member(db, loan["member_id"])
            listed.append({"book": loan["book"], "member": who["name"], "cents": FEE + postage})
    return {"branch": os.environ["BRANCH_CODE"], "overdue": listed}


app.run()
