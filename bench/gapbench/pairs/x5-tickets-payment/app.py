"""Tickets for shows, paid at an outside provider."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("opera")
STATES = {"succeeded": "paid", "processing": "pending", "canceled": "void"}


@app.get("/shows")
def shows(request):
    with Database() as db:
        return {
            "hall": os.environ["HALL"],
            "shows": db.query("SELECT id, title, cents FROM shows ORDER BY id LIMIT 20"),
        }


@app.get("/methods")
def methods(request):
    return {"methods": ask(os.environ["PAYMENTS_URL"], "/methods").json()["methods"]}


@app.post("/shows/{key}/tickets")
def buy(request, key):
    seats = int(request.json().get("seats", 1))
    with Database() as db:
        show = db.one("SELECT id, cents FROM shows WHERE id = ?", int(key))
        if show is None:
            raise Abort(404, {"error": "no such show"})
        intent = ask(os.environ["PAYMENTS_URL"], "/intents", body={"amount": show["cents"] * seats}).json()
        state = STATES[intent["status"]]
        sold = db.one(
            "INSERT INTO tickets (show_id, seats, state) VALUES (?, ?, ?) RETURNING id",
            int(key),
            seats,
            state,
        )
    return {"ticket": sold["id"], "state": state}


app.run()
