"""Recipes: a page that loads them with a time limit."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Answer, App

app = App("recipes")

PAGE = """<!doctype html><meta charset="utf-8"><title>Recipes</title><h1>{kitchen}</h1>
<p id="state">loading</p><ol id="recipes"></ol><script src="/recipes.js"></script>"""

SCRIPT = """
async function load() {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), 400);
  const state = document.getElementById('state');
  try {
    const answer = await fetch('/api/recipes', { signal: limit.signal });
    const { recipes } = await answer.json();
    for (const recipe of recipes) {
      const item = document.createElement('li');
      item.textContent = recipe.title + ' for ' + recipe.servings;
      document.getElementById('recipes').append(item);
    }
    state.textContent = recipes.length + ' recipes';
  } catch (error) {
    state.textContent = 'Recipes could not be loaded (' + error.name + ')';
  } finally {
    clearTimeout(timer);
  }
}
load();
"""


@app.get("/")
def page(request):
    return PAGE.format(kitchen=os.environ["KITCHEN"])


@app.get("/recipes.js")
def script(request):
    return Answer(SCRIPT.encode(), content_type="text/javascript")


@app.get("/api/recipes")
def recipes(request):
    with Database() as db:
        rows = db.query("SELECT id, title FROM recipes ORDER BY id LIMIT 10")
    return {"recipes": [{**row, "servings": int(os.environ["SERVINGS"])} for row in rows]}


@app.get("/api/units")
def units(request):
    return {"cup": ask(os.environ["UNITS_URL"], "/table").json()["cup"]}


app.run()
