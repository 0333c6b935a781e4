"""JSONLogic's official cases, all of them, and of the extended ones what flagd's dialect has."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from andon.flags.compiling import compile_rule
from andon.flags.judging import OPERATORS
from tests.integration.flags.conformance import folder

SUITES = folder("json-logic-compat") / "suites"
OFFICIAL = "compatible.json"
#: What of the extended cases does not apply, by suite and place, beside those that use operators of other
#: dialects or expect an error.
OTHERWISE = {
    ("comparison/softEquals.json", 27): "null equals nothing but null, as in JavaScript; here 0 as well",
    ("comparison/softNotEquals.json", 26): "null equals nothing but null, as in JavaScript; here 0 as well",
    ("chained.json", 4): "an operator gets as its only argument what another makes, a list: not its items",
}
FOREIGN = "an operator that flagd has not"
#: The operators of other dialects, by name; a case with any other has to pass.
OTHER_DIALECTS = {"val", "exists", "??", "try", "throw", "preserve"}
#: How many cases of a suite expect an error. Flagd's dialect has none: it goes on with null.
EXPECT_AN_ERROR = {
    "arithmetic/plus.json": 6, "arithmetic/multiply.json": 3, "arithmetic/minus.json": 3,
    "arithmetic/divide.json": 12, "arithmetic/modulo.json": 17, "comparison/greaterThan.json": 9,
    "comparison/greaterThanEquals.json": 9, "comparison/lessThan.json": 9,
    "comparison/lessThanEquals.json": 6, "comparison/softEquals.json": 9, "comparison/softNotEquals.json": 9,
    "comparison/strictEquals.json": 3, "comparison/strictNotEquals.json": 3, "control/and.json": 1,
    "control/if.json": 1, "control/or.json": 1, "array/map.json": 2, "array/filter.json": 2,
    "array/all.json": 2, "array/some.json": 2, "array/none.json": 2, "iterators.extra.json": 17,
}  # fmt: skip
ERROR = "an error is expected, where flagd's dialect goes on with null or NaN"


def cases(suite: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for place, case in enumerate(json.loads((SUITES / suite).read_text(encoding="utf-8"))):
        if isinstance(case, dict):
            yield place, case


def operators(rule: Any) -> Iterator[str]:
    if isinstance(rule, dict):
        for name, inside in rule.items():
            yield name
            yield from operators(inside)
    elif isinstance(rule, list):
        for inside in rule:
            yield from operators(inside)


def comes_out(case: dict[str, Any]) -> bool:
    """Say whether a rule comes to its result; to Python, true would equal 1."""
    result, wanted = compile_rule(case["rule"])(case.get("data")), case["result"]
    return bool(result == wanted) and isinstance(result, bool) == isinstance(wanted, bool)


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{place}") for place, case in cases(OFFICIAL)])
def test_an_official_case(case: dict[str, Any]) -> None:
    assert comes_out(case)


def excluded(suite: str, place: int, case: dict[str, Any]) -> str:
    """Return why an extended case does not apply; "" when it does."""
    assert OTHER_DIALECTS.isdisjoint(OPERATORS)
    if foreign := sorted(OTHER_DIALECTS.intersection(operators(case["rule"]))):
        return f"{FOREIGN}: {', '.join(foreign)}"
    return ERROR if "error" in case else OTHERWISE.get((suite, place), "")


def test_every_extended_case_that_applies() -> None:
    passed, left_out, errors = 0, Counter[str](), Counter[str]()
    for suite in json.loads((SUITES / "index.json").read_text(encoding="utf-8")):
        for place, case in cases(suite):
            why = excluded(suite, place, case)
            if not why:
                assert comes_out(case), (suite, place, case)
                passed += 1
                continue
            left_out[why.partition(":")[0]] += 1
            errors[suite] += why == ERROR
            if (suite, place) in OTHERWISE:
                assert not comes_out(case), f"{suite} {place} passes now: no reason to leave it out"
    assert +errors == EXPECT_AN_ERROR
    assert (passed, left_out[FOREIGN], left_out[ERROR], sum(left_out.values())) == (813, 194, 128, 325)


def test_there_are_as_many_official_cases_as_are_known() -> None:
    assert len(list(cases(OFFICIAL))) == 278
