"""Views, triggers and functions differ by what they say, not by how it is written."""

from __future__ import annotations

import pytest

from andon.gaps.data.schema import SchemaDifference
from andon.gaps.data.stored import Stored, normal, stored_differences


def view(name: str, text: str = "SELECT 1", by: str = "SQLite", **columns: str) -> dict[str, Stored]:
    one = Stored(sort="view", name=name, text=text, worded_by=by, columns=tuple(columns.items()))
    return {one.title: one}


@pytest.mark.parametrize(
    "other",
    [
        "create view v as\n  select a, 'X y' from t",
        "CREATE VIEW v AS SELECT a, 'X y' FROM t;",
        "CREATE VIEW v AS -- a note\nSELECT a, /* of\ntwo */ 'X y' FROM t",
    ],
)
def test_blanks_comments_and_capitals_make_no_difference(other: str) -> None:
    assert normal(other) == normal("CREATE VIEW v AS SELECT a, 'X y' FROM t")


def test_what_stands_in_quotes_does() -> None:
    assert normal("SELECT 'x'") != normal("SELECT 'X'")
    assert normal("SELECT 'x  y'") != normal("SELECT 'x y'")
    assert normal("SELECT '--x'") != normal("SELECT ''")
    assert normal("AS $f$ A $f$") != normal("AS $f$ a $f$")


def test_one_never_differs_from_itself_and_shows_no_text() -> None:
    ours, theirs = view("v", "SELECT 'canary'"), view("v", "SELECT 'other canary'")
    assert stored_differences(ours, ours) == ()
    (found,) = stored_differences(ours, theirs)
    assert found == SchemaDifference(table="view v", test="there", production="there, with another text")


def test_two_versions_word_it_differently_by_themselves() -> None:
    assert stored_differences(view("v", "a", "PostgreSQL 15"), view("v", "b", "PostgreSQL 16")) == ()


def test_columns_are_told_by_name_and_type() -> None:
    found = stored_differences(view("v", a="int", b="text"), view("v", a="bigint", c="text"))
    assert [(d.column, d.test, d.production, d.is_breaking) for d in found] == [
        ("a", "int", "bigint", True),
        ("b", "text", "no such column", True),
        ("c", "no such column", "text", False),
    ]


def test_one_that_only_one_world_has() -> None:
    (gone,) = stored_differences(view("v"), {})
    (new,) = stored_differences({}, view("v"))
    assert (gone.production, gone.is_breaking) == ("no such view", True)
    assert (new.test, new.is_breaking) == ("no such view", False)
    trigger = Stored(sort="trigger", name="t.noted", text="x", worded_by="SQLite")
    (unseen,) = stored_differences({}, {trigger.title: trigger})
    assert unseen.is_breaking  # it does its work whoever writes


def test_between_two_systems_only_the_names_of_views_are_compared() -> None:
    trigger = Stored(sort="trigger", name="t.noted", text="x", worded_by="SQLite")
    ours = {**view("v", "a", a="int"), trigger.title: trigger}
    assert stored_differences(ours, view("v", "b", "PostgreSQL 16", a="integer"), is_one_system=False) == ()
