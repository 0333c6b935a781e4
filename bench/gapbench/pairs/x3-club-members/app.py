"""A rowing club: a page with all members, from the federation's register, and the club's boats."""

import html
import os

from kit.db import Database
from kit.outside import ask
from kit.web import App

app = App("club")

PAGE = """<!doctype html><meta charset="utf-8"><title>{club}</title><h1>{club} {season}</h1>
<ul id="boats">{boats}</ul>
<label>Find <input id="find"></label><ul id="members"></ul>
<script>
const all = fetch('/api/members').then((answer) => answer.json());
async function draw() {{
  const wanted = document.getElementById('find').value.toLowerCase();
  const found = (await all).members.filter((m) => m.name.toLowerCase().includes(wanted));
  document.getElementById('members').replaceChildren(...found.map((m) => {{
    const item = document.createElement('li');
    item.textContent = m.name;
    return item;
  }}));
}}
document.getElementById('find').addEventListener('input', draw);
draw();
</script>"""


@app.get("/")
def page(request):
    with Database() as db:
        boats = db.query("SELECT name, seats FROM boats ORDER BY id LIMIT 12")
    items = "".join(f"<li>{html.escape(boat['name'])} ({boat['seats']})</li>" for boat in boats)
    return PAGE.format(club=html.escape(os.environ["CLUB"]), season=os.environ["SEASON"], boats=items)


@app.get("/api/members")
def members(request):
    return {"members": ask(os.environ["REGISTER_URL"], "/members").json()["members"]}


app.run()
