"""The rules for knees, errors and doubt, on made-up ramps."""

from __future__ import annotations

import pytest

from andon.gaps.scale.levels import Level, Ramp, curves, errors_from, judge, knee_of, level


def levels(*rates: float, slow: float = 0.1, errors: tuple[int, ...] = ()) -> tuple[Level, ...]:
    """A ramp of doublings with these good answers in a second, and the latency that Little's law gives."""
    found = []
    for i, rate in enumerate(rates):
        users, wrong = 2**i, errors[i] if i < len(errors) else 0
        seconds = max(slow, users / rate)
        found.append(
            Level(
                users=users,
                seconds=1.0,
                answers=int(rate) + wrong,
                errors=wrong,
                p50=seconds,
                p95=seconds * 1.2,
            )
        )
    return tuple(found)


@pytest.mark.parametrize(
    ("rates", "knee"),
    [
        ((10, 20, 40, 50, 50, 50), 8),
        ((10, 20, 40, 47, 49, 48), 8),
        ((10, 20, 40, 80, 160, 320), None),
        ((10, 10, 10, 10, 10, 10), 1),
        ((10, 20, 39, 39, 38, 38), 4),
        ((10, 20, 40, 44, 80, 160), None),  # one stall alone is noise
        ((10, 20), None),
        ((), None),
    ],
)
def test_where_the_knee_is(rates: tuple[float, ...], knee: int | None) -> None:
    assert knee_of(levels(*rates)) == knee


def test_a_fast_application_that_stalls_only_with_the_generator_has_no_knee() -> None:
    fast = levels(700, 720, 730, 730, 730, 730, slow=0.001)
    assert fast[-1].p95 < 0.25
    assert knee_of(fast) is None


def test_errors_count_when_the_first_level_had_fewer() -> None:
    assert errors_from(levels(10, 20, 40, 50, 50, 50, errors=(0, 0, 0, 0, 1, 9))) == 32
    assert errors_from(levels(10, 20, 40, errors=(5, 10, 20))) is None
    assert errors_from(()) is None


def test_a_restless_machine_and_a_generator_at_its_limit_say_nothing() -> None:
    found = levels(10, 20, 40, 50, 50, 50, errors=(0, 0, 0, 0, 0, 9))
    calm = Ramp(levels=found, before=levels(700), after=levels(650))
    assert (judge(calm).knee, judge(calm).errors_from) == (8, 32)
    assert (
        judge(calm).told
        == "from 8 users on, more users get no more answers (50 a second); errors from 32 users on, up to 15%"
    )
    restless = judge(Ramp(levels=found, before=levels(700), after=levels(300)))
    assert (restless.knee, restless.errors_from) == (None, 32)
    assert "restless" in restless.inconclusive
    plenty = judge(Ramp(levels=found, before=levels(1000), after=levels(8000)))
    assert plenty.knee == 8  # ten times as much could have been sent at the worst moment
    near = judge(Ramp(levels=found, before=levels(100), after=levels(110)))
    assert "too near" in near.inconclusive
    assert (
        "no answer"
        in judge(
            Ramp(levels=found, before=levels(1), after=(Level(users=1, seconds=1, answers=0),))
        ).inconclusive
    )


def test_what_is_told_of_an_empty_and_of_an_ended_ramp() -> None:
    assert judge(Ramp(levels=())).told == "no load was sent"
    assert "ended early: why" in judge(Ramp(levels=levels(10), ended="why")).told


def test_a_level_is_made_of_its_latencies_and_a_ramp_of_four_curves() -> None:
    one = level(4, 2.0, [0.1, 0.2, 0.3, 0.4], 1)
    assert (one.rate, one.p50, one.p95, one.error_share) == (1.5, 0.3, 0.4, 0.25)
    assert level(1, 1.0, [], 0).p95 == 0.0
    made = curves("shop", [one])
    assert [(c.y, c.points[0][1]) for c in made] == [
        ("a second", 1.5),
        ("ms", 300.0),
        ("ms", 400.0),
        ("%", 25.0),
    ]
