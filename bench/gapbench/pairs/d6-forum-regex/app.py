"""A forum: the home page shows the beginnings of the newest posts, trimmed."""

import html
import os
import re

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("forum")
TRIM = re.compile(r"^[\s\u200c]+|[\s\u200c]+$")
CHARS = int(os.environ.get("PREVIEW_CHARS", "80"))


@app.get("/")
def home(request):
    with Database() as db:
        posts = db.query("SELECT id, author, body FROM posts ORDER BY posted DESC, id DESC LIMIT 25")
    items = "".join(
        f"<li><a href='/posts/{p['id']}'>{html.escape(TRIM.sub('', p['body'])[:CHARS])}</a> {html.escape(p['author'])}</li>"
        for p in posts
    )
    return (
        f"<!doctype html><title>{os.environ['FORUM']}</title><h1>{os.environ['FORUM']}</h1><ul>{items}</ul>"
    )


@app.get("/posts/{key}")
def post(request, key):
    with Database() as db:
        found = db.one("SELECT author, body FROM posts WHERE id = ?", int(key))
    if found is None:
        raise Abort(404, "<h1>Not Found</h1>")
    avatar = ask(os.environ["AVATARS_URL"], "/default").json()["url"]
    return f"<!doctype html><img src='{avatar}'><b>{html.escape(found['author'])}</b><pre>{html.escape(found['body'])}</pre>"


app.run()
