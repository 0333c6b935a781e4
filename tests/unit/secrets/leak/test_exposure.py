"""When exposure began and ended, as far as what was seen allows it to be said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.leak.exposure import Brought, Seen, Sighting, Standing, lasted, standing, window

START = datetime(2026, 2, 1, tzinfo=UTC)
NOW = START + timedelta(hours=100)
MAIN = "refs/remotes/origin/main"


def hour(number: float) -> datetime:
    return START + timedelta(hours=number)


def seen(number: float, how: Seen = Seen.FETCHED, holds: bool = True, reference: str = MAIN) -> Sighting:
    return Sighting(reference=reference, at=hour(number), how=how, holds=holds)


def brought(number: float | None, *parents: float, authored: float | None = None) -> Brought:
    return Brought(
        commit="c" * 40,
        committed=None if number is None else hour(number),
        authored=None if authored is None else hour(authored),
        parents=tuple(map(hour, parents)),
    )


def stands(commits: list[Brought], sightings: list[Sighting], still: tuple[str, ...] = (MAIN,)) -> Standing:
    found = standing(commits, sightings, still, NOW)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("commits", "sightings", "begins"),
    [
        ([brought(1)], [], (1, 100)),
        ([brought(1)], [seen(5)], (1, 5)),
        ([brought(1)], [seen(5, Seen.PUSHED)], (5, 5)),
        ([brought(1)], [seen(5, Seen.RECEIVED)], (5, 5)),
        # The strongest evidence does not hide an earlier look.
        ([brought(1)], [seen(3), seen(5, Seen.PUSHED)], (1, 3)),
        ([brought(1)], [seen(2, holds=False), seen(5)], (2, 5)),
        # Another reference without it says nothing.
        ([brought(1)], [seen(2, holds=False, reference="other"), seen(5)], (1, 5)),
        # Two references had it: a look at one is no look at both.
        ([brought(1)], [seen(2, holds=False), seen(5), seen(6, reference="other")], (1, 5)),
        # Dates that cannot be true.
        ([brought(200, 2)], [seen(5)], (2, 5)),
        ([brought(200)], [seen(5)], (None, 5)),
        ([brought(None, 3)], [], (3, 100)),
        ([brought(-9999, 2)], [seen(5)], (2, 5)),
        ([brought(4, 300)], [seen(5)], (4, 5)),
        # Of several, the earliest.
        ([brought(4), brought(1)], [seen(5)], (1, 5)),
        ([brought(1)], [seen(5, Seen.ALERTED), seen(9)], (1, 5)),
        ([brought(1)], [seen(4, Seen.MADE_THERE), seen(9)], (1, 4)),
    ],
)
def test_it_began_between_what_is_possible_and_what_was_seen(
    commits: list[Brought], sightings: list[Sighting], begins: tuple[float | None, float]
) -> None:
    beginning = stands(commits, sightings).beginning
    first, last = begins
    assert beginning.not_before == (None if first is None else hour(first))
    assert beginning.not_after == hour(last)


def test_of_two_commits_that_say_the_same_the_one_counts_whose_clock_can_be_true() -> None:
    later = [brought(1), brought(8, 1)]  # the second came after it was seen, as a child of the first
    words = " ".join(stands(later, [seen(5)]).beginning.words)
    assert "was committed then" in words
    assert "no date that can be true" not in words


@pytest.mark.parametrize(
    ("sightings", "still", "removed"),
    [
        ([seen(1), seen(3, holds=False)], (), 3),
        ([seen(1), seen(3, holds=False)], (MAIN,), None),
        ([seen(1)], (), None),
        ([seen(1), seen(3, holds=False), seen(4)], (), None),
        ([seen(1), seen(2, reference="other"), seen(3, holds=False)], (), None),
        (
            [
                seen(1),
                seen(2, reference="other"),
                seen(3, holds=False),
                seen(7, holds=False, reference="other"),
            ],
            (),
            7,
        ),
    ],
)
def test_it_is_gone_when_the_last_reference_lost_it(
    sightings: list[Sighting], still: tuple[str, ...], removed: float | None
) -> None:
    assert stands([brought(0)], sightings, still).removed == (None if removed is None else hour(removed))


def test_what_was_never_there_has_no_standing() -> None:
    assert standing([brought(1)], [seen(3, holds=False)], (), NOW) is None


def test_a_window_covers_all_credentials() -> None:
    one = stands([brought(1)], [seen(5, Seen.PUSHED)])
    other = stands([brought(2)], [seen(3), seen(8, holds=False)], ())
    assert window({"a": [one], "b": [other]}, {}) == (hour(2), None)
    assert window({"a": [one], "b": [other]}, {"a": hour(9)}) == (hour(2), hour(9))
    assert window({"a": [one], "b": [other]}, {"a": hour(9), "b": hour(6)}) == (hour(2), hour(9))
    assert window({"a": [], "b": [other]}, {}) == (hour(2), hour(8))
    assert window({"a": []}, {}) == (None, None)


@given(
    st.lists(st.floats(-1e4, 1e4) | st.none(), min_size=1, max_size=4),
    st.lists(st.tuples(st.floats(0, 99), st.sampled_from(Seen), st.booleans()), max_size=6),
)
def test_a_beginning_never_ends_before_it_begins(
    commits: list[float | None], sightings: list[tuple[float, Seen, bool]]
) -> None:
    beginning = stands([brought(c) for c in commits], [seen(*s) for s in sightings]).beginning
    assert beginning.not_after is not None
    assert beginning.not_before is None or beginning.not_before <= beginning.not_after <= NOW


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (0, "less than a minute"),
        (0.5, "30 min"),
        (2.25, "2 h 15 min"),
        (49, "2 d 1 h"),
        (-3, "less than a minute"),
    ],
)
def test_a_length_is_told_in_two_units(hours: float, told: str) -> None:
    assert lasted(START, hour(hours)) == told
