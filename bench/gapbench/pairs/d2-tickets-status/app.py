"""A ticket desk: a page that draws a table of tickets from JSON."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Answer, App

app = App("tickets")

PAGE = """<!doctype html><meta charset="utf-8"><title>Tickets</title><h1>{desk}</h1><p>{me}</p>
<label>Search <input id="q"></label> <button id="go">Search</button>
<p id="problem" role="alert"></p><table><tbody id="rows"></tbody></table><p id="count"></p>
<script src="/desk.js"></script>"""

SCRIPT = """
const STATUS = { open: { label: 'Open' }, waiting: { label: 'Waiting' }, closed: { label: 'Closed' } };
async function draw(q) {
  const found = await (await fetch('/api/tickets?q=' + encodeURIComponent(q))).json();
  try {
    const rows = found.tickets.map((t) => '<tr><td>' + t.id + '<td>' + t.subject + '<td>' + STATUS[t.status].label);
    document.getElementById('rows').innerHTML = rows.join('');
    document.getElementById('count').textContent = rows.length + ' tickets';
  } catch (error) {
    document.getElementById('problem').textContent = 'Something went wrong: ' + error.message;
  }
}
document.getElementById('go').addEventListener('click', () => draw(document.getElementById('q').value));
draw('');
"""


@app.get("/")
def page(request):
    return PAGE.format(desk=os.environ["DESK_NAME"], me=ask(os.environ["PEOPLE_URL"], "/me").json()["name"])


@app.get("/desk.js")
def script(request):
    return Answer(SCRIPT.encode(), content_type="text/javascript")


@app.get("/api/tickets")
def tickets(request):
    q = request.query.get("q", "")
    with Database() as db:
        return {
            "tickets": db.query(
                "SELECT id, subject, status FROM tickets WHERE subject LIKE ? ORDER BY id", f"%{q}%"
            )
        }


app.run()
