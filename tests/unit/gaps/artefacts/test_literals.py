"""Thousands of values are taken out at once, in every form, the longest first, and nothing else is."""

from __future__ import annotations

import html
import json
import random
from base64 import b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.gaps.artefacts.kept_out import MOST, Credentials
from andon.gaps.artefacts.literals import MASK, Literals

VALUE = 'a "b"\\c/d&<é>+='


@pytest.mark.parametrize(
    "written",
    [
        VALUE,
        json.dumps(VALUE),
        json.dumps({"inner": json.dumps(VALUE)}),
        json.dumps(VALUE, ensure_ascii=False),
        f"?a={quote(VALUE, safe='')}&b={quote_plus(VALUE)}",
        f"<p>{html.escape(VALUE)}</p>",
        b64encode(VALUE.encode()).decode(),
    ],
)
def test_a_value_is_found_in_every_form(written: str) -> None:
    clean, count = Literals([VALUE]).take_out(f"before {written} after")
    assert count
    assert MASK in clean
    assert "é>" not in clean.replace("\\u00e9", "é")


def test_the_longest_of_several_goes() -> None:
    assert Literals(["abcd", "abcdef", "abcdefgh"]).take_out("abcdefgh abcdef abcde x")[0] == (
        f"{MASK} {MASK} {MASK}e x"
    )


def test_no_values_change_nothing() -> None:
    assert Literals([]).take_out("anything") == ("anything", 0)


@given(st.lists(st.text(min_size=4, max_size=12), max_size=8), st.text(max_size=20))
def test_whatever_the_values_are_none_is_left(values: list[str], around: str) -> None:
    said = around.join(["", *values, ""])
    clean, _ = Literals(values).take_out(said)
    assert not [v for v in values if v in clean.replace(MASK, "\0")]


def test_a_suite_s_worth_of_values_goes_in_one_pass() -> None:
    chance = random.Random(3)
    values = ["".join(chance.choices("abcdefXYZ0123", k=24)) for _ in range(2000)]
    clean, count = Literals(values).take_out(" ".join(values))
    assert count == 2000
    assert not [v for v in values if v in clean]


def test_too_many_are_told_to_be() -> None:
    secrets = Credentials()
    for number in range(MOST + 1):
        secrets.add(f"value-{number}")
    assert secrets.is_full


def test_a_long_value_is_known_in_pieces() -> None:
    secrets = Credentials()
    value = "".join(random.Random(1).choices("abcdefghij", k=1300))
    secrets.add(value)
    clean, _ = Literals(secrets.values).take_out(f"a {value} b")
    assert not any(value[n : n + 40] in clean for n in range(0, 1260, 20))
