"""Who is in at 5 % is in at 100 %: for every key, by the evaluator of the client, in both hash modes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.flags.evaluator import Evaluator
from andon.flags.overrides import ROLLOUT, Override, effective

KEYS = st.text(min_size=1, max_size=40)
PERCENTS = st.floats(min_value=0.01, max_value=100.0, allow_nan=False)
#: What decided before: nothing, a rule by context, an experiment.
TARGETINGS: dict[str, Any] = {
    "none": None,
    "staff": {"if": [{"ends_with": [{"var": "email"}, "@example.com"]}, "on", "off"]},
    "falls through": {"if": [{"==": [{"var": "country"}, "de"]}, "on"]},
    "experiment": {"fractional": [["on", 30], ["off", 70]]},
}


def flag(targeting: Any) -> dict[str, Any]:
    made = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}
    return made if targeting is None else {**made, "targeting": targeting}


def at(evaluator: Evaluator, targeting: Any, percent: float) -> Evaluator:
    """Put a stage where applications have it."""
    override = Override(flag="f", layer=ROLLOUT, variant="on", percent=percent, operation=f"R/{percent:g}")
    evaluator.replace({"flags": {"f": effective(flag(targeting), (override,))}})
    return evaluator


@pytest.mark.parametrize("hashing", ["v2", "v3"])
@pytest.mark.parametrize("targeting", TARGETINGS, ids=str)
@given(key=KEYS, one=PERCENTS, other=PERCENTS, staff=st.booleans())
@settings(max_examples=60, deadline=None)
def test_in_at_p_is_in_at_q(
    hashing: str, targeting: str, key: str, one: float, other: float, staff: bool
) -> None:
    low, high = sorted((one, other))
    context = {"targetingKey": key, "email": "a@example.com" if staff else "a@b.c", "country": "fr"}
    evaluator = Evaluator(hashing=hashing)
    rule = TARGETINGS[targeting]
    before = at(evaluator, rule, low).boolean("f", False, context)
    after = at(evaluator, rule, high).boolean("f", False, context)
    assert after or not before
    assert at(evaluator, rule, 100.0).boolean("f", False, context)


@pytest.mark.parametrize("hashing", ["v2", "v3"])
@pytest.mark.parametrize("targeting", ["none", "staff", "falls through"])
@pytest.mark.parametrize("percent", [0.5, 5.0, 25.0, 50.0, 95.0])
def test_about_as_many_as_were_meant(hashing: str, targeting: str, percent: float) -> None:
    """Within five standard deviations of the binomial distribution of 20,000 keys."""
    evaluator = at(Evaluator(hashing=hashing), TARGETINGS[targeting], percent)
    context = {"email": "a@b.c", "country": "fr"}
    number = 20_000
    inside = sum(
        evaluator.boolean("f", False, {**context, "targetingKey": f"user-{n}"}) for n in range(number)
    )
    meant = number * percent / 100
    deviation = (meant * (1 - percent / 100)) ** 0.5
    assert abs(inside - meant) <= 5 * deviation, (inside, meant)


@pytest.mark.parametrize("hashing", ["v2", "v3"])
def test_stages_are_nested_for_a_whole_population(hashing: str) -> None:
    evaluator = Evaluator(hashing=hashing)
    before: set[int] = set()
    for percent in (0.01, 1.0, 5.0, 25.0, 99.99, 100.0):
        at(evaluator, None, percent)
        now = {n for n in range(3000) if evaluator.boolean("f", False, {"targetingKey": f"{n}"})}
        assert before <= now
        before = now
    assert len(before) == 3000


@pytest.mark.parametrize("hashing", ["v2", "v3"])
def test_nobody_in_particular_is_out_until_the_last_stage(hashing: str) -> None:
    """Without a targeting key there is no bucket: the rest of the flag decides."""
    evaluator = Evaluator(hashing=hashing)
    assert at(evaluator, None, 99.0).boolean("f", False, {}) is False
    assert at(evaluator, TARGETINGS["staff"], 50.0).boolean("f", False, {"email": "a@example.com"}) is True
    assert at(evaluator, None, 100.0).boolean("f", False, {}) is True


def test_two_flags_do_not_draw_the_same_people() -> None:
    evaluator = Evaluator()
    made = {}
    for name in ("f", "g"):
        override = Override(flag=name, layer=ROLLOUT, variant="on", percent=50.0, operation="R")
        made[name] = effective(flag(None), (override,))
    evaluator.replace({"flags": made})
    same = sum(
        evaluator.boolean("f", False, {"targetingKey": f"{n}"})
        == evaluator.boolean("g", False, {"targetingKey": f"{n}"})
        for n in range(4000)
    )
    assert 1800 < same < 2200
