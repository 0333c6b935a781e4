"""An archive that takes documents, after it asked the virus scanner whether it is ready."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("archive")


def limit():
    return int(os.environ.get("UPLOAD_LIMIT", "1000000"))


@app.get("/documents")
def documents(request):
    with Database() as db:
        return {"documents": db.query("SELECT id, name, size FROM documents ORDER BY id LIMIT 30")}


@app.get("/documents/{key}")
def document(request, key):
    with Database() as db:
        found = db.one("SELECT id, name, size, owner FROM documents WHERE id = ?", int(key))
    if found is None:
        raise Abort(404, {"error": "not in the archive"})
    return {**found, "kept_for": int(os.environ["RETENTION_DAYS"]), "label": os.environ["ARCHIVE_LABEL"]}


@app.post("/documents")
def upload(request):
    if not ask(os.environ["SCANNER_URL"], "/v1/status").json()["ready"]:
        raise Abort(503, {"error": "the scanner is not ready"})
    if len(request.body) > limit():
        raise Abort(413, {"error": "too large"})
    with Database() as db:
        db.execute(
            "INSERT INTO documents (name, size, owner) VALUES (?, ?, ?)",
            request.query.get("name", "unnamed"),
            len(request.body),
            "desk",
        )
    return {"stored": len(request.body)}


app.run()
