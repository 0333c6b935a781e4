"""What the box office relies on."""

from kit.client import get, post


def test_shows_are_listed():
    assert len(get("/shows").json()["shows"]) >= 5


def test_methods_are_offered():
    assert "card" in get("/methods").json()["methods"]


def test_tickets_are_sold():
    got = post("/shows/3/tickets", {"seats": 2})
    assert got.status == 200, got.text
    assert got.json()["state"] == "paid"
