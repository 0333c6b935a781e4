"""A clinic: patients, appointments, and the reminders for a day."""

import os

from kit.db import Database
from kit.outside import ask
from kit.web import Abort, App

app = App("clinic")
PAGE = int(os.environ.get("PAGE_SIZE", "20"))


@app.get("/patients")
def patients(request):
    page = int(request.query.get("page", "0"))
    with Database() as db:
        return {
            "patients": db.query(
                "SELECT id, name FROM patients ORDER BY id LIMIT ? OFFSET ?", PAGE, PAGE * page
            )
        }


@app.get("/appointments/{day}")
def appointments(request, day):
    with Database() as db:
        return {"appointments": db.query("SELECT id, patient_id, day FROM appointments WHERE day = ?", day)}


@app.post("/reminders/{day}")
def reminders(request, day):
    closed = ask(os.environ["HOLIDAYS_URL"], f"/{day[:4]}").json()["days"]
    if day in closed:
        raise Abort(409, {"error": "closed that day"})
    with Database() as db:
        rows = db.query(
            "SELECT p.name, p.email FROM appointments a JOIN patients p ON p.id = a.patient_id"
            " WHERE a.day = ? ORDER BY a.id",
            day,
        )
    mails = []
    for row in rows:
        address = row["email"].strip().lower()
        mails.append(
            {"to": address, "subject": f"{os.environ['CLINIC_NAME']}: your appointment, {row['name']}"}
        )
    return {"mails": len(mails), "hours_before": int(os.environ["REMINDER_HOURS"])}


app.run()
