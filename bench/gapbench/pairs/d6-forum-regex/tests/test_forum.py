"""What readers rely on."""

import time

from kit.client import get


def test_home_shows_posts():
    begun = time.monotonic()
    got = get("/")
    assert got.text.count("<li>") >= 8
    assert time.monotonic() - begun < 2


def test_a_post_is_shown():
    assert "Question 2" in get("/posts/2").text
