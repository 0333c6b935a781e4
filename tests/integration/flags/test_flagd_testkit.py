"""flagd's own scenarios for evaluators, with both of its hashes in the wild."""

from __future__ import annotations

import json

import pytest

from andon.flags.evaluator import Evaluator
from tests.integration.flags.conformance import Asked, Scenario, folder, scenarios

BASE = folder("flagd-testbed/evaluator")
SCENARIOS = tuple(scenarios(BASE / "gherkin"))
V1 = "the first hash, of floats, is used by no flagd since 0.16"
V2 = "who is in is another with the hash of CBOR; the same scenario passes with hashing v2"
#: What cannot pass, by hash; the test of each fails when it begins to.
EXCLUDED: dict[str, dict[str, tuple[str, ...]]] = {
    "v2": {
        V1: (
            "Fractional operator [jack | spades]",
            "Fractional operator [queen | clubs]",
            "Fractional operator [ten | diamonds]",
            "Fractional operator [nine | hearts]",
            "Fractional operator [3 | diamonds]",
            "Fractional operator with shared seed [queen | spades]",
            "Fractional operator with shared seed [nine | diamonds]",
            "Second fractional operator with shared seed [queen | ace-of-spades]",
            "Second fractional operator with shared seed [nine | ace-of-diamonds]",
        ),
    },
    "v3": {
        V1: (
            "Fractional operator [jack | spades]",
            "Fractional operator [queen | clubs]",
            "Fractional operator [ten | diamonds]",
            "Fractional operator [nine | hearts]",
            "Fractional operator [3 | diamonds]",
            "Fractional operator shorthand [jon@company.com | heads]",
            "Fractional operator with shared seed [jack | hearts]",
            "Fractional operator with shared seed [queen | spades]",
            "Second fractional operator with shared seed [jack | ace-of-hearts]",
            "Second fractional operator with shared seed [queen | ace-of-spades]",
        ),
        V2: (
            "Fractional operator [jack | hearts]",
            "Fractional operator [queen | spades]",
            "Fractional operator [nine | diamonds]",
            "Fractional operator [3 | clubs]",
            "Fractional operator shorthand [jon@company.com | heads]",
            "Fractional operator with shared seed [eight | diamonds]",
            "Fractional operator with shared seed [nine | clubs]",
            "Fractional operator with shared seed [two | spades]",
            "Second fractional operator with shared seed [eight | ace-of-diamonds]",
            "Second fractional operator with shared seed [nine | ace-of-clubs]",
            "Second fractional operator with shared seed [two | ace-of-spades]",
        ),
    },
}
TAGS = {V1: "fractional-v1", V2: "fractional-v2"}


def why_excluded(hashing: str, scenario: Scenario) -> str:
    name = scenario.name.partition(": ")[2]
    for why, names in EXCLUDED[hashing].items():
        if name in names and TAGS[why] in scenario.tags:
            return why
    return ""


@pytest.mark.parametrize("hashing", EXCLUDED)
@pytest.mark.parametrize("scenario", [pytest.param(one, id=one.name) for one in SCENARIOS])
def test_a_scenario_of_flagd_comes_out_as_flagd_says(hashing: str, scenario: Scenario) -> None:
    evaluator = Evaluator(hashing=hashing)
    evaluator.replace(json.loads((BASE / "flags" / "testkit-flags.json").read_text(encoding="utf-8")))
    if why_excluded(hashing, scenario):
        with pytest.raises(AssertionError):
            Asked(evaluator).run(scenario)
    else:
        Asked(evaluator).run(scenario)


def test_all_scenarios_are_there() -> None:
    assert len(SCENARIOS) == 140
    known = {scenario.name.partition(": ")[2] for scenario in SCENARIOS}
    listed = [name for reasons in EXCLUDED.values() for names in reasons.values() for name in names]
    assert known.issuperset(listed)
    left_out = {h: sum(bool(why_excluded(h, scenario)) for scenario in SCENARIOS) for h in EXCLUDED}
    assert left_out == {"v2": 9, "v3": 21}
