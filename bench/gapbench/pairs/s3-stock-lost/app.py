"""A warehouse: articles, taking one, and the audit that compares the stock with the book of movements."""

import os
import time

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("warehouse")


class StockMismatch(Exception):
    """The stock is not what the movements say."""


def stock(db, key):
    found = db.one("SELECT id, name, stock, opening FROM articles WHERE id = ?", int(key))
    if found is None:
        raise Abort(404, {"error": "no such article"})
    return found


@app.get("/articles")
def articles(request):
    with Database() as db:
        rows = db.query("SELECT id, name, stock FROM articles ORDER BY id LIMIT 30")
    return {"warehouse": os.environ["WAREHOUSE"], "articles": rows}


@app.post("/articles/{key}/take")
def take(request, key):
    free = ask(os.environ["FORKLIFT_URL"], "/slots").json()["free"]
    with Database() as db:
        left = stock(db, key)["stock"]
    if left < 1 or free < 1:
        raise Abort(409, {"error": "nothing to take"})
    time.sleep(0.005)  # the label is printed
    with Database() as db:
        db.execute("UPDATE articles SET stock = ? WHERE id = ?", left - 1, int(key))
        db.execute("INSERT INTO movements (article_id, change) VALUES (?, -1)", int(key))
    return {"left": left - 1, "reorder": left - 1 < int(os.environ["REORDER_AT"])}


@app.get("/articles/{key}/audit")
def audit(request, key):
    with Database() as db:
        article = stock(db, key)
        moved = db.one("SELECT coalesce(sum(change), 0) AS n FROM movements WHERE article_id = ?", int(key))[
            "n"
        ]
    if article["opening"] + moved != article["stock"]:
        raise StockMismatch(
            f"article {key}: {article['stock']} on the shelf, {article['opening'] + moved} in the book"
        )
    return {"article": article["name"], "stock": article["stock"], "movements": -moved}


app.run()
