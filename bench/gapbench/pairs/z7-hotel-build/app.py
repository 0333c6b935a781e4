"""A hotel: rooms and their price."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("hotel")


@app.get("/version")
def version(request):
    return {"version": "1.4.0"}


@app.get("/rooms")
def rooms(request):
    with Database() as db:
        return {
            "hotel": os.environ["HOTEL"],
            "rooms": db.query("SELECT id, name, cents FROM rooms ORDER BY id LIMIT 20"),
        }


@app.get("/rooms/{key}/price")
def price(request, key):
    with Database() as db:
        room = db.one("SELECT id, name, cents FROM rooms WHERE id = ?", int(key))
    if room is None:
        raise Abort(404, {"error": "no such room"})
    percent = ask(os.environ["SEASONS_URL"], "/today").json()["percent"]
    return {"room": room["name"], "cents": room["cents"] * percent // 100}


app.run()
