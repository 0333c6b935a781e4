"""Rides and their photos."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import App

app = App("rides")


def latest(db):
    return db.one("SELECT id, title, km FROM rides ORDER BY id DESC LIMIT 1")


@app.get("/rides")
def rides(request):
    with Database() as db:
        rows = db.query("SELECT id, title, km FROM rides ORDER BY id LIMIT ?", int(os.environ["FEED_LIMIT"]))
    return {"rides": rows, "units": os.environ["UNITS"]}


@app.get("/rides/latest")
def show(request):
    with Database() as db:
        ride = latest(db)
    return {**ride, "climb": ask(os.environ["ELEVATION_URL"], "/profile?km=12").json()["metres"]}


@app.post("/rides/latest/photos")
def photo(request):
    caption = str(request.json().get("caption", ""))
    with Database() as db:
        ride = latest(db)
        db.execute("INSERT INTO photos (ride_id, caption) VALUES (?, ?)", ride["id"], caption)
    return {"ride": ride["id"], "caption": caption}


app.run()
