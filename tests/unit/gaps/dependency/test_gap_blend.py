"""Mixed answers: none of the differing places is the tests' answer, all of them are production's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.gaps.dependency.answers import Answer, Answers, Recorded
from andon.gaps.dependency.blend import is_in, mixed, places
from andon.gaps.dependency.fields import blended, covers, differing, grouped, same, steps
from andon.gaps.dependency.pairs import Pairs

KEYS = st.sampled_from(["a", "b", "items", "length", "x y", "42", "a-b", "ü", "", "a.b", "order_20261127"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(allow_nan=False, width=16), st.text(max_size=3)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)
HEADERS = st.lists(
    st.tuples(st.sampled_from(["api-version", "link", "content-type", "date"]), st.sampled_from(["1", "2"])),
    max_size=3,
).map(tuple)
BODIES = st.one_of(VALUES.map(lambda value: json.dumps(value).encode()), st.binary(max_size=4))
ANSWERS = st.builds(
    Answer,
    status=st.sampled_from([200, 404, 503]),
    headers=HEADERS,
    body=BODIES,
    delay=st.sampled_from([0.0, 1.0]),
    problem=st.sampled_from(["", "", "", "reset", "timeout"]),
)


@given(VALUES, VALUES)
def test_no_field_is_the_tests_value_and_all_are_productions(test: Any, production: Any) -> None:
    fields = differing(test, production)
    assert same(blended(test, production, ()), test)
    assert same(blended(test, production, fields), production)
    assert bool(fields) == (not same(test, production))


@settings(max_examples=60)
@given(VALUES, VALUES, st.data())
def test_a_field_changes_what_it_names_and_nothing_else(
    test: Any, production: Any, data: st.DataObject
) -> None:
    fields = differing(test, production)
    chosen = data.draw(st.sets(st.sampled_from(fields))) if fields else set()
    left = differing(blended(test, production, chosen), production)
    assert set(left) <= {one for one in fields if not any(covers(c, one) for c in chosen)}
    changed = differing(test, blended(test, production, chosen))
    assert all(any(covers(c, one) or covers(one, c) for c in chosen) for one in changed)


@settings(max_examples=60)
@given(VALUES, VALUES, st.integers(1, 4))
def test_fields_put_together_cover_all_of_them(test: Any, production: Any, most: int) -> None:
    fields = differing(test, production)
    together = grouped(fields, most)
    assert all(any(covers(one, field) for one in together) for field in fields)
    assert same(blended(test, production, together), production)


@settings(max_examples=150)
@given(ANSWERS, ANSWERS)
def test_no_place_is_the_tests_answer_and_all_are_productions(test: Answer, production: Answer) -> None:
    assert mixed(test, production, ()) is test
    found = places(test, production)
    if found:
        assert mixed(test, production, found) is production
        assert mixed(test, production, ("answer",)) is production


@settings(max_examples=60)
@given(ANSWERS, ANSWERS, st.data())
def test_what_is_not_chosen_stays_as_in_the_tests(
    test: Answer, production: Answer, data: st.DataObject
) -> None:
    found = places(test, production)
    chosen = data.draw(st.sets(st.sampled_from(found))) if found else set()
    mixture = mixed(test, production, chosen)
    still = set(places(mixture, production))
    assert still <= {one for one in found if not is_in(one, chosen)}


@settings(max_examples=60)
@given(st.lists(ANSWERS, min_size=1, max_size=3), st.lists(ANSWERS, min_size=1, max_size=3))
def test_what_an_endpoint_is_split_into_is_all_of_it(test: list[Answer], production: list[Answer]) -> None:
    mine, theirs = (
        Answers(Recorded(method="GET", path="/x", answer=one) for one in side) for side in (test, production)
    )
    pairs = Pairs(mine, theirs)
    parts = pairs.split("GET /x")
    for one, other in pairs.of("GET /x"):
        if parts and places(one, other):
            assert mixed(one, other, parts) is other
            finer = [p for part in parts for p in (pairs.split("GET /x", part) or (part,))]
            assert mixed(one, other, finer) is other


def test_one_field_of_every_element_comes_from_production() -> None:
    test = {"items": [{"id": 1, "price": 5}, {"id": 2, "price": 6}]}
    production = {"items": [{"id": 1, "price": "5"}, {"id": 3, "price": "6"}, {"id": 4, "price": "7"}]}
    assert set(differing(test, production)) == {"$.items.length", "$.items[*].price", "$.items[*].id"}
    assert blended(test, production, ["$.items[*].price"]) == {
        "items": [{"id": 1, "price": "5"}, {"id": 2, "price": "6"}]
    }
    assert len(blended(test, production, ["$.items.length"])["items"]) == 3


def test_keys_that_are_identities_or_texts_are_no_names() -> None:
    test = {"rates": {"ada@example.com": 1, "4711": 2}}
    fields = differing(test, {"rates": {"ada@example.com": 2, "4711": 3}})
    assert fields == ("$.rates.*",)


def test_a_number_is_no_boolean() -> None:
    assert differing({"a": 1}, {"a": True}) == ("$.a",)
    assert differing({"a": 1}, {"a": 1.0}) == ("$.a",)


def test_status_headers_and_body_are_places_of_their_own() -> None:
    test = Answer(status=200, headers=(("content-type", "application/json"), ("date", "x")), body=b"{}")
    production = Answer(status=200, headers=(("content-type", "text/html"), ("date", "y")), body=b"<html>")
    assert places(test, production) == ("header content-type", "body")
    only = mixed(test, production, ["body"])
    assert (only.media_type, only.body) == ("application/json", b"<html>")


def test_a_mixture_is_written_in_the_encoding_that_it_names() -> None:
    headers = (("content-type", "application/json; charset=latin-1"),)
    test = Answer(headers=headers, body='{"a": "ü", "b": 1}'.encode("latin-1"))
    production = Answer(headers=headers, body='{"a": "ö", "b": 2}'.encode("latin-1"))
    assert mixed(test, production, ["$.b"]).body == '{"a": "ü", "b": 2}'.encode("latin-1")


def test_many_fields_are_put_together_and_taken_apart_again() -> None:
    test = {"a": {f"f{chr(97 + n)}": n for n in range(26)}, "b": {"c": 1, "d": 2}}
    production = {"a": {f"f{chr(97 + n)}": n + 1 for n in range(26)}, "b": {"c": 2, "d": 3}}
    mine, theirs = (
        Answers([Recorded(method="GET", path="/x", answer=Answer(body=json.dumps(value).encode()))])
        for value in (test, production)
    )
    pairs = Pairs(mine, theirs)
    assert pairs.split("GET /x") == ("$.a", "$.b")
    assert pairs.split("GET /x", "$.b") == ("$.b.c", "$.b.d")
    assert pairs.split("GET /x", "$.b.c") == ()
    assert len(pairs.split("GET /x", "$.a")) == 26


@pytest.mark.parametrize("field", ["$", "$.a", "$.a[*].b", "$.*.c", "$.a.length"])
def test_a_field_is_read_as_it_is_written(field: str) -> None:
    assert "".join(steps(field)) == field
