"""What a log says after a change against windows from before the break."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.response.kinds import Signature
from andon.response.watch import (
    DAYS,
    NEW,
    WINDOWS,
    Flag,
    Watched,
    messages_needed,
    novelty,
    starts,
    watch,
)
from andon.response.windows import Window

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def window(
    lines: int = 100,
    shapes: dict[str, int] | None = None,
    troubling: tuple[str, ...] = (),
    crash: tuple[str, ...] = (),
    **errors: int,
) -> Window:
    kinds = tuple(
        Signature(
            signature=name.replace("_", " "),
            sample=name,
            count=count,
            first_seen=NOON,
            is_crash=name in crash,
        )
        for name, count in errors.items()
    )
    return Window(
        lines=lines,
        severe=sum(errors.values()),
        signatures=kinds,
        shapes=shapes or {},
        troubling=frozenset(troubling),
    )


def flagged(found: Watched) -> dict[str, Flag]:
    return {flag.signature: flag.flag for flag in found.flags}


CALM = [window(mail_late=1)] * 20


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (window(), {}),
        (window(mail_late=4), {}),  # four are few, whatever the worst window had
        (window(mail_late=5), {"mail late": Flag.RISEN}),
        (window(pay_lost=2), {}),
        (window(pay_lost=3), {"pay lost": Flag.NEW_SEVERE}),
        (window(panic=1, crash=("panic",)), {"panic": Flag.NEW_SEVERE}),
        (window(ours=1), {"ours": Flag.STILL}),
        (window(ours=1, pay_lost=3), {"ours": Flag.STILL, "pay lost": Flag.NEW_SEVERE}),
        (window(ended_once=1), {"ended once": Flag.BACK}),
        (window(hourly=4), {}),  # older than the break, though in none of the windows
        (window(shapes={"got refused": 3}, troubling=("got refused",)), {"got refused": Flag.NEW_SEVERE}),
        (window(shapes={"got accepted": 3}), {}),
    ],
)  # fmt: skip
def test_what_is_flagged(after: Window, expected: dict[str, Flag]) -> None:
    found = watch(
        before=CALM,
        after=after,
        known=frozenset(("hourly",)),
        originals=frozenset(("ours",)),
        closed=frozenset(("ended once", "mail late")),
    )
    assert flagged(found) == expected


def test_a_burst_before_is_the_measure_of_a_rise() -> None:
    before = [*CALM, window(mail_late=40)]
    assert not watch(before=before, after=window(mail_late=120)).flags
    (found,) = watch(before=before, after=window(mail_late=121)).flags
    assert str(found) == "mail late (risen: 121 now, 60 before, at most 40 at once)"


def test_new_errors_that_are_like_each_other_count_together() -> None:
    names = {f"order_of_{who}/x_lost": 1 for who in ("ann", "bob", "eve")}
    assert set(flagged(watch(before=CALM, after=window(**names))).values()) == {Flag.NEW_SEVERE}
    del names["order_of_eve/x_lost"]
    assert not watch(before=CALM, after=window(**names)).flags


def test_an_error_that_varies_where_it_always_varied_is_known() -> None:
    before = [window(**{f"order_of_{who}/x_lost": 1}) for who in ("ann", "bob", "eve", "joe", "mia", "zoe")]
    assert not watch(before=before, after=window(**{"order_of_tom/x_lost": 3})).flags
    assert flagged(watch(before=before, after=window(**{"order_of_tom/x_lost": 5}))) == {
        "order of tom/x lost": Flag.RISEN
    }


def test_a_new_error_in_a_log_that_often_has_one_is_weak_evidence() -> None:
    noisy = [window(**{f"fault{chr(97 + n)}": 9}) if n % 5 == 0 else window(mail=1) for n in range(20)]
    (found,) = watch(before=noisy, after=window(other_thing=9)).flags
    assert (found.flag, found.is_weak) == (Flag.NEW_SEVERE, True)
    assert "weak evidence" in str(found)
    (found,) = watch(before=CALM, after=window(other_thing=9)).flags
    assert not found.is_weak
    (found,) = watch(before=noisy[:4], after=window(other_thing=9)).flags
    assert not found.is_weak, "four windows prove no habit"


# -- what is missing -------------------------------------------------------------------------------

BEATING = [window(shapes={"GET / ok": 60, "beat": 20, "rare": 19})] * 5


@pytest.mark.parametrize(
    ("before", "after", "missing"),
    [
        (BEATING, window(shapes={"GET / ok": 60, "rare": 1}), {"beat"}),
        (BEATING, window(shapes={"GET / ok": 60, "beat": 1}), set()),
        (BEATING, window(lines=50, shapes={"GET / ok": 30}), set()),  # half the traffic: ten are expected
        (BEATING, window(lines=0), set()),  # silence is no news of one message
        (BEATING[:4], window(shapes={"GET / ok": 60}), set()),
        ([*BEATING, window(shapes={"GET / ok": 60})], window(shapes={"GET / ok": 60}), set()),
    ],
)
def test_a_message_that_every_window_had_often_is_missed(
    before: list[Window], after: Window, missing: set[str]
) -> None:
    found = watch(before=before, after=after)
    assert flagged(found) == dict.fromkeys(missing, Flag.VANISHED)


def test_an_error_that_is_gone_is_not_missed() -> None:
    before = [window(shapes={"connection refused": 50}, troubling=("connection refused",))] * 8
    assert not watch(before=before, after=window()).flags


# -- traffic ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "needed"),
    [(None, 300), (1.0, 3), (0.5, 6), (0.05, 60), (0.01, 300), (0.0001, 30000), (0.0, 300)],
)
def test_how_much_traffic_proves_that_an_error_is_gone(share: float | None, needed: int) -> None:
    assert messages_needed(share) == needed


@given(st.floats(0.0001, 1.0))
def test_an_error_that_still_happened_would_have_been_seen(share: float) -> None:
    """With the needed messages, one in twenty times at most none of them is the error although it goes on."""
    assert (1 - share) ** messages_needed(share) <= 0.05


def test_the_usual_traffic_is_the_median_before() -> None:
    before = [window(lines=n) for n in (90, 100, 110, 5000)]
    assert watch(before=before, after=window()).expected == 105.0
    assert watch(before=[], after=window()).expected is None


def test_the_chance_of_something_new_is_what_was_seen_once() -> None:
    assert novelty([]) is None
    assert novelty([window(a=1, b=1), window(a=1, c=7)]) == 0.1
    assert novelty([window(a=1), window(b=1)]) == 1.0


# -- windows ---------------------------------------------------------------------------------------


@given(st.integers(1, 7200), st.integers(0, 100_000))
def test_windows_are_as_long_as_what_they_are_compared_with(length: int, since_break: int) -> None:
    broke_at = NOON - timedelta(seconds=since_break)
    found = starts(NOON, broke_at, NOON + timedelta(seconds=length))
    near = found[-WINDOWS:]
    assert list(found) == sorted(found) and len(found) <= WINDOWS + DAYS
    assert near[-1] + timedelta(seconds=length) == broke_at
    assert {b - a for a, b in pairwise(near)} == {timedelta(seconds=length)}
    for day in found[:-WINDOWS]:
        assert (NOON - day) % timedelta(days=1) == timedelta(0), "the same time on an earlier day"
        assert day + timedelta(seconds=length) <= near[0], "no message is in two windows"


@given(st.dictionaries(st.sampled_from(("a", "b", "c")), st.integers(1, 9), max_size=3), st.integers(0, 9))
def test_what_is_as_it_was_is_not_flagged(errors: dict[str, int], count: int) -> None:
    before = [window(**errors), window(**errors)]
    assert not watch(before=before, after=window(**errors)).flags
    found = flagged(watch(before=before, after=window(**errors, other=count) if count else window(**errors)))
    assert ("other" in found) == (count >= NEW)
