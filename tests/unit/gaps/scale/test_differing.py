"""How much the numbers of users and rows weigh, and which of them can be flipped."""

from __future__ import annotations

import pytest

from andon.gaps.failure import Failure
from andon.gaps.scale.differing import rows_differ, rows_parts, users_differ, users_part


@pytest.mark.parametrize(
    ("failure", "weight"),
    [
        (Failure(path="/pay", status=500, text="QueuePool limit of size 5 overflow 0: pool exhausted"), 4),
        (Failure(path="/pay", status=503), 4),
        (Failure(path="/pay", status=503, text="renewals are paused"), 3),
        (Failure(path="/pay", status=429, text="slow down"), 4),
        (Failure(path="/pay", status=500, text="QueuePool limit of size 5 reached, timed out"), 4),
        (Failure(path="/pay", status=500, text="too many SQL variables"), 1),
        (Failure(path="/pay", text="database is locked"), 4),
        (Failure(path="/pay", slower_than=2.0), 3),
        (Failure(path="/pay", status=500, text="KeyError: 'STORE_TZ'"), 1),
        (Failure(path="/blocked", status=500, text="unlocked door"), 1),
    ],
)
def test_users_weigh_by_what_the_failure_speaks_of(failure: Failure, weight: int) -> None:
    found = users_differ(failure, 1, 30)
    assert found is not None
    assert found.weight == weight
    assert found.reasons


def test_no_more_users_are_no_difference_and_hardly_more_weigh_less() -> None:
    failure = Failure(path="/pay", status=503)
    assert users_differ(failure, 5, 5) is None
    hardly = users_differ(failure, 4, 6)
    assert hardly is not None
    assert hardly.weight == 3


def test_rows_weigh_when_the_table_is_on_the_way_and_time_is_what_failed() -> None:
    test = {"orders": 12, "audit": 3, "tiny": 1}
    production = {"orders": 60_000, "audit": 9_000, "tiny": 90, "only_there": 5_000}
    late = Failure(path="/orders", status=504, text="canceling statement due to statement timeout")
    assert {d.place[1]: d.weight for d in rows_differ(late, test, production)} == {"orders": 4, "audit": 2}
    other = Failure(path="/orders", status=500, text="KeyError")
    assert {d.place[1]: d.weight for d in rows_differ(other, test, production)} == {"orders": 3, "audit": 1}


def test_a_table_that_the_source_names_there_weighs_where_the_failure_is_one_of_rows() -> None:
    test, production = {"checkins": 40, "offers": 3}, {"checkins": 24_000, "offers": 300}

    def weights(text: str) -> dict[str, int]:
        failure = Failure(path="/leaders", status=500, text=text)
        found = rows_differ(failure, test, production, frozenset(("checkins",)))
        return {d.place[1]: d.weight for d in found}

    assert weights("canceling statement due to statement timeout") == {"checkins": 4, "offers": 2}
    assert weights("TimeoutError: timed out") == {"checkins": 2, "offers": 2}
    assert weights("QueuePool limit reached, connection timed out") == {"checkins": 2, "offers": 1}


def test_parts_are_bounded_and_the_most_overgrown_comes_first() -> None:
    assert users_part(3, 3) == ()
    assert [(p.amount, p.least) for p in users_part(2, 5000)] == [(64.0, 2.0)]
    found = rows_parts({"a": 10, "b": 1, "c": 50}, {"a": 5_000_000, "b": 1_000, "c": 400})
    assert [(p.place, p.amount, p.least) for p in found] == [
        (("rows", "a"), 200_000.0, 10.0),
        (("rows", "b"), 1_000.0, 1.0),
    ]
