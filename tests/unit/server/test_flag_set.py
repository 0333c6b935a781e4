"""The set in force: whatever happens to it, clients that apply every patch have what it has."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput, NotFound
from andon.flags.overrides import Override, effective
from andon.server.flag_set import FlagSet, Patch, next_version, same
from andon.server.flag_state import Placed, State, digest_of
from tests.flag_server import switch

KEYS = ("a", "b", 'c"\n')


def override(flag: str, layer: str = "kill", variant: str = "off", percent: float = 100.0) -> Override:
    return Override(flag=flag, layer=layer, variant=variant, percent=percent, operation="op")


def put(flags: FlagSet, one: Override) -> Patch | None:
    version = flags.version + 1
    placed = flags.with_override(one, version)
    return None if placed is None else flags.place(placed, one.flag, version, one.operation)


def define(flags: FlagSet, document: dict[str, Any], version: int) -> Patch:
    return flags.define(flags.compare(document, digest_of(document)), version)


def applied(known: dict[str, Any], patch: Patch) -> dict[str, Any]:
    """Return what a client has after a patch."""
    made = {**known, **patch.flags}
    for key in patch.removed:
        del made[key]
    return made


DEFINITIONS = st.dictionaries(
    st.sampled_from(KEYS),
    st.fixed_dictionaries({"defaultVariant": st.sampled_from(["on", "off"])}).map(
        lambda more: switch(**more)
    ),
)
STEPS = st.one_of(
    st.tuples(st.just("define"), DEFINITIONS),
    st.tuples(st.just("put"), st.sampled_from(KEYS), st.sampled_from(["kill", "rollout"])),
    st.tuples(st.just("take"), st.sampled_from(KEYS), st.sampled_from(["kill", "rollout"])),
)


@given(DEFINITIONS, st.lists(STEPS, max_size=12))
def test_clients_that_apply_every_patch_have_what_the_server_has(
    start: dict[str, Any], steps: list[Any]
) -> None:
    flags = FlagSet(State(version=1), {"flags": start})
    client, version = dict(flags.flags), 1
    above: dict[tuple[str, str], Override] = {}
    for step in steps:
        patch = None
        match step:
            case "define", document:
                patch = define(flags, {"flags": document}, flags.version + 1)
            case "put", key, layer:
                one = override(key, layer, percent=5)
                try:
                    patch = put(flags, one)
                    above[key, layer] = one
                except NotFound:
                    assert key not in flags.definitions
            case "take", key, layer:
                placed = flags.without(key, layer)
                if placed is not None:
                    patch = flags.place(placed, key, flags.version + 1, "op")
                above.pop((key, layer), None)
        if patch is not None:
            assert patch.previous == version < patch.version == flags.version
            client, version = applied(client, patch), patch.version
        assert client == flags.flags == json.loads(flags.whole())["flags"]
        for key, flag in flags.definitions.items():
            assert flags.flags[key] == effective(flag, [o for (at, _), o in above.items() if at == key])


def test_an_override_outlives_the_definition_it_stands_above() -> None:
    flags = FlagSet(State(version=1), {"flags": {"a": switch()}})
    put(flags, override("a"))
    define(flags, {"flags": {}}, 3)
    assert "'a'" in flags.orphans()[0]
    define(flags, {"flags": {"a": {**switch(), "variants": {"on": True}}}}, 4)
    assert "no variant 'off'" in flags.orphans()[0]
    define(flags, {"flags": {"a": switch()}}, 5)
    assert flags.orphans() == []
    assert flags.flags["a"]["defaultVariant"] == "off"


def test_what_cannot_work_is_refused_and_changes_nothing() -> None:
    flags = FlagSet(State(version=1), {"flags": {"a": switch(), "text": "no object", "none": {}}})
    with pytest.raises(NotFound):
        put(flags, override("b"))
    for flag in ("text", "none"):
        with pytest.raises(InvalidInput):
            put(flags, override(flag))
    with pytest.raises(InvalidInput):
        put(flags, override("a", variant="maybe"))
    assert flags.version == 1 and not flags.placed


def test_shared_rules_and_metadata_need_the_whole_set() -> None:
    flags = FlagSet(State(version=1), {"flags": {"a": switch()}, "$evaluators": {"e": True}})
    assert not define(flags, {"flags": {"a": switch()}, "$evaluators": {"e": True}}, 2).is_whole
    assert define(flags, {"flags": {"a": switch()}, "$evaluators": {"e": 1}}, 3).is_whole
    assert json.loads(flags.whole())["$evaluators"] == {"e": 1}


def test_what_python_takes_for_equal_is_a_change_to_a_client() -> None:
    assert not same({"v": 1}, {"v": True}) and not same({"v": 1}, {"v": 1.0})
    assert same({"a": 1, "b": [2]}, {"a": 1, "b": [2]})


def test_a_kept_override_stands_again() -> None:
    state = State(version=7, placed=(Placed(override=override("a"), version=6),))
    flags = FlagSet(state, {"flags": {"a": switch()}})
    assert flags.flags["a"]["defaultVariant"] == "off"
    assert flags.with_override(override("a"), 8) is None


@given(st.integers(0, 1 << 60), st.integers(0, 1 << 60))
def test_versions_always_rise(previous: int, clock: int) -> None:
    assert next_version(previous, clock) > previous
