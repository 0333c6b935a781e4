"""Timetables of bus lines, with a deadline as a gateway would have it."""

import os
import time

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("timetable")
DEADLINE = 2.0


@app.get("/lines")
def lines(request):
    with Database() as db:
        return {
            "network": os.environ["NETWORK_NAME"],
            "lines": db.query("SELECT id, name FROM lines ORDER BY id LIMIT 20"),
        }


@app.get("/lines/{key}")
def line(request, key):
    until = time.monotonic() + DEADLINE
    delayed = ask(os.environ["REALTIME_URL"], f"/lines/{key}").json()["delayed"]
    stops = []
    with Database() as db:
        for number in range(1, 81):
            if time.monotonic() > until:
                raise Abort(504, {"error": f"deadline of {DEADLINE} s exceeded"})
            stop = db.one("SELECT name, minute FROM stops WHERE line_id = ? AND number = ?", int(key), number)
            if stop is not None:
                stops.append(stop)
    return {"stops": stops, "delayed": delayed, "grace": int(os.environ["GRACE_MINUTES"])}


app.run()
