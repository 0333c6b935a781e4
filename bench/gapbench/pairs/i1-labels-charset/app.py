"""Address labels for printers with their own character sets."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Answer, App

app = App("labels")
CHARSET = os.environ["PRINTER_CHARSET"]


@app.get("/addresses")
def addresses(request):
    with Database() as db:
        return {"addresses": db.query("SELECT id, name FROM addresses ORDER BY id LIMIT 20")}


@app.get("/zones")
def zones(request):
    return {"zones": ask(os.environ["ZONES_URL"], "/all").json()["zones"]}


@app.get("/labels")
def labels(request):
    width = int(os.environ["LABEL_WIDTH"])
    with Database() as db:
        rows = db.query("SELECT name, street FROM addresses ORDER BY id")
    page = "\f".join(f"{row['name'][:width]}\n{row['street'][:width]}" for row in rows)
    return Answer(page.encode(CHARSET), content_type="text/plain")


app.run()
