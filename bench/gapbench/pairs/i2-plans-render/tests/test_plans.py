"""What the studio relies on."""

from kit.client import get


def test_plans_are_listed():
    assert len(get("/plans").json()["plans"]) >= 6


def test_fonts_are_known():
    assert "sans" in get("/fonts").json()["fonts"]


def test_the_latest_plan_is_printed():
    got = get("/plans/latest/print")
    assert got.status == 200
    assert got.json()["pages"] >= 1
