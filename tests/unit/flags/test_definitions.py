"""What is wrong with flags as they are defined, with the line of each; examples on both sides."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from andon.flags.hygiene.definitions import DefinedFlags, defined_flags, judge_definitions
from andon.flags.hygiene.finding import RULES, FlagFinding, command, in_order
from andon.flags.hygiene.places import flag_places
from andon.flags.hygiene.undefining import without_definition

TODAY = "2026-03-01"
META = {
    "owner": "ana", "purpose": "prices", "kind": "release", "created": "2026-01-01", "expires": "2026-09-01",
}  # fmt: skip


def flag(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "metadata": META,
    }
    return {**made, **changes}


def meta(**changes: Any) -> dict[str, Any]:
    return flag(metadata={**META, **changes})


def defined(**flags: dict[str, Any]) -> DefinedFlags:
    document = {"flags": flags}
    return defined_flags(document, json.dumps(document, indent=1), "flags.json")


def rules(**flags: dict[str, Any]) -> list[str]:
    return sorted({one.rule for one in judge_definitions(defined(**flags), TODAY)})


SHARE = {"fractional": [["on", 500], ["off", 9500]]}


@pytest.mark.parametrize(
    ("one", "rule"),
    [
        (meta(owner=""), "flag-owner"),
        (meta(purpose="  "), "flag-owner"),
        (meta(kind="feature"), "flag-owner"),
        (meta(created="soon"), "flag-owner"),
        (meta(expires=""), "flag-owner"),
        (meta(expires="2026-02-28"), "flag-expired"),
        (flag(defaultVariant="on"), "flag-default-on"),
        (flag(targeting={"fractional": [["off", 95], ["on", 5]]}), "rollout-not-monotone"),
        (flag(targeting={"if": [True, {"fractional": [["on", 1], ["off", 6]]}]}), "rollout-not-monotone"),
        (flag(variants={str(n): n for n in range(6)}, defaultVariant="1"), "flag-as-setting"),
        (flag(variants={"only": "x"}, defaultVariant="only"), "flag-as-setting"),
        (meta(prerequisites="gone"), "flag-cycle"),
        (meta(prerequisites="one"), "flag-cycle"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(one: dict[str, Any], rule: str) -> None:
    assert rules(one=one) == [rule]
    found = judge_definitions(defined(first=flag(), one=one), TODAY)
    assert {finding.key for finding in found} == {"one"}
    assert all(finding.line > 10 and finding.remedy and len(finding.fingerprint) == 12 for finding in found)


@pytest.mark.parametrize(
    "one",
    [
        flag(),
        flag(targeting=SHARE),
        flag(targeting={"if": [{"ends_with": [{"var": "email"}, "@example.org"]}, "on", None]}),
        flag(targeting={"fractional": [["red", 1], ["green", 1], ["blue", 1]]}),
        flag(defaultVariant="on", metadata={**META, "kind": "ops", "expires": ""}),
        flag(defaultVariant="on", metadata={**META, "permanent": True, "expires": "2020-01-01"}),
        flag(defaultVariant="on", state="DISABLED"),
        flag(defaultVariant="on", metadata={**META, "safeVariant": "on"}),
        flag(variants={str(n): n for n in range(6)}, defaultVariant="1", metadata={**META, "kind": "ops"}),
        meta(expires=TODAY),
    ],
)
def test_what_is_right_is_left_alone(one: dict[str, Any]) -> None:
    assert rules(one=one) == []


def test_a_ring_is_told_once_and_names_its_flags() -> None:
    flags = {
        key: meta(prerequisites=needs) for key, needs in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))
    }
    found = [one for one in judge_definitions(defined(**flags), TODAY) if one.rule == "flag-cycle"]
    assert [one.text for one in found] == ["prerequisites go in a ring: a -> b -> c -> a"]


def test_thousands_of_prerequisites_in_a_row_do_no_harm() -> None:
    flags = {f"f{n}": meta(prerequisites=f"f{n + 1}") for n in range(3_000)}
    assert {one.text for one in judge_definitions(defined(**flags), TODAY)} == {
        "f2999 needs f3000, which is not defined"
    }


@given(
    junk=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
        max_leaves=12,
    )
)
def test_whatever_a_flag_is_nothing_is_raised(junk: Any) -> None:
    odd = {"metadata": junk, "variants": junk, "targeting": junk, "defaultVariant": junk}
    document = {"flags": {"a": junk, "b": odd, "c": {**flag(), "targeting": {"fractional": junk}}}}
    text = json.dumps(document)
    for one in judge_definitions(defined_flags(document, text, "f.json"), TODAY):
        assert one.rule in {rule.id for rule in RULES}


def test_findings_come_in_the_order_of_the_table_and_once() -> None:
    made = [FlagFinding(rule=rule.id, key="a", path="p", text="t") for rule in reversed(RULES)]
    assert [one.rule for one in in_order([*made, *made])] == [rule.id for rule in RULES]


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("new-pricing", "new-pricing"),
        ("a; rm -rf ~", "'a; rm -rf ~'"),
        ("it's", "'it'\\''s'"),
        ("--write", "'--write'"),
        ("$(x)", "'$(x)'"),
    ],
)
def test_a_command_about_a_hostile_key_can_be_pasted(key: str, shown: str) -> None:
    assert command("remove", key) == f"andon flags remove {shown}"


# ---- where a definition stands, and without it

JSON = """{
  "$evaluators": {"flags": {"x": 1}},
  "flags": {
    "a": {"state": "ENABLED"},
    "b \\u00e9": {
      "variants": {"flags": {"c": 1}}
    }, "c": {}
  }
}
"""
YAML = """# all of them
flags:
  a:
    state: ENABLED   # on
    variants: {on: true}

  # about b
  b:
    state: ENABLED
  'c d':
    x: |
      b:
        text
