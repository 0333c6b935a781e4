"""Check-ins at places, and who was there first most often."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import App

app = App("places")


@app.get("/")
def home(request):
    with Database() as db:
        rows = db.query("SELECT id, person, place FROM checkins ORDER BY id DESC LIMIT 10")
    return {
        "city": os.environ["CITY"],
        "zoom": ask(os.environ["MAPS_URL"], "/tiles").json()["zoom"],
        "latest": rows,
    }


@app.get("/leaderboard")
def leaderboard(request):
    with Database() as db:
        db.execute("SET statement_timeout = '1500ms'")
        rows = db.query(
            "SELECT c.person, count(*) AS firsts FROM checkins c WHERE (SELECT count(*) FROM checkins o"
            " WHERE o.place = c.place AND o.id < c.id) = 0 GROUP BY c.person ORDER BY firsts DESC, c.person LIMIT ?",
            int(os.environ["TOP"]),
        )
    return {"leaders": rows}


app.run()
