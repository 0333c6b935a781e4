"""Car rental: a page that asks for a quote."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import App

app = App("cars")

PAGE = """<!doctype html><meta charset="utf-8"><title>Cars</title><h1>Station {station}</h1><p id="cars">{cars} cars</p>
<label>Days <input id="days" value="3"></label> <button id="ask">Quote</button><p id="quote"></p>
<script>
document.getElementById('ask').addEventListener('click', async () => {{
  const answer = await fetch('/api/quote?days=' + document.getElementById('days').value);
  const quote = answer.ok ? (await answer.json()).euros + ' €' : 'no quote today';
  document.getElementById('quote').textContent = quote;
}});
</script>"""


def price(days, fuel):
    return days * 39 + fuel * 40 // 100


@app.get("/")
def page(request):
    with Database() as db:
        cars = db.one("SELECT count(*) AS n FROM cars")["n"]
    return PAGE.format(station=os.environ["STATION"], cars=cars)


@app.get("/api/quote")
def quote(request):
    fuel = ask(os.environ["FUEL_URL"], "/price").json()["cents"]
    return {
        "euros": price(day_count=int(request.query["days"]), fuel=fuel),
        "deposit": int(os.environ["DEPOSIT"]),
    }


app.run()
