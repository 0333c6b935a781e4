"""OpenFeature's scenarios, as far as they are about an evaluator: the rest is about providers and clients.

The other files are about the order of contexts, hooks, and the same evaluations in older words.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from andon.flags.evaluator import Evaluator
from tests.integration.flags.conformance import Asked, Scenario, folder, scenarios

BASE = folder("spec/specification/assets/gherkin")
SCENARIOS = tuple(scenarios(BASE, "evaluation_v2.feature"))
STATES = "the states of a provider"
#: What is not about an evaluator, by the scenario's name.
EXCLUDED = {
    "Provider not ready error": STATES,
    "Provider in fatal state error": STATES,
    "Provider status accessibility": STATES,
    "CACHED reason": "nothing is cached: an evaluation costs less than a cache",
    "Evaluation options with hooks": "hooks belong to the client",
    "Asynchronous flag evaluation": "nothing waits: evaluation is a function call",
}
#: The flags of the scenarios have targeting in another language (CEL): its two expressions, in flagd's.
ADDRESS = {"==": [{"var": "email"}, "ballmer@macrosoft.com"]}
INSIDE = {"and": [{"!": {"var": "customer"}}, ADDRESS, {">": [{"var": "age"}, 10]}]}


def document() -> dict[str, Any]:
    """Return the scenarios' flags in flagd's format."""
    made = {}
    for key, flag in json.loads((BASE / "test-flags.json").read_text(encoding="utf-8")).items():
        state = "DISABLED" if flag.get("disabled") else "ENABLED"
        made[key] = {"state": state, "variants": flag["variants"], "metadata": flag.get("flagMetadata") or {}}
        if "defaultVariant" in flag:
            made[key]["defaultVariant"] = flag["defaultVariant"]
        if "contextEvaluator" in flag:
            chosen = [INSIDE, "internal"] if key == "complex-targeted" else [ADDRESS, "zero"]
            made[key]["targeting"] = {"if": [*chosen, None]}
    return {"flags": made}


def name_of(scenario: Scenario) -> str:
    return scenario.name.partition(": ")[2].partition(" [")[0]


LEFT_OUT = [scenario for scenario in SCENARIOS if name_of(scenario) in EXCLUDED]
APPLIES = [scenario for scenario in SCENARIOS if name_of(scenario) not in EXCLUDED]


@pytest.mark.parametrize("scenario", [pytest.param(one, id=one.name) for one in APPLIES])
def test_a_scenario_of_the_specification(scenario: Scenario) -> None:
    evaluator = Evaluator()
    evaluator.replace(document())
    Asked(evaluator).run(scenario)


@pytest.mark.parametrize("scenario", [pytest.param(one, id=one.name) for one in LEFT_OUT])
def test_what_is_left_out_does_not_pass(scenario: Scenario) -> None:
    evaluator = Evaluator()
    evaluator.replace(document())
    with pytest.raises(AssertionError):
        Asked(evaluator).run(scenario)


def test_all_scenarios_are_there() -> None:
    assert len(SCENARIOS) == 82
    assert {name_of(scenario) for scenario in SCENARIOS}.issuperset(EXCLUDED)
    assert len(APPLIES) == 59
