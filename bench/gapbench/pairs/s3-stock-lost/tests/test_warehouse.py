"""What the warehouse relies on."""

from kit.client import get, post


def test_articles_are_listed():
    assert len(get("/articles").json()["articles"]) >= 9


def test_an_article_is_taken_and_the_audit_agrees():
    assert post("/articles/7/take").status == 200
    got = get("/articles/7/audit")
    assert got.status == 200, got.text
    assert got.json()["movements"] >= 1
