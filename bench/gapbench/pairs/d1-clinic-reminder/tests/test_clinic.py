"""What the clinic's desk relies on."""

from kit.client import get, post


def test_patients_are_paged():
    assert get("/patients").json()["patients"]


def test_a_day_has_appointments():
    assert get("/appointments/2026-12-01").json()["appointments"]


def test_reminders_go_out():
    got = post("/reminders/2026-12-01")
    assert got.status == 200, got.text
    assert got.json()["mails"] >= 3


def test_no_reminders_on_a_holiday():
    assert post("/reminders/2026-12-25").status == 409
