"""Whether the way down takes back the rows that the way up wrote, and touches no others."""

from __future__ import annotations

import re

from andon.response.schema.effects import Act, Effect, Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Row = frozenset[str]

#: Columns whose value belongs to one row, by name.
_KEY = re.compile(
    r"(id|uuid|guid|pk|key|code|slug|name|identifier)|\w+_(uuid|guid|key|code|slug|name|identifier)"
)
#: The first text of `ADD VALUE IF NOT EXISTS 'a' AFTER 'b'`.
_ADDED = re.compile(r"'(?:[^']|'')*'")
#: Characters from which a text does not stand for something else by chance, quotes included.
_TELLING = 5


class WrittenRows:
    """What the way up put into tables that were there before, and which values exist only since then."""

    def __init__(self, up: Sequence[Effect], down: Sequence[Effect]) -> None:
        """Look at both ways: a value is new when its row goes again on the way down."""
        self.inserted = [e for e in up if e.act is Act.ROWS and e.aspect == "insert" and e.rows]
        self.new = _new_values_of_types(up, down)
        for effect in down:
            if effect.act is Act.ROWS and effect.aspect == "delete":
                for condition in effect.rows:
                    if self.names_one(effect.table, condition):
                        self.new |= {v for v in _values(condition) if len(v) >= _TELLING and v[0] == "'"}

    def names_one(self, table: str, condition: Row) -> bool:
        """True when a condition of a DELETE names a row that was inserted, and names it by its key."""
        return any(
            agrees(condition, row) and _is_key(condition, row)
            for e in self.inserted
            if e.table == table
            for row in e.rows
        )

    def concerns_only_new(self, effect: Effect) -> bool:
        """True when a DELETE or UPDATE concerns only rows that hold a value which is new.

        Such a row was written since the way up; it goes the way that values of a new column go.
        """
        entries = effect.rows if effect.aspect == "delete" else effect.where
        return bool(entries) and all(self.new & set(_values(entry)) for entry in entries)


def _new_values_of_types(up: Sequence[Effect], down: Sequence[Effect]) -> set[str]:
    """Return the values that a type has only between both ways."""
    found: set[str] = set()
    for effect in up:
        if effect.act is Act.ALTER and effect.kind is Kind.TYPE and effect.aspect == "add value":
            found |= set(_ADDED.findall(effect.value or "")[:1])
        if effect.act is Act.ALTER and effect.kind is Kind.TYPE and effect.aspect == "values":
            back = [d for d in down if d.act is Act.ALTER and d.key == effect.key and d.aspect == "values"]
            if back and back[-1].value is not None and effect.value is not None:
                found |= set(_listed(effect.value)) - set(_listed(back[-1].value))
    return found


def _listed(values: str) -> list[str]:
    return ["'{}'".format(v.replace("'", "''")) for v in values.split(", ")]


def _values(condition: Iterable[str]) -> list[str]:
    return [pair.partition("=")[2] for pair in condition]


def agrees(condition: Row, row: Row) -> bool:
    """True when a condition says what stands in a row; one without names holds the value just once."""
    if condition <= row:
        return bool(condition)
    if not condition or not all(pair.startswith("#") for pair in row):
        return False
    held = _values(row)
    return all(held.count(value) == 1 for value in _values(condition))


def _is_key(condition: Row, row: Row) -> bool:
    """True when a condition that agrees with a row says enough to mean no other."""
    if len(condition) >= min(2, len(row)):
        return True
    (pair,) = condition
    name, _, value = pair.partition("=")
    return bool(_KEY.fullmatch(name)) or f"#0={value}" in row


def inverse(one: Effect, other: Effect) -> bool:
    """True when two UPDATEs write the same rows, each named by its key, and the second says what it was.

    As with a default or an index that the way down writes anew, what it says is taken for what was there.
    """
    if not (one.table == other.table and one.columns == other.columns and one.values and other.values):
        return False
    # Each may also ask for the value that the other wrote.
    here = {entry - other.values for entry in one.where}
    there = {entry - one.values for entry in other.where}
    return bool(here) and here == there and all(map(_has_key, here))


def _has_key(entry: Row) -> bool:
    return any(_KEY.fullmatch(pair.partition("=")[0]) for pair in entry)
