"""A school: pupils, marks, certificates."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import App

app = App("school")


@app.get("/pupils")
def pupils(request):
    with Database() as db:
        return {
            "school": os.environ["SCHOOL"],
            "pupils": db.query("SELECT id, name FROM pupils ORDER BY id LIMIT 20"),
        }


@app.get("/pupils/{key}/marks")
def marks(request, key):
    with Database() as db:
        return {
            "marks": db.query("SELECT subject, mark FROM marks WHERE pupil_id = ? ORDER BY subject", int(key))
        }


@app.get("/week")
def week(request):
    return {"lessons": ask(os.environ["PLAN_URL"], "/week").json()["lessons"], "term": os.environ["TERM"]}


@app.get("/certificates/{key}")
def certificate(request, key):
    with Database() as db:
        return {"certificate": db.query("SELECT subject, grade FROM marks WHERE pupil_id = ?", int(key))}


app.run()
