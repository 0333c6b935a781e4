"""What the checkout promises."""

from kit.client import get, post


def test_a_basket_has_lines():
    assert get("/baskets/2").json()["lines"]


def test_letters_are_no_zip():
    assert post("/checkout", {"zip": "abc"}).status == 422


def test_the_town_is_completed():
    got = post("/checkout", {"zip": "28195"})
    assert got.status == 200, got.text
    assert got.json()["ship_to"] == "28195 Bremen"
