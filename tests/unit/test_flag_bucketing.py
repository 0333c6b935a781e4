"""Bucketing: our CBOR is the library's, thresholds are flagd's formula, and a rollout only ever grows."""

from __future__ import annotations

import string
from typing import Any

import cbor2
import mmh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.flags import bucketing
from andon.flags.bucketing import draw, encode, hash_pair, hash_value, pair_heads, thresholds
from andon.flags.evaluator import Evaluator
from andon.flags.overrides import PARTS, share

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


def normal(value: Any) -> Any:
    """What flagd asks for before a value is encoded: a float without a fraction is an integer."""
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normal(item) for item in value]
    is_whole = isinstance(value, float) and value.is_integer() and -(2**63) <= value <= 2**64 - 1
    return int(value) if is_whole else value


@given(VALUES)
def test_our_cbor_is_the_librarys(value: Any) -> None:
    assert encode(value) == cbor2.dumps(normal(value), canonical=True)


@pytest.mark.parametrize("length", [0, 1, 23, 24, 255, 256, 65535, 65536])
def test_texts_and_lists_of_every_length(length: int) -> None:
    for value in ("ä" * length, [0] * length, {str(n): n for n in range(min(length, 300))}):
        assert encode(value) == cbor2.dumps(value, canonical=True)


def test_half_single_and_double() -> None:
    for value in (1.5, 0.1, 1e-10, 65504.5, 3.4e38, 1e39, 5e-324, float("inf"), -0.0):
        assert encode(value) == cbor2.dumps(normal(value), canonical=True)
    assert encode(float("nan")) == b"\xf9\x7e\x00"


def test_what_is_no_json_value_is_not_encoded() -> None:
    with pytest.raises(TypeError):
        encode(object())
    assert hash_value("v3", object()) is None
    assert hash_value("v3", "\ud800") is None
    assert hash_value("v3", None) is None
    assert hash_value("v2", 3) is None


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
    st.text(string.ascii_letters, max_size=30),
)
def test_the_ready_made_heads_are_the_pair(targeting_key: str, flag_key: str) -> None:
    content = targeting_key.encode()
    if targeting_key:
        made = pair_heads(flag_key)[len(content)] + content
        assert made == cbor2.dumps([flag_key, targeting_key], canonical=True)
        assert hash_pair("v3", flag_key, targeting_key) == mmh3.hash(made, 0, False)
    assert hash_pair("v2", flag_key, targeting_key) == mmh3.hash(flag_key + targeting_key, 0, False)


@given(
    st.lists(st.integers(-5, 2**20), min_size=1, max_size=6),
    st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, 2**31 - 1, 2**31, 2**32 - 1]),
)
def test_a_threshold_says_what_the_product_says(weights: list[int], drawn: int) -> None:
    clamped = [max(weight, 0) for weight in weights]
    ends = thresholds(weights)
    if not sum(clamped):
        assert ends is None
        return
    assert ends is not None
    bucket, reached = (drawn * sum(clamped)) >> 32, 0
    for weight, end in zip(clamped, ends, strict=True):
        reached += weight
        assert (drawn < end) == (bucket < reached)
    assert ends[-1] == 2**32


def test_weights_that_nothing_can_be_drawn_from() -> None:
    assert thresholds([]) is None
    assert thresholds([0, -3]) is None
    assert thresholds([2**31]) is None
    assert thresholds([2**31 - 1]) == (2**32,)
    for wrong in (["a"], [["a", "b"]], [["a", 0.5]], [["a", True]], [[]], [["a", 1, 2]], []):
        assert draw("v3", "f", "ann", wrong) is None
    assert draw("v3", "f", "ann", [["a", 1.0]]) == "a"
    assert draw("v3", "f", 3, [["a", 1]]) is None
    assert draw("v3", "f", "", [["a", 1]]) is None
    assert draw("v3", "f", None, [3, ["a", 1]]) == "a"


def evaluator_at(percent: float, hashing: str) -> Evaluator:
    evaluator = Evaluator(hashing=hashing)
    rule = share("on", percent, None, "off")
    flag = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}
    evaluator.replace({"flags": {"new-cart": {**flag, "targeting": rule}}})
    return evaluator


@pytest.mark.parametrize("hashing", ["v2", "v3"])
def test_who_is_in_at_five_percent_is_in_at_every_higher_stage(hashing: str) -> None:
    before: set[str] = set()
    for percent in (0, 0.1, 5, 25, 50, 99.9, 100):
        evaluator = evaluator_at(percent, hashing)
        users = (f"user-{number}" for number in range(3000))
        inside = {user for user in users if evaluator.boolean("new-cart", False, {"targetingKey": user})}
        assert inside >= before
        assert abs(len(inside) - 30 * percent) < 90
        assert not evaluator.errors
        before = inside
    assert len(before) == 3000
    assert PARTS == 10_000


@pytest.mark.parametrize("hashing", ["v2", "v3"])
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_generated_code_draws_as_the_general_way_does(hashing: str, user: str) -> None:
    parts = [["on", 5], ["off", 0], ["off", 95]]
    flag = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}
    evaluator = Evaluator(hashing=hashing)
    evaluator.replace(
        {
            "flags": {
                "short": {**flag, "targeting": {"fractional": parts}},
                "long": {**flag, "targeting": {"fractional": [{"var": "user"}, *parts]}},
            }
        }
    )
    context = {"targetingKey": user, "user": user}
    by_pair = bucketing.draw(hashing, "short", user, parts)
    by_value = bucketing.draw(hashing, "long", None, [user, *parts])
    assert evaluator.boolean("short", False, context) is (by_pair == "on")
    assert evaluator.boolean("long", False, context) is (by_value == "on")


@pytest.mark.parametrize("user", [3, 2.5, True, {"id": 3}])
def test_by_cbor_anybody_can_be_told_by_other_things_than_texts(user: Any) -> None:
    for hashing, wanted in (("v3", "TARGETING_MATCH"), ("v2", "DEFAULT")):
        evaluator = Evaluator(hashing=hashing)
        flag = {"state": "ENABLED", "variants": {"on": True}, "defaultVariant": "on"}
        rule = {"fractional": [{"var": "user"}, ["on", 1]]}
        evaluator.replace({"flags": {"f": {**flag, "targeting": rule}}})
        assert evaluator.boolean_details("f", False, {"user": user}).reason == wanted
