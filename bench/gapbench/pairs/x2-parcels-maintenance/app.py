"""Parcels: where each is, by what the carrier says."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("parcels")


def parcel(key):
    with Database() as db:
        found = db.one("SELECT id, number, receiver FROM parcels WHERE id = ?", int(key))
    if found is None:
        raise Abort(404, {"error": "unknown parcel"})
    return found


@app.get("/parcels")
def parcels(request):
    with Database() as db:
        return {
            "parcels": db.query("SELECT id, number FROM parcels ORDER BY id LIMIT 25"),
            "depot": os.environ["DEPOT"],
        }


@app.get("/services")
def services(request):
    return {"services": ask(os.environ["CARRIER_URL"], "/services").json()["services"]}


@app.get("/parcels/{key}/where")
def where(request, key):
    found = parcel(key)
    tracked = ask(os.environ["CARRIER_URL"], f"/track/{found['number']}")
    if tracked.status != 200:
        return {"receiver": found["receiver"], "place": "not known"}
    return {"receiver": found["receiver"], "place": tracked.json()["place"]}


app.run()
