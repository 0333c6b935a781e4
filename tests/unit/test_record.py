"""Records behave like keyword-only, frozen, slotted dataclasses, at a fraction of their cost."""

from __future__ import annotations

import copy
import pickle
from typing import ClassVar

import pytest

from andon.record import Record, replace


class Point(Record):
    """Two required fields, one with a default, one that is none."""

    unit: ClassVar[str] = "m"
    x: int
    y: int
    label: str = "here"


class Named(Point):
    """Inherits, adds, and gives an inherited field a default."""

    y: int = 7
    name: str = ""


class Empty(Record):
    """No field at all."""


def test_fields_take_what_is_given_and_their_defaults() -> None:
    point = Point(x=1, y=2)
    assert (point.x, point.y, point.label, Point.unit) == (1, 2, "here", "m")
    assert Point(x=1, y=2, label="there").label == "there"
    assert Empty() == Empty()


def test_a_subclass_has_the_inherited_fields_first() -> None:
    named = Named(x=1, name="home")
    assert Named.__fields__ == ("x", "y", "label", "name")
    assert (named.x, named.y, named.label, named.name) == (1, 7, "here", "home")
    assert Point(x=1, y=2).y == 2, "the default of the subclass stays with the subclass"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"x": 1}, "field 'y' is missing"),
        ({}, "field 'x' is missing, field 'y' is missing"),
        ({"x": 1, "y": 2, "z": 3}, "no field 'z'"),
        ({"x": 1, "yy": 2}, "no field 'yy', field 'y' is missing"),
        ({"x": 1, "unit": "km", "y": 2}, "no field 'unit'"),
    ],
)
def test_what_does_not_fit_is_named(given: dict[str, int], complaint: str) -> None:
    with pytest.raises(TypeError, match=complaint):
        Point(**given)


def test_fields_are_given_by_name_only() -> None:
    with pytest.raises(TypeError):
        Point(1, 2)


def test_a_record_never_changes() -> None:
    point = Point(x=1, y=2)
    with pytest.raises(AttributeError, match="Point is immutable"):
        point.x = 5
    with pytest.raises(AttributeError, match="Point is immutable"):
        del point.x
    with pytest.raises(AttributeError):
        point.other = 5
    assert point == Point(x=1, y=2)


def test_a_record_carries_no_dictionary() -> None:
    assert not hasattr(Point(x=1, y=2), "__dict__")
    assert not hasattr(Named(x=1), "__dict__")


def test_equality_is_by_type_and_fields() -> None:
    assert Point(x=1, y=2) == Point(x=1, y=2, label="here")
    assert Point(x=1, y=2) != Point(x=2, y=2)
    assert Point(x=1, y=7) != Named(x=1)
    assert Point(x=1, y=2) != (1, 2, "here")
    assert len({Point(x=1, y=2), Point(x=1, y=2), Named(x=1, y=2)}) == 2


def test_the_text_of_a_record_is_its_constructor_call() -> None:
    assert repr(Point(x=1, y=2)) == "Point(x=1, y=2, label='here')"


def test_a_record_can_be_matched() -> None:
    match Point(x=1, y=2):
        case Point(x=1, label=label):
            assert label == "here"
        case _:
            pytest.fail("no match")


def test_replace_changes_some_fields_of_a_copy() -> None:
    point = Point(x=1, y=2)
    assert replace(point, y=5) == Point(x=1, y=5)
    assert replace(point) == point
    assert replace(Named(x=1), label="there").name == ""
    assert point.y == 2


def test_replace_refuses_a_field_that_is_none() -> None:
    with pytest.raises(TypeError, match="Point has no field z"):
        replace(Point(x=1, y=2), z=3)


def test_copies_and_pickles_are_equal() -> None:
    named = Named(x=1, name="home")
    assert copy.copy(named) == named
    assert copy.deepcopy(named) == named
    assert pickle.loads(pickle.dumps(named)) == named
