"""What the app relies on."""

from kit.client import get


def test_home_shows_the_latest():
    assert len(get("/").json()["latest"]) == 10


def test_there_are_leaders():
    got = get("/leaderboard")
    assert got.status == 200
    assert got.json()["leaders"][0]["firsts"] >= 1
