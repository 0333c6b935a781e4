"""OpenFeature's own scenarios on the SDK with Andon's provider; the excluded ones by name with the reason."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from tests.integration.openfeature_steps import World, run

DATA = Path(
    os.environ.get("ANDON_CONFORMANCE") or Path(__file__).parents[2].parent / "shared" / "conformance"
)
SCENARIOS = DATA / "spec" / "specification" / "assets" / "gherkin"
#: Scenario to why it is not done.
EXCLUDED = {
    "CACHED reason": "a provider may cache, and an evaluation in the process has nothing to save by it",
    "Evaluation context immutability": "the SDK's details are a dataclass that anybody can assign to",
}
#: Scenarios of the copy that was tested; another number means another copy.
EXPANDED, LEFT_OUT = 132, 3


def _scenarios() -> Iterator[Any]:
    for path in sorted(SCENARIOS.glob("*.feature")):
        parsed = Parser().parse(path.read_text(encoding="utf-8"))
        for pickle in Compiler().compile({**parsed, "uri": path.name}):
            yield path.name, pickle


FOUND = list(_scenarios()) if SCENARIOS.is_dir() else []
needs_data = pytest.mark.skipif(
    not FOUND, reason=f"no conformance data in {SCENARIOS.name}; ANDON_CONFORMANCE names it"
)


@needs_data
def test_every_scenario_is_counted() -> None:
    left_out = [pickle for _, pickle in FOUND if pickle["name"] in EXCLUDED]
    assert (len(FOUND), len(left_out)) == (EXPANDED, LEFT_OUT)


@needs_data
@pytest.mark.parametrize(
    "pickle",
    [
        pytest.param(pickle, id=f"{name.removesuffix('.feature')}-{number}-{pickle['name']}")
        for number, (name, pickle) in enumerate(FOUND)
        if pickle["name"] not in EXCLUDED
    ],
)
def test_scenario(pickle: dict[str, Any]) -> None:
    world = World(json.loads((SCENARIOS / "test-flags.json").read_text(encoding="utf-8")))
    try:
        for step in pickle["steps"]:
            table = step.get("argument", {}).get("dataTable", {}).get("rows", [])
            rows = [[cell["value"] for cell in row["cells"]] for row in table]
            run(world, step["text"], rows)
    finally:
        world.close()
