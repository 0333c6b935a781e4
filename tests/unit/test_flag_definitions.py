"""What is wrong with a flag's definition, each with its place; nothing is wrong with good ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from andon.errors import InvalidInput
from andon.flags.definitions import default_of, flags_of, judge
from andon.flags.evaluator import Evaluator
from andon.flags.reading import read_document

GOOD: dict[str, Any] = {
    "state": "ENABLED",
    "variants": {"on": True, "off": False},
    "defaultVariant": "off",
    "metadata": {"owner": "ann", "expires": "2027-01-01", "permanent": False, "weight": 1.5},
    "targeting": {
        "if": [{"in": [{"var": "plan"}, ["gold"]]}, "on", {"fractional": [["on", 5], ["off", 95]]}]
    },
}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name not in names}


def test_nothing_is_wrong_with_a_good_flag() -> None:
    assert judge("f", GOOD, {}) == ()
    assert judge("f", without("targeting", "metadata", "defaultVariant"), {}) == ()
    assert judge("f", {**GOOD, "defaultVariant": None, "targeting": None}, {}) == ()


SPOILS: list[tuple[Any, str, tuple[Any, ...]]] = [
    (3, "flag", ()),
    (without("state"), "state", ("state",)),
    ({**GOOD, "state": "on"}, "state", ("state",)),
    ({**GOOD, "state": ["ENABLED"]}, "state", ("state",)),
    (without("variants"), "variants", ("variants",)),
    ({**GOOD, "variants": {}}, "variants", ("variants",)),
    ({**GOOD, "variants": {"": True, "off": False}}, "variants", ("variants",)),
    ({**GOOD, "variants": {"on": True, "off": 0}}, "variants-mixed", ("variants",)),
    ({**GOOD, "variants": {"on": None, "off": None}}, "variants-mixed", ("variants",)),
    ({**GOOD, "variants": {"on": float("inf"), "off": 0.0}}, "variants-mixed", ("variants",)),
    ({**GOOD, "defaultVariant": "other"}, "default-variant", ("defaultVariant",)),
    ({**GOOD, "defaultVariant": 3}, "default-variant", ("defaultVariant",)),
    ({**GOOD, "targeting": ["if"]}, "targeting", ("targeting",)),
    ({**GOOD, "targeting": {"if": [{"nope": 1}, "on"]}}, "operator-unknown", ("targeting", "if", 0)),
    ({**GOOD, "targeting": {"or": [1], "and": [1]}}, "operators-several", ("targeting",)),
    ({**GOOD, "targeting": {"if": [{"$ref": "x"}, "on"]}}, "ref-unknown", ("targeting", "if", 0)),
    ({**GOOD, "targeting": {"==": ["\ud800ä", 1]}}, "text", ("targeting", "==", 0)),
]


@pytest.mark.parametrize(("flag", "rule", "place"), SPOILS)
def test_what_spoils_a_flag(flag: Any, rule: str, place: tuple[Any, ...]) -> None:
    found = [defect for defect in judge("f", flag, {}) if defect.spoils]
    assert [defect.rule for defect in found] == [rule]
    assert found[0].pointer == ("flags", "f", *place)


TOLD: list[tuple[Any, str, tuple[Any, ...]]] = [
    ({"metadata": []}, "metadata", ("metadata",)),
    ({"metadata": {"owner": ["ann"]}}, "metadata", ("metadata", "owner")),
    ({"targeting": {"if": [True, "onn"]}}, "targeting-variant", ("targeting", "if", 1)),
    ({"targeting": {"if": [True, "on", True]}}, "targeting-variant", ("targeting", "if", 2)),
    (
        {"targeting": {"fractional": [["on", 1], ["other", 1]]}},
        "targeting-variant",
        ("targeting", "fractional", 1, 0),
    ),
    (
        {"targeting": {"fractional": [["on", 0.5], ["off", 1]]}},
        "fractional-weight",
        ("targeting", "fractional", 0, 1),
    ),
    ({"targeting": {"fractional": [["on", 2**31]]}}, "fractional-weight", ("targeting", "fractional")),
    ({"targeting": {"fractional": [["on", 0]]}}, "fractional-weight", ("targeting", "fractional")),
    ({"targeting": {"fractional": [{"var": "x"}]}}, "fractional", ("targeting", "fractional")),
    ({"targeting": {"fractional": ["x", ["on", 1]]}}, "fractional", ("targeting", "fractional", 0)),
    (
        {"targeting": {"if": [{"starts_with": ["x"]}, "on"]}},
        "arguments",
        ("targeting", "if", 0, "starts_with"),
    ),
    (
        {"targeting": {"if": [{"sem_ver": ["1", "?", "1"]}, "on"]}},
        "version-operator",
        ("targeting", "if", 0, "sem_ver", 1),
    ),
    (
        {"targeting": {"if": [{"sem_ver": ["1", "=", "one"]}, "on"]}},
        "version",
        ("targeting", "if", 0, "sem_ver", 2),
    ),
]


@pytest.mark.parametrize(("change", "rule", "place"), TOLD)
def test_what_is_told_and_evaluated_all_the_same(change: Any, rule: str, place: tuple[Any, ...]) -> None:
    found = judge("f", {**GOOD, **change}, {})
    assert [(defect.rule, defect.spoils) for defect in found] == [(rule, False)]
    assert found[0].pointer == ("flags", "f", *place)


def test_a_defect_in_a_shared_rule_is_found_where_it_stands() -> None:
    flag = {**GOOD, "targeting": {"if": [{"$ref": "home"}, "on"]}}
    (defect,) = judge("f", flag, {"home": {"!": {"nope": 1}}})
    assert defect.pointer == ("$evaluators", "home", "!")


def test_a_key_is_a_text_of_some_length() -> None:
    for key in ("", "x" * 1001, "\ud800"):
        assert [defect.rule for defect in judge(key, GOOD, {})] == ["key"]


def test_very_many_variants_spoil_a_flag() -> None:
    variants = {f"v{number}": number for number in range(10_001)}
    found = judge("f", {"state": "ENABLED", "variants": variants}, {})
    assert [defect.rule for defect in found] == ["variants-many"]


def test_a_hundred_defects_are_enough() -> None:
    flag = {**GOOD, "targeting": {"or": [{"nope": 1}] * 500}}
    assert len(judge("f", flag, {})) == 100


def test_true_of_a_yaml_file_names_a_variant() -> None:
    flag = {"state": "ENABLED", "variants": {"true": 1, "false": 2}, "defaultVariant": True}
    assert judge("f", flag, {}) == ()
    assert default_of(flag) == "true"
    assert default_of({"defaultVariant": ""}) is None


def test_flags_may_be_a_list_with_keys() -> None:
    assert flags_of({"flags": [{"key": "a", "state": "ENABLED"}]}) == {"a": {"state": "ENABLED"}}
    for wrong in ([{"key": "a"}, {"key": "a"}], [{}], [3], [{"key": 3}]):
        with pytest.raises(InvalidInput):
            flags_of({"flags": wrong})


def test_the_example_of_the_reference_is_a_good_one() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "flag-definitions.md"
    example = page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    evaluator = Evaluator()
    evaluator.replace(read_document(example.encode(), "example.yaml"))
    assert evaluator.findings() == ()
    assert evaluator.boolean("new-pricing", False, {"email": "ann@example.com"}) is True