other: 1
"""


def test_the_places_of_flags_in_json_and_yaml() -> None:
    found = flag_places(JSON)
    assert {key: (place.line, place.end_line) for key, place in found.items()} == {
        "a": (4, 4), "b é": (5, 7), "c": (7, 7),
    }  # fmt: skip
    assert {key: place.line for key, place in flag_places(YAML).items()} == {"a": 3, "b": 8, "c d": 10}
    assert flag_places('{"flags": {"a"') == flag_places("a: [") == flag_places("") == {}


@pytest.mark.parametrize(
    ("text", "key", "after"),
    [
        (JSON, "a", JSON.replace('    "a": {"state": "ENABLED"},\n', "")),
        (JSON, "c", JSON.replace(', "c": {}', "")),
        (YAML, "a", YAML.replace("  a:\n    state: ENABLED   # on\n    variants: {on: true}\n", "")),
        (YAML, "c d", YAML.replace("  'c d':\n    x: |\n      b:\n        text\n", "")),
        ('{"flags": {"a": 1}}', "a", '{"flags": {}}'),
        ('{"flags": {"a": 1, "b": 2}}', "a", '{"flags": { "b": 2}}'),
        ("flags: {a: {}, b: {}}", "a", None),
        (JSON, "nothing", None),
    ],
)
def test_a_definition_goes_and_all_else_stays(text: str, key: str, after: str | None) -> None:
    made = without_definition(text, key)
    if after is not None and text.startswith("{"):
        assert made is not None and json.loads(made) == json.loads(after)
    if text in (JSON, YAML) or after is None:
        assert made == after


@given(
    keys=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=6), min_size=1, unique=True),
    number=st.integers(0, 100),
    indent=st.sampled_from([None, 1, 4]),
)
def test_any_json_file_keeps_its_other_flags(keys: list[str], number: int, indent: int | None) -> None:
    document = {"x": {"flags": 1}, "flags": {key: {"variants": {key: key}} for key in keys}, "y": [2]}
    gone = keys[number % len(keys)]
    made = without_definition(json.dumps(document, indent=indent), gone)
    left = {key: flag for key, flag in document["flags"].items() if key != gone}  # type: ignore[attr-defined]
    assert made is not None and json.loads(made) == {**document, "flags": left}


@given(keys=st.lists(st.from_regex(r"[a-z][a-z-]{0,6}", fullmatch=True), min_size=2, unique=True))
def test_any_yaml_file_keeps_its_other_flags(keys: list[str]) -> None:
    document = {"flags": {key: {"variants": {"on": True}, "defaultVariant": "on"} for key in keys}, "z": 1}
    made = without_definition(yaml.safe_dump(document, sort_keys=False), keys[0])
    assert made is not None
    left = {key: flag for key, flag in document["flags"].items() if key != keys[0]}  # type: ignore[attr-defined]
    assert yaml.safe_load(made) == {**document, "flags": left}
