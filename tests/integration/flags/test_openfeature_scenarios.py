"""OpenFeature's own scenarios on the SDK with Andon's provider; the excluded ones by name with the reason."""

from __future__ import annotations

import json

import pytest

from tests.integration.flags.conformance import Scenario, folder, scenarios
from tests.integration.flags.openfeature_steps import World, run

BASE = folder("spec/specification/assets/gherkin")
SCENARIOS = tuple(scenarios(BASE))
#: Scenario to why it is not done.
EXCLUDED = {
    "CACHED reason": "a provider may cache, and an evaluation in the process has nothing to save by it",
    "Evaluation context immutability": "the SDK's details are a dataclass that anybody can assign to",
}
APPLIES = [
    scenario for scenario in SCENARIOS if scenario.name.partition(": ")[2].partition(" [")[0] not in EXCLUDED
]


def test_all_scenarios_are_there() -> None:
    assert (len(SCENARIOS), len(APPLIES)) == (132, 129)


@pytest.mark.parametrize("scenario", [pytest.param(one, id=one.name) for one in APPLIES])
def test_a_scenario_of_the_specification(scenario: Scenario) -> None:
    world = World(json.loads((BASE / "test-flags.json").read_text(encoding="utf-8")))
    try:
        for text, table in scenario.steps:
            run(world, text, table)
    finally:
        world.close()
