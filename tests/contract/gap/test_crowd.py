"""A crowd against a real application: together, apart, each with its own, and looked at afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from andon.errors import Refused
from andon.gaps.beliefs import Exchange
from andon.gaps.scale.overlap import most_at_once
from andon.production.gap.crowd import crowd
from tests.fakes.crowded_app import crowded_app


@pytest.fixture
def app() -> Iterator[str]:
    with crowded_app() as url:
        yield url


ADD = Exchange(method="POST", path="/count")
LOOK = Exchange(method="GET", path="/count")


def test_updates_are_lost_at_twenty_and_not_at_one(app: str) -> None:
    alone = crowd(app, [ADD], 1, 3, 10.0, look=LOOK)
    assert "all there" in alone[-1].answer
    assert most_at_once(alone) == 1
    many = crowd(app, [ADD], 20, 3, 10.0, look=LOOK)
    assert "updates were lost" in many[-1].answer
    assert len(many) == 61
    assert most_at_once(many) >= 16


def test_a_pool_is_exhausted_by_forty(app: str) -> None:
    found = crowd(app, [Exchange(method="GET", path="/pooled")], 40, 1, 10.0)
    assert {e.status for e in found} == {200, 503}
    assert any("no free connection" in e.answer for e in found)


def test_even_a_fast_answer_is_asked_for_at_once(app: str) -> None:
    found = crowd(app, [LOOK], 32, 2, 10.0)
    assert most_at_once(found) >= 26


def test_each_user_goes_on_with_what_it_was_given(app: str) -> None:
    way = [
        Exchange(
            method="POST", path="/baskets", sent='{"name":"u{user}-{turn}"}', answer='{"basket_id": 12}'
        ),
        Exchange(method="PUT", path="/baskets/12", sent='{"basket_id": 12, "amount": 12}'),
    ]
    found = crowd(app, way, 8, 2, 10.0)
    puts = [e for e in found if e.method == "PUT"]
    assert {e.status for e in puts} == {200}
    assert len({e.path for e in puts}) == 16
    assert all(f'"basket_id": {e.path.rpartition("/")[2]}, "amount": 12' in e.sent for e in puts)
    assert {e.sent for e in found if e.method == "POST"} == {
        f'{{"name":"u{user}-{turn}"}}' for user in range(1, 9) for turn in (1, 2)
    }


def test_patience_ends_a_crowd_that_hangs_and_the_look_is_still_taken(app: str) -> None:
    began = time.monotonic()
    found = crowd(app, [Exchange(method="GET", path="/hang")], 4, 1, 1.0, look=LOOK)
    assert time.monotonic() - began < 30
    assert [(e.path, e.status) for e in found] == [*[("/hang", 0)] * 4, ("/count", 200)]
    assert found[0].problem == "no whole answer when the time was over"
    assert most_at_once(found) == 4


def test_an_application_that_is_gone_is_a_problem_of_each_exchange() -> None:
    found = crowd("http://127.0.0.1:9", [LOOK], 3, 1, 5.0)
    assert [e.status for e in found] == [0, 0, 0]
    assert all(e.problem.startswith("no answer") for e in found)


def test_no_crowd_goes_to_a_host_that_is_not_listed() -> None:
    with pytest.raises(Refused):
        crowd("http://shop.example.com", [LOOK], 2, 1, 1.0)


def test_answers_are_redacted_and_cookies_are_not_kept(app: str) -> None:
    found = crowd(
        app,
        [Exchange(method="GET", path="/secret")],
        2,
        1,
        5.0,
        redact=lambda text: text.replace("canary-in-an-answer", "***"),
        headers=[("Authorization", "Bearer canary")],
    )
    assert "***" in found[0].answer
    assert "canary" not in repr(found)
