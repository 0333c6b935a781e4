"""Photos that are kept in files."""

import os
import tempfile

from kit.db import Database
from kit.outside import ask
from kit.web import App

app = App("photos")
kept = tempfile.TemporaryDirectory(prefix="photos-")


@app.get("/photos")
def photos(request):
    with Database() as db:
        return {
            "album": os.environ["ALBUM"],
            "photos": db.query("SELECT id, title FROM photos ORDER BY id LIMIT 20"),
        }


@app.get("/model")
def model(request):
    return {
        "model": ask(os.environ["FACES_URL"], "/model").json()["model"],
        "quality": int(os.environ["QUALITY"]),
    }


@app.post("/photos")
def add(request):
    with open(os.path.join(kept.name, "latest.jpg"), "wb") as file:
        file.write(request.body)
        file.flush()
        os.fsync(file.fileno())
    return {"bytes": len(request.body)}


app.run()
