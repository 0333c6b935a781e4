"""Plans that are rendered for printing by three renderers."""

import os
import threading
import time

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("plans")
renderers = threading.BoundedSemaphore(3)


@app.get("/plans")
def plans(request):
    with Database() as db:
        return {
            "studio": os.environ["STUDIO"],
            "plans": db.query("SELECT id, title FROM plans ORDER BY id LIMIT 20"),
        }


@app.get("/fonts")
def fonts(request):
    return {"fonts": ask(os.environ["FONTS_URL"], "/list").json()["fonts"]}


@app.get("/plans/latest/print")
def render(request):
    with Database() as db:
        plan = db.one("SELECT id, title, pages FROM plans ORDER BY id DESC LIMIT 1")
    if not renderers.acquire(timeout=1.0):
        raise Abort(503, {"error": "no renderer became free"})
    try:
        time.sleep(plan["pages"] * 0.001)
    finally:
        renderers.release()
    return {"plan": plan["id"], "pages": plan["pages"], "dpi": int(os.environ["DPI"])}


app.run()
