"""A crowd against a real application: together, apart, each with its own, and looked at afterwards."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from itertools import pairwise

import pytest

from andon.errors import Refused
from andon.gaps.beliefs import Exchange
from andon.gaps.scale.overlap import NEAR, most_at_once
from andon.production.gap.beside import Beside, pause
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


def test_a_crowd_beside_tests_goes_on_until_it_is_told_to_end(app: str) -> None:
    over, met = threading.Event(), threading.Event()
    found: list[Exchange] = []

    def go() -> None:
        found.extend(crowd(app, [ADD, LOOK], 3, 1_000_000, 60.0, over=over))
        met.set()

    thread = threading.Thread(target=go)
    thread.start()
    while asked(app) < 12:  # two rounds of three users
        assert thread.is_alive()
    over.set()
    assert met.wait(20)
    thread.join()
    assert {e.status for e in found} == {200}  # whoever waited for the others is not left behind
    assert most_at_once(found) == 3
    assert not any(e.answer for e in found)


def test_a_crowd_beside_tests_lets_time_pass_between_two_requests_of_a_user(app: str) -> None:
    found = crowd(app, [LOOK], 1, 3, 60.0, over=threading.Event())
    begun = [e.started for e in found]
    assert len(begun) == 3
    assert all(later - earlier >= pause(1) for earlier, later in pairwise(begun))


@pytest.mark.parametrize("users", [1, 3, 20, 63])
def test_no_more_than_a_hundred_a_second_go_beside_tests_and_each_is_near_them(users: int) -> None:
    assert users / pause(users) <= 100
    assert pause(users) < NEAR / 2


def test_what_hangs_beside_tests_is_ended_soon_after_them(app: str) -> None:
    over = threading.Event()
    over.set()
    assert crowd(app, [LOOK], 3, 5, 60.0, over=over) == ()
    hanging = Beside(
        lambda patience, over: crowd(app, [Exchange(method="GET", path="/hang")], 3, 9, patience, over=over),
        600.0,
    )
    began = time.monotonic()
    with hanging:
        pass
    assert time.monotonic() - began < 60
    assert not hanging.problem


def test_why_nobody_went_beside_the_tests_is_told() -> None:
    beside = Beside(lambda patience, over: crowd("http://shop.example.com", [LOOK], 2, 1, patience), 1.0)
    with beside:
        pass
    assert beside.problem.startswith("nobody went beside the tests: ")


def asked(app: str) -> int:
    """Return how often the count was raised."""
    with urllib.request.urlopen(f"{app}/count") as answer:
        return int(json.load(answer)["asked"])
