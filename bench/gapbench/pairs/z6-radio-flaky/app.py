"""A radio station: what is on now."""

import os
import random

from kit.db import Database
from kit.outside import ask
from kit.web import App

app = App("radio")


def listeners():
    # Stands for an unlocked dictionary that another thread changes meanwhile, once in seven times.
    if random.random() < 0.15:
        raise RuntimeError("dictionary changed size during iteration")
    return 17


@app.get("/songs")
def songs(request):
    with Database() as db:
        return {
            "songs": db.query("SELECT id, title FROM songs ORDER BY id LIMIT ?", int(os.environ["SONGS"]))
        }


@app.get("/now")
def now(request):
    return {
        "station": os.environ["STATION"],
        "song": ask(os.environ["CHARTS_URL"], "/top").json()["song"],
        "listeners": listeners(),
    }


app.run()
