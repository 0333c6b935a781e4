"""A newsletter: subscribers and the audience of the next issue."""

import os
import sqlite3

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("newsletter")


@app.get("/subscribers/{key}")
def subscriber(request, key):
    with Database() as db:
        found = db.one("SELECT id, email, language FROM subscribers WHERE id = ?", int(key))
    if found is None:
        raise Abort(404, {"error": "unknown"})
    return found


@app.get("/quota")
def quota(request):
    return {"left": ask(os.environ["MAILER_URL"], "/quota").json()["left"], "batch": int(os.environ["BATCH"])}


@app.get("/audience")
def audience(request):
    with Database() as db:
        db.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)  # as in the servers' build
        active = [row["id"] for row in db.query("SELECT id FROM subscribers WHERE active = 1")]
        marks = ",".join("?" * len(active))
        rows = db.query(
            f"SELECT language, count(*) AS n FROM subscribers WHERE id IN ({marks}) GROUP BY language",
            *active,
        )
    return {
        "sender": os.environ["SENDER"],
        "audience": {row["language"] or "other": row["n"] for row in rows},
    }


app.run()
