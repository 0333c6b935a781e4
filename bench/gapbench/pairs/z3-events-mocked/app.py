"""Events: a page with a form for signing up."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("events")

PAGE = """<!doctype html><meta charset="utf-8"><title>Events</title><h1>{venue}, {day}</h1>
<input id="name" placeholder="Name"><input id="guests" value="1"><button id="go">Sign up</button><p id="state"></p>
<script>
document.getElementById('go').addEventListener('click', async () => {{
  const answer = await fetch('/api/signups', {{ method: 'POST', body: JSON.stringify({{
    name: document.getElementById('name').value, guests: document.getElementById('guests').value }}) }});
  const told = await answer.json();
  document.getElementById('state').textContent = answer.ok ? 'see you, ' + told.name : told.error;
}});
</script>"""


@app.get("/")
def page(request):
    return PAGE.format(venue=os.environ["VENUE"], day=ask(os.environ["CALENDAR_URL"], "/next").json()["day"])


@app.get("/api/signups")
def signups(request):
    with Database() as db:
        return {
            "signups": db.one("SELECT count(*) AS n FROM signups")["n"],
            "max": int(os.environ["MAX_GUESTS"]),
        }


@app.post("/api/signups")
def sign_up(request):
    told = request.json()
    if not isinstance(told.get("guests"), int):
        raise Abort(422, {"error": "guests must be a number"})
    with Database() as db:
        db.execute("INSERT INTO signups (name, guests) VALUES (?, ?)", told["name"], told["guests"])
    return {"name": told["name"]}


app.run()
