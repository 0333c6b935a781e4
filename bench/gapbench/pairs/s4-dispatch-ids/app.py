"""Dispatch of jobs to drivers."""

import os
import time

from kit.db import Database
from kit.outside import ask
from kit.web import App

app = App("dispatch")


@app.get("/jobs")
def jobs(request):
    with Database() as db:
        return {
            "region": os.environ["REGION"],
            "jobs": db.query("SELECT number, what FROM jobs ORDER BY number DESC LIMIT 20"),
        }


@app.get("/delay")
def delay(request):
    return {"minutes": ask(os.environ["TRAFFIC_URL"], "/delay").json()["minutes"]}


@app.post("/jobs")
def job(request):
    what = str(request.json().get("what", ""))
    number = int(time.time() * 100)
    with Database() as db:
        db.execute(
            "INSERT INTO jobs (number, what, shift) VALUES (?, ?, ?)", number, what, os.environ["SHIFT"]
        )
    return {"number": number}


app.run()
