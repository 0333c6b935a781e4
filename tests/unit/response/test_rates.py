"""Messages and errors a minute, read from logs of every form, and what is read from them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.response.rates import Rates, has_jumped, rates
from tests.unit.incident.cases import START


def minute(number: float) -> str:
    return f"{START + timedelta(minutes=number):%Y-%m-%dT%H:%M:%S}Z"


@pytest.mark.parametrize(
    ("line", "is_error"),
    [
        ("{at} INFO order taken", False),
        ("{at} ERROR payment failed", True),
        ("{at} level=error msg=boom", True),
        ("{at} INFO no error so far", False),
        ("{at} WARN retrying after an error", False),
        ("[{at}] panic: out of range", True),
        ("{at} ValueError: price is None", True),
        ('{{"time": "{at}", "level": "error", "msg": "x"}}', True),
        ('{{"time": "{at}", "level": "info", "msg": "error"}}', False),
        ('10.0.0.1 - - [{access}] "GET /cart HTTP/1.1" 500 12', True),
        ('10.0.0.1 - - [{access}] "GET /cart HTTP/1.1" 200 500', False),
        ("{at} terror alerted nobody", False),
    ],
)
def test_what_counts_as_an_error(line: str, is_error: bool) -> None:
    written = line.format(at=minute(0), access=f"{START:%d/%b/%Y:%H:%M:%S} +0000")
    found = rates("shop", f"{written}\n".encode())
    assert found is not None, written
    assert (found.messages, found.errors) == ((1,), (int(is_error),))


def test_a_line_without_a_moment_belongs_to_the_message_before() -> None:
    text = f"{minute(0)} ERROR boom\nTraceback (most recent call last):\n  File x\nKeyError: 1\n"
    found = rates("shop", text.encode())
    assert found is not None and (found.messages, found.errors) == ((1,), (1,))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"no moment here\n", b"\x00\xff\xfe" * 50])
def test_a_log_without_moments_says_nothing(content: bytes) -> None:
    assert rates("shop", content) is None


def test_minutes_without_a_message_are_counted_as_none_and_the_future_is_left_out() -> None:
    text = f"{minute(0)} INFO a\n{minute(3)} ERROR b\n{minute(60 * 24 * 365)} INFO a clock is wrong\n"
    found = rates("shop", text.encode(), near=START + timedelta(minutes=4))
    assert found is not None and found.start == START
    assert (found.messages, found.errors) == ((1, 0, 0, 1), (0, 0, 0, 1))


def test_a_zone_that_is_not_named_is_the_given_one() -> None:
    text = f"{START:%Y-%m-%d %H:%M:%S} INFO a\n{START:%Y-%m-%d %H:%M:%S}+00:00 INFO b\n"
    found = rates("shop", text.encode(), zone_minutes=60)
    assert found is not None and found.start == START - timedelta(hours=1)
    assert sum(found.messages) == 2 and len(found.messages) == 61


def test_half_a_day_is_counted_at_most() -> None:
    text = f"{minute(-60 * 24 * 300)} INFO old\n{minute(0)} INFO new\n"
    found = rates("shop", text.encode())
    assert found is not None and len(found.messages) == 720 and sum(found.messages) == 1


def made(errors: list[int], messages: list[int]) -> Rates:
    return Rates(log="shop", start=START, messages=tuple(messages), errors=tuple(errors))


def test_the_rise_of_a_known_error_is_dated() -> None:
    found = made([1] * 100 + [9] * 20, [50] * 120).rise()
    assert found is not None and found[0] == START + timedelta(minutes=100)


def test_errors_that_grew_with_the_traffic_are_no_rise() -> None:
    assert made([1] * 60 + [4] * 60, [50] * 60 + [200] * 60).rise() is None


def test_without_other_messages_the_errors_alone_tell() -> None:
    found = made([1] * 100 + [9] * 20, [1] * 100 + [9] * 20).rise()
    assert found is not None and found[0] == START + timedelta(minutes=100)


@pytest.mark.parametrize(
    ("before", "after", "jumped"),
    [(20, 20, False), (20, 59, False), (20, 60, True), (0, 8, False), (0, 40, True)],
)
def test_a_jump_in_traffic(before: int, after: int, jumped: bool) -> None:
    found = made([0] * 120, [before] * 100 + [after] * 20).jump(START + timedelta(minutes=100))
    assert found == (before, after)
    assert has_jumped(*found) is jumped


@pytest.mark.parametrize("broke", [-50, 0, 3, 500])
def test_without_a_before_and_an_after_nothing_is_said_of_traffic(broke: int) -> None:
    assert made([0] * 100, [5] * 100).jump(START + timedelta(minutes=broke)) is None


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_break_it(content: bytes) -> None:
    found = rates("shop", content, near=START)
    assert found is None or (len(found.messages) == len(found.errors) <= 720 and sum(found.messages) > 0)
