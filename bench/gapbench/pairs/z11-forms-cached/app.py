"""Forms of a city: a page that changes an address."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Answer, App

app = App("forms")

SCRIPT = """
document.getElementById('send').addEventListener('click', async () => {
  const agreed = document.getElementById('agree').checked;
  const answer = await fetch('/api/town?zip=' + document.getElementById('zip').value);
  const town = (await answer.json()).town;
  document.getElementById('state').textContent = agreed ? 'sent to ' + town : 'please agree';
});
"""


@app.get("/")
def page(request):
    with Database() as db:
        open_forms = db.one("SELECT count(*) AS n FROM forms")["n"]
    return (
        f"<!doctype html><meta charset='utf-8'><title>Forms</title><h1>{os.environ['OFFICE']}, desk {os.environ['DESK']}</h1>"
        f"<p id='open'>{open_forms} open</p><input id='zip'><input id='agree' type='checkbox'>"
        "<button id='send'>Send</button><p id='state'></p><script src='/forms.js'></script>"
    )


@app.get("/forms.js")
def script(request):
    return Answer(SCRIPT.encode(), content_type="text/javascript", headers={"Cache-Control": "max-age=86400"})


@app.get("/api/town")
def town(request):
    return {"town": ask(os.environ["POSTCODES_URL"], f"/{request.query['zip']}").json()["town"]}


app.run()
