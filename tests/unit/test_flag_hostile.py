"""Contexts and keys that no JSON has: an evaluation returns the default, soon, and never raises."""

from __future__ import annotations

import datetime
import decimal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from andon.flags.evaluator import Evaluator
from andon.flags.versions import _KNOWN, version

RULES: dict[str, Any] = {
    "equal": {"==": [{"var": "x"}, "a"]},
    "strictly": {"===": [{"var": "x"}, {"var": "y"}]},
    "below": {"<": [1, {"var": "x"}, {"var": "y"}]},
    "listed": {"in": [{"var": "x"}, ["a", "b", 1]]},
    "contained": {"in": [{"var": "y"}, {"var": "x"}]},
    "begins": {"starts_with": [{"var": "x"}, "a"]},
    "version": {"sem_ver": [{"var": "x"}, ">=", {"var": "y"}]},
    "drawn": {"fractional": [["on", 5], ["off", 95]]},
    "drawn by": {"fractional": [{"var": "x"}, ["on", 5], ["off", 95]]},
    "joined": {"==": [{"cat": [{"var": "x"}, "-", {"var": "y"}]}, "a-b"]},
    "cut": {"==": [{"substr": [{"var": "x"}, {"var": "y"}, 2]}, "aa"]},
    "computed": {">": [{"*": [{"var": "x"}, {"+": [{"var": "x"}, {"var": "y"}]}]}, 1]},
    "divided": {">": [{"/": [1, {"%": [{"var": "x"}, 2]}]}, 0]},
    "mapped": {"map": [{"var": "x"}, {"*": [{"var": ""}, 2]}]},
    "reduced": {"reduce": [{"var": "x"}, {"+": [{"var": "current"}, {"var": "accumulator"}]}, 0]},
    "lacking": {"missing_some": [1, {"var": "x"}]},
    "deep": {"==": [{"var": "x.a.b.0.c"}, {"var": [{"var": "x"}, {"var": "y"}]}]},
    "true": {"and": [{"var": "x"}, {"!": [{"var": "y"}]}]},
    "whole": {"var": ""},
}


#: Each rule twice: as a condition, and as what chooses the variant itself.
KEYS = (*RULES, *(f"bare {key}" for key in RULES))


class Boom(Exception):
    """What an object of the program raises."""


def _boom(*_: Any) -> Any:
    raise Boom


def spoilt(base: type, names: str) -> Any:
    """Return a type of which these methods raise."""
    return type(
        "Spoilt", (base,), dict.fromkeys((f"__{n}__" if n[0] != "-" else n[1:] for n in names.split()), _boom)
    )


#: An object of which nothing works, and texts, numbers and tables that only look like some.
Object = spoilt(object, "eq hash str repr bool lt len iter getattr int float contains index")
Text = spoilt(str, "eq hash str repr bool lt len iter contains -split -encode -startswith -endswith -strip")
Number = spoilt(int, "eq int lt hash mul")
Table = spoilt(dict, "getitem iter contains -get -items")


class Endless:
    """A mapping that has everything, which is itself."""

    def get(self, *_: Any) -> Any:
        return self


def _endless_items() -> Iterator[int]:
    while True:
        yield 1


def _cyclic() -> tuple[list[Any], list[Any], dict[str, Any]]:
    alone: list[Any] = []
    alone.append(alone)
    doubled: list[Any] = ["a"]
    doubled += [doubled, doubled]
    table: dict[str, Any] = {}
    table.update(x=table, a=table)
    return alone, doubled, table


def _nested(levels: int) -> tuple[list[Any], dict[str, Any]]:
    lists: list[Any] = []
    tables: dict[str, Any] = {}
    for _ in range(levels):
        lists, tables = [lists], {"a": tables, "x": tables}
    return lists, tables


VALUES: dict[str, Any] = {
    "huge": "a" * 2_000_000,
    "nan": float("nan"),
    "infinite": float("inf"),
    "bytes": b"abc",
    "surrogate": "\ud800a",
    "integer": 10**5000,
    "digits": "9" * 5000,
    "exponent": "1e400",
    "decimal": decimal.Decimal("sNaN"),
    "moment": datetime.datetime(2026, 11, 27, tzinfo=datetime.UTC),
    "set": {1, 2},
    "range": range(10**9),
    "type": int,
    "none": None,
    "object": Object(),
    "text": Text("abc"),
    "number": Number(5),
    "table": Table(a=1),
    "endless": Endless(),
    "generator": _endless_items(),
    "wide": [1] * 20_000,
    **dict(zip(("in itself", "twice in itself", "table in itself"), _cyclic(), strict=True)),
    **dict(zip(("nested lists", "nested tables"), _nested(5_000), strict=True)),
}


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    made = Evaluator()
    shared = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}
    made.replace(
        {
            "flags": {
                **{key: {**shared, "targeting": {"if": [rule, "on", "off"]}} for key, rule in RULES.items()},
                **{f"bare {key}": {**shared, "targeting": rule} for key, rule in RULES.items()},
            }
        }
    )
    return made


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_no_json_has_neither_fails_nor_holds_up_an_evaluation(
    evaluator: Evaluator, name: str
) -> None:
    value = VALUES[name]
    contexts: tuple[Any, ...] = ({"x": value}, {"x": value, "y": value, "targetingKey": value}, value)
    for context in contexts:
        for key in KEYS:
            began = time.thread_time()
            assert evaluator.boolean(key, False, context) in (True, False)
            assert evaluator.details(key, False, context).flag_key == key
            assert time.thread_time() - began < 2


def test_keys_of_a_context_may_be_anything(evaluator: Evaluator) -> None:
    context: Any = {None: 1, 5: 2, b"x": 3, (1, 2): 4, "x": "a", "targetingKey": None}
    assert evaluator.boolean("equal", False, context) is True


def test_what_is_no_key_is_answered_with_the_default(evaluator: Evaluator) -> None:
    for key in (None, 5, b"a", [], {}, Object(), Text("equal"), "x" * 1_000_000, "\ud800"):
        refuses(evaluator, key)


def refuses(evaluator: Evaluator, key: Any) -> None:
    assert evaluator.boolean(key, True, {}) is True
    assert evaluator.boolean_details(key, True, {}).value is True
    assert evaluator.object_details(key, {}, {}).value == {}


def test_keys_that_nobody_defined_take_no_memory_without_end() -> None:
    """As many as come from outside: only some are counted apart, the rest together."""
    made = Evaluator()
    for number in range(30_000):
        made.boolean(f"unknown-{number}", False, {"x": number})
    assert len(made.errors) <= 10_010
    assert sum(made.errors.values()) == 30_000
    assert made.counts() == {} and made.last_used() == {}


def test_long_keys_and_long_versions_are_not_kept_whole() -> None:
    made = Evaluator()
    made.boolean("x" * 1_000_000, False)
    assert [len(key) for key, _ in made.errors] == [200]
    assert version("1" * 1_000_000) is None and version("1.2.3") is not None
    assert all(len(known) <= 256 for known in _KNOWN)
