"""From one crowd that was too many, how many are too many is guessed."""

from __future__ import annotations

from andon.gaps.beliefs import Exchange
from andon.gaps.experiment import Replay
from andon.gaps.failure import Seen
from andon.gaps.scale.guessing import users_that_fail
from andon.gaps.words import Showed

SEEN = Seen(method="GET", path="/print", status=503)


def crowd(*statuses: int, path: str = "/print", resource: str = "api") -> tuple[Exchange, ...]:
    return tuple(Exchange(method="GET", path=path, status=one, resource=resource) for one in statuses)


def replay(*exchanges: Exchange, seen: Seen | None = SEEN) -> Replay:
    return Replay(
        parts=(),
        showed=Showed.REPRODUCED,
        runs=1,
        reproduced=1 if seen else 0,
        seen=seen,
        exchanges=exchanges,
    )


def test_one_more_than_got_through() -> None:
    assert users_that_fail(replay(*crowd(*[200] * 12, *[503] * 12)), 24) == 13


def test_each_user_may_ask_more_than_once() -> None:
    assert users_that_fail(replay(*crowd(*[200] * 24, *[503] * 24)), 24) == 13


def test_other_requests_and_those_that_were_sent_alone_do_not_count() -> None:
    others = (*crowd(*[200] * 9, path="/plans"), *crowd(200, 200, resource="replay"))
    assert users_that_fail(replay(*crowd(200, 503, 503, 503), *others), 4) == 2


def test_where_nobody_got_through_or_nothing_was_seen_nothing_is_guessed() -> None:
    assert users_that_fail(replay(*crowd(503, 503, 0)), 3) is None
    assert users_that_fail(replay(), 3) is None
    assert users_that_fail(replay(*crowd(200, 503), seen=None), 2) is None
