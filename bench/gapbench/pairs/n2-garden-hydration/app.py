"""A nursery's shop window: rendered on the server, brought to life by a script."""

import html
import os

from kit.db import Database
from kit.outside import ask
from kit.web import Answer, App

app = App("nursery")

SCRIPT = """
let count = 0;
for (const button of document.querySelectorAll('button.add')) {
  button.addEventListener('click', () => {
    count += 1;
    document.getElementById('basket').textContent = count + ' in the basket';
  });
}
"""


@app.get("/")
def page(request):
    with Database() as db:
        plants = db.query("SELECT id, name, cents FROM plants ORDER BY id LIMIT 6")
    items = "".join(
        f"<li>{html.escape(p['name'])} {p['cents'] * (100 + int(os.environ['VAT'])) // 10000} € <button class='add'>Add</button></li>"
        for p in plants
    )
    return (
        f"<!doctype html><meta charset='utf-8'><title>Plants</title><h1>{html.escape(os.environ['NURSERY'])}</h1>"
        "<script type='module' async src='/shop.js'></script>"
        f"<p id='basket'>0 in the basket</p><ul>{items}</ul>"
    )


@app.get("/shop.js")
def script(request):
    return Answer(SCRIPT.encode(), content_type="text/javascript")


@app.get("/frost")
def frost(request):
    return {"frost": ask(os.environ["FROST_URL"], "/tonight").json()["frost"]}


app.run()
