"""A bookshop: a page with a search."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Answer, App

app = App("bookshop")

SCRIPT = """
document.getElementById('go').addEventListener('click', async () => {
  const answer = await fetch('/api/search?q=' + encodeURIComponent(document.getElementById('q').value));
  const books = answer.ok ? (await answer.json()).books : [{ title: 'Sorry, try again later' }];
  document.getElementById('hits').innerHTML = books.map((b) => '<li>' + b.title).join('');
});
"""


@app.get("/")
def page(request):
    vat = ask(os.environ["PRICES_URL"], "/vat").json()["percent"]
    return (
        f"<!doctype html><meta charset='utf-8'><title>Books</title><h1>{os.environ['SHOP']}</h1><p>with {vat} % VAT</p>"
        "<input id='q'><button id='go'>Search</button><ul id='hits'></ul><script src='/search.js'></script>"
    )


@app.get("/search.js")
def script(request):
    return Answer(SCRIPT.encode(), content_type="text/javascript")


@app.get("/api/search")
def search(request):
    q = request.query.get("q", "")
    with Database() as db:
        return {
            "books": db.query(
                f"SELECT id, title FROM books WHERE title LIKE '%{q}%' LIMIT {int(os.environ['HITS'])}"
            )
        }


app.run()
