"""A fruit stall: a list of everything, and a search that draws into the same list."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Answer, App

app = App("fruit")

PAGE = """<!doctype html><meta charset="utf-8"><title>Fruit</title><h1>{stall}</h1>
<label>Search <input id="q"></label><ul id="fruit"></ul><script src="/fruit.js"></script>"""

SCRIPT = """
const list = document.getElementById('fruit');
async function draw(path) {
  const found = await (await fetch(path)).json();
  list.replaceChildren(...found.products.map((p) => {
    const item = document.createElement('li');
    item.textContent = p.name;
    return item;
  }));
}
document.getElementById('q').addEventListener('input', (event) => {
  draw('/api/search?q=' + encodeURIComponent(event.target.value));
});
draw('/api/products');
"""


@app.get("/")
def page(request):
    return PAGE.format(stall=os.environ["STALL"])


@app.get("/fruit.js")
def script(request):
    return Answer(SCRIPT.encode(), content_type="text/javascript")


@app.get("/api/products")
def products(request):
    with Database() as db:
        return {"products": db.query("SELECT id, name FROM products ORDER BY id LIMIT 12")}


@app.get("/api/search")
def search(request):
    with Database() as db:
        return {
            "products": db.query(
                "SELECT id, name FROM products WHERE name LIKE ? ORDER BY id LIMIT 12",
                f"%{request.query['q']}%",
            )
        }


@app.get("/api/scales")
def scales(request):
    return {"offset": ask(os.environ["SCALES_URL"], "/calibration").json()["offset"]}


app.run()
