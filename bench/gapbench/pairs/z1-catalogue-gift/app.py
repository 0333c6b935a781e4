"""A catalogue of toys, and gift cards."""

import html
import os

from kit.db import Database
from kit.outside import ask
from kit.web import App

app = App("toys")
TEMPLATES = {
    "catalogue.html": "<!doctype html><meta charset='utf-8'><title>{shop}</title><h1>{shop}</h1>"
    "<p id='stock'>{stock} in stock</p><ul id='toys'>{toys}</ul><a href='/gift-cards/new'>Gift cards</a>",
    "gift_card.html": "<!doctype html><title>Gift card</title><form method='post'><input name='euros'></form>",
}


@app.get("/")
def catalogue(request):
    with Database() as db:
        toys = db.query("SELECT name FROM toys ORDER BY id LIMIT ?", int(os.environ["PER_PAGE"]))
    stock = ask(os.environ["STOCK_URL"], "/count").json()["count"]
    items = "".join(f"<li>{html.escape(toy['name'])}</li>" for toy in toys)
    return TEMPLATES["catalogue.html"].format(shop=os.environ["SHOP"], stock=stock, toys=items)


@app.get("/gift-cards/new")
def gift_card(request):
    return TEMPLATES["gift-card.html"]


app.run()
