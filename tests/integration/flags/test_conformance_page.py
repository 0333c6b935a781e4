"""The page about conformance names everything that is left out, with the reason and the numbers."""

from __future__ import annotations

import pytest

from tests.integration.flags import (
    test_flag_schemas,
    test_flagd_provider,
    test_flagd_testkit,
    test_json_logic,
    test_ofrep_scenarios,
    test_openfeature_scenarios,
    test_openfeature_spec,
)
from tests.integration.flags.conformance import ROOT

LINES = (ROOT / "docs/reference/flag-conformance.md").read_text("utf-8").replace("\\|", "¦").splitlines()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in LINES if line.startswith("|")]


def row(*cells: str) -> list[str]:
    """Return the only row with these texts, each in a cell of its own."""
    found = [one for one in ROWS if all(any(wanted in cell for cell in one) for wanted in cells)]
    assert len(found) == 1, (cells, found)
    return found[0]


@pytest.mark.parametrize("hashing", test_flagd_testkit.EXCLUDED)
def test_each_scenario_of_flagd_that_is_left_out_is_named(hashing: str) -> None:
    for why, names in test_flagd_testkit.EXCLUDED[hashing].items():
        told = row(hashing, why)[2]
        assert told.count("[") == len(names)
        for name in names:
            outline, _, values = name.replace("|", "¦").partition(" [")
            group = next(one for one in told.split("; ") if one.startswith(f"{outline} ["))
            assert f"[{values}" in group


def test_so_is_each_of_openfeature_of_the_schemas_and_of_jsonlogic() -> None:
    for through, left_out in (
        ("the SDK", test_openfeature_scenarios.EXCLUDED),
        ("the evaluator", test_openfeature_spec.EXCLUDED),
    ):
        for name, why in left_out.items():
            row(through, name, why)
    for name, why in test_flag_schemas.TAKEN.items():
        row(name, why)
    for (suite, place), why in test_json_logic.OTHERWISE.items():
        row(f"{suite} {place}", why)


def test_the_numbers_are_those_of_the_tests() -> None:
    there, apply = len(test_flagd_testkit.SCENARIOS), len(test_flagd_provider.APPLIES)
    assert len(test_ofrep_scenarios.APPLIES) == apply
    for through in ("hash v3", "Andon's provider, v3", "by OFREP, v3"):
        assert row(through)[2:] == [str(there), str(apply), f"**{apply}**"]
    left = sum(bool(test_flagd_testkit.why_excluded("v2", one)) for one in test_flagd_testkit.SCENARIOS)
    assert row("hash v2")[2:] == [str(there), str(there - left), f"**{there - left}**"]
    for module, through in (
        (test_openfeature_scenarios, "all files"),
        (test_openfeature_spec, "evaluation_v2"),
    ):
        there, apply = len(module.SCENARIOS), len(module.APPLIES)
        assert row(through)[2:] == [str(there), str(apply), f"**{apply}**"]
    assert row("JSON schemas")[2] == str(len(test_flag_schemas.FIXTURES))
    promises = list(test_flagd_provider.PROMISES.values())
    otherwise = sum(kept.startswith(test_flagd_provider.OTHERWISE) for kept in promises)
    not_ours = sum(kept.startswith(test_flagd_provider.NOT_OURS) for kept in promises)
    text = " ".join(" ".join(LINES).split())
    kept = len(promises) - otherwise - not_ours
    assert f"of {len(promises)} promises {kept} are kept by a test" in text
    assert f"{otherwise} are kept otherwise and {not_ours} are of something that is not here" in text
