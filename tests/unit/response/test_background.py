"""An error that was always there neither dates the break nor forbids its end, unless it rises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from andon.response.background import (
    density,
    has_risen,
    is_background,
    was_there_from_the_beginning,
)
from andon.response.logs import LogSummary, Signature

START = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def kind(first: float | None, last: float, count: int) -> Signature:
    seen = None if first is None else at(first)
    return Signature(signature="mail", sample="mail", count=count, first_seen=seen, last_seen=at(last))


def log(minutes: float) -> LogSummary:
    return LogSummary(lines=1000, severe=1, signatures=(), first_at=at(0), last_at=at(minutes), is_dated=True)


@pytest.mark.parametrize(
    ("error", "covered", "expected"),
    [
        (kind(1, 2879, 30), 2880, True),  # thirty times in two days, from the beginning
        (kind(2878, 2879, 1), 2880, False),  # a minute old
        (kind(200, 2879, 30), 2880, False),  # began later than the log
        (kind(0, 59, 5000), 60, False),  # from the beginning, but the log may begin in the break
        (kind(0, 3, 2), 3, False),  # the log is too short to say
        (kind(0, 20, 9), 20, False),  # rotated in the middle of a slow break at night
        (kind(None, 3, 2), 2880, False),  # nobody knows when
    ],
)
def test_what_counts_as_background(error: Signature, covered: float, expected: bool) -> None:
    assert is_background(error, log(covered)) is expected


def test_a_frequent_error_from_the_beginning_may_be_older_than_the_log() -> None:
    assert was_there_from_the_beginning(kind(0, 59, 5000), log(60))


@pytest.mark.parametrize(
    ("count", "seconds", "expected"),
    [(1, 60, False), (2, 60, False), (3, 60, True), (60, 3600, True), (5, 36000, False)],
)
def test_a_background_error_rises(count: int, seconds: float, expected: bool) -> None:
    assert has_risen(kind(0, 2880, 60), count, seconds, log(2880)) is expected


def test_the_densest_error_is_the_loudest_now() -> None:
    assert density(kind(2878, 2879, 10)) > density(kind(0, 2880, 60))
