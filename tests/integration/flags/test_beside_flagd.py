"""The same answers as flagd's own evaluator for Python, if installed: rules and contexts by chance."""

from __future__ import annotations

import random
from typing import Any

import pytest

from andon.flags.bucketing import V3
from andon.flags.evaluator import Evaluator

pytest.importorskip("openfeature.contrib.tools.flagd.core", reason="openfeature-flagd-core is not installed")

from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import OpenFeatureError

NAMES = ("email", "tier", "age", "version", "nothing", "tags")
TEXTS = ("gold", "ann@example.com", "1.4.0", "x", "")
VARIANTS = {"on": "1", "off": "2", "true": "3", "false": "4"}


def context(chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {
        "email": chance.choice(("ann@example.com", "bob@example.org", None)),
        "tier": chance.choice(("gold", "x", "")),
        "age": chance.choice((3, 17, 40, 17.5)),
        "version": chance.choice(("1.4.0", "2.0.0-rc.1", "v1.5", "none")),
        "tags": chance.choice((["x", "gold"], [], ["y"])),
    }
    # `cat` of null is empty by JSONLogic's cases, and "null" there: `tier`, which is joined, is always given.
    return {
        key: value
        for key, value in found.items()
        if key == "tier" or (value is not None and chance.random() < 0.8)
    }


def condition(chance: random.Random, depth: int) -> Any:
    name = {"var": chance.choice(NAMES)}
    kinds: list[Any] = [
        {"==": [name, chance.choice(TEXTS)]},
        {"!==": [name, chance.choice(TEXTS)]},
        {"in": [name, ["gold", "ann@example.com", "x"]]},
        {"in": ["x", {"var": "tags"}]},
        {"starts_with": [name, chance.choice(TEXTS)]},
        {"ends_with": [name, "example.com"]},
        {">": [{"var": "age"}, chance.choice((3, 17, 20))]},
        {"<": [2, {"var": "age"}, 18]},
        {"sem_ver": [{"var": "version"}, chance.choice(("=", ">", "^", "~", "<=")), "1.4.0"]},
        {"!": name},
        name,
        {"some": [{"var": "tags"}, {"==": [{"var": ""}, "x"]}]},
    ]
    if depth < 3:
        kinds += [
            {"and": [condition(chance, depth + 1), condition(chance, depth + 1)]},
            {"or": [condition(chance, depth + 1), condition(chance, depth + 1)]},
            {"!": [condition(chance, depth + 1)]},
        ] * 3
    return chance.choice(kinds)


def targeting(chance: random.Random, depth: int = 0) -> Any:
    def result() -> Any:
        if depth < 2 and chance.random() < 0.3:
            return targeting(chance, depth + 1)
        return chance.choice(("on", "off", None, True, False))

    kind = chance.randrange(5)
    if kind == 0:
        return {"fractional": [["on", chance.randrange(1, 50)], ["off", chance.randrange(1, 50)]]}
    if kind == 1:
        salted = {"cat": [{"var": "$flagd.flagKey"}, {"var": "tier"}]}
        return {"fractional": [salted, ["on", 3], ["off"], ["true", 0]]}
    if kind == 2:
        return {"fractional": [{"var": chance.choice(NAMES)}, ["on", 50], ["off", 50]]}
    return {"if": [condition(chance, 0), result(), condition(chance, 0), result(), result()]}


def answer(details: Any) -> tuple[Any, ...]:
    return details.value, details.variant, str(details.reason)


def by_flagd(core: FlagdCore, key: str, there: EvaluationContext) -> tuple[Any, ...]:
    try:
        return answer(core.resolve_string_value(key, "none", there))
    except OpenFeatureError:
        return "none", None, "ERROR"


def test_flagd_and_we_say_the_same() -> None:
    chance = random.Random(20260811)
    ours, theirs = Evaluator(hashing=V3), FlagdCore()
    flags = {
        f"flag-{number}": {
            "state": "ENABLED",
            "variants": VARIANTS,
            "defaultVariant": "off",
            "targeting": targeting(chance),
        }
        for number in range(150)
    }
    ours.replace({"flags": flags})
    theirs.set_flags({"flags": {key: dict(flag) for key, flag in flags.items()}})
    differ = []
    for key, flag in flags.items():
        for number in range(20):
            given = context(chance)
            there = EvaluationContext(f"user-{number}", given)
            wanted = by_flagd(theirs, key, there)
            got = ours.string_details(key, "none", {**given, "targetingKey": f"user-{number}"})
            if answer(got) != wanted:
                differ.append((flag["targeting"], given, answer(got), wanted))
    assert not differ, (len(differ), differ[0])
