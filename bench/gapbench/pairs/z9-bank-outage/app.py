"""A bank's accounts."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("bank")


@app.get("/accounts")
def accounts(request):
    with Database() as db:
        rows = db.query("SELECT id, owner, cents FROM accounts ORDER BY id LIMIT 20")
    return {"branch": os.environ["BRANCH"], "limit": int(os.environ["LIMIT_EUROS"]), "accounts": rows}


@app.get("/accounts/{key}/cleared")
def cleared(request, key):
    answer = ask(os.environ["CLEARING_URL"], f"/accounts/{key}")
    if answer.status != 200:
        raise Abort(502, {"error": f"the clearing house answered {answer.status}"})
    return {"cleared": answer.json()["cleared"]}


app.run()
