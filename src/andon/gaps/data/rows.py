"""Rows of the two worlds side by side: which is which, which differ, which to try first. Pure.

Values stay in this process: nothing here words one.
"""

from __future__ import annotations

import re
import uuid

from andon.gaps.data.facts import shows
from andon.gaps.data.schema import Family

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, TypeAlias

    from andon.gaps.data.facts import Fact
    from andon.gaps.data.schema import Table

    #: The values of the key, as texts; of a table without one all values and a number.
    Identity: TypeAlias = "tuple[str, ...]"
    #: One row by its columns' names.
    Row: TypeAlias = "dict[str, Any]"

#: Production has so many times the tests' rows, and more than so many, that its number is a matter of scale.
MANY_TIMES = 10
MANY = 100
#: Rows that are taken for one fact, for one new form of a column, and at least in all.
PER_FACT = 20
PER_FORM = 10
LEAST_TAKEN = 50
#: Rows of a table that are tried as parts of their own.
MOST_TAKEN = 5000
#: Rows that are looked at for new forms.
_MOST_LOOKED_AT = 20_000
_WHOLE = re.compile(r"-?\d{1,19}")


def is_voluminous(test: int, prod: int) -> bool:
    """True when production has so many more rows that their number is a difference of its own (scale)."""
    return prod > MANY and prod >= MANY_TIMES * max(1, test)


class Loaded:
    """The rows of one table of one world, in the order of their key."""

    def __init__(
        self, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], *, is_whole: bool
    ) -> None:
        """Take rows with these columns; `is_whole` says that they are all that there are."""
        self.table = table
        self.columns = tuple(columns)
        self.is_whole = is_whole
        self.key = identifying(table, self.columns)
        self.rows: dict[Identity, tuple[Any, ...]] = {}
        seen: dict[Identity, int] = {}
        places = [self.columns.index(c) for c in self.key] if self.key else range(len(self.columns))
        for row in rows:
            identity = tuple(_text(row[place]) for place in places)
            if not self.key:
                seen[identity] = seen.get(identity, 0) + 1
                identity = (*identity, str(seen[identity]))
            self.rows[identity] = row
        self._numbers = {identity: number for number, identity in enumerate(self.rows, 1)}
        #: The highest number of some columns, once it was looked for.
        self.tops: dict[str, int] = {}
        self._indexes: dict[tuple[str, ...], dict[tuple[str, ...], Identity]] = {}

    def row(self, identity: Identity) -> Row | None:
        """Return a row by its columns; None when there is none."""
        found = self.rows.get(identity)
        return None if found is None else dict(zip(self.columns, found, strict=True))

    def values(self, column: str) -> list[Any]:
        """Return all values of a column; [] for one that is not there."""
        if column not in self.columns:
            return []
        place = self.columns.index(column)
        return [row[place] for row in self.rows.values()]

    def name(self, identity: Identity) -> str:
        """Return what may be shown of a row's identity: numbers and UUIDs, else its position."""
        if self.key and all(_WHOLE.fullmatch(part) or _is_uuid(part) for part in identity):
            return ",".join(identity)
        return f"#{self.number(identity)}"

    def holds(self, columns: Sequence[str], values: Sequence[str]) -> bool:
        """True when a row has these values in these columns."""
        if tuple(columns) == self.key:
            return tuple(values) in self.rows
        return tuple(values) in self.index(tuple(columns))

    def index(self, columns: tuple[str, ...]) -> dict[tuple[str, ...], Identity]:
        """Return the rows by the values of some columns."""
        if any(c not in self.columns for c in columns):
            return {}
        if columns not in self._indexes:
            places = [self.columns.index(c) for c in columns]
            self._indexes[columns] = {tuple(_text(row[p]) for p in places): i for i, row in self.rows.items()}
        return self._indexes[columns]

    def number(self, identity: Identity) -> int:
        """Return a row's position, from 1; 0 for none."""
        return self._numbers.get(identity, 0)


def identifying(table: Table, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that tell one row from another: the primary key, else a unique one, else ()."""
    for candidate in (table.key, *table.uniques):
        if candidate and all(c in columns for c in candidate):
            return candidate
    return ()


def _text(value: Any) -> str:
    return "\0" if value is None else value.hex() if isinstance(value, bytes) else str(value)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return len(text) in (32, 36)


def differing(test: Loaded | None, prod: Loaded) -> list[Identity]:
    """Return production's rows that the tests do not have just so, in the order of the key."""
    if test is None:
        return list(prod.rows)
    common = [c for c in prod.columns if c in test.columns]
    ours = [test.columns.index(c) for c in common]
    theirs = [prod.columns.index(c) for c in common]
    found = []
    for identity, row in prod.rows.items():
        own = test.rows.get(identity)
        if own is None or any(_text(own[a]) != _text(row[b]) for a, b in zip(ours, theirs, strict=True)):
            found.append(identity)
    return found


def missing(test: Loaded | None, prod: Loaded) -> list[Identity]:
    """Return the tests' rows that production does not have, where that means something.

    It does in an empty table, and in one whose rows a program asks for by name (settings, plans): with a text
    for a key. Elsewhere the tests' own rows are the tests', and stay.
    """
    if test is None or not prod.is_whole or len(prod.rows) > 1000:
        return []
    by_name = bool(test.key) and any(
        column.family is Family.TEXT for c in test.key if (column := test.table.column(c))
    )
    by_name = by_name and not all(_is_uuid(part) for identity in test.rows for part in identity)
    return [i for i in test.rows if i not in prod.rows] if by_name or not prod.rows else []


def showing(
    facts: Iterable[Fact], prod: Loaded, others: Mapping[str, Loaded]
) -> Iterator[tuple[Fact, Identity]]:
    """Return which of production's rows show which facts."""
    for fact in facts:
        column = prod.table.column(fact.column)
        if column is None or fact.column not in prod.columns:
            continue
        place = prod.columns.index(fact.column)
        context = _context(fact, prod, others)
        for identity, row in prod.rows.items():
            if shows(fact, row[place], context):
                yield fact, identity


def _context(fact: Fact, prod: Loaded, others: Mapping[str, Loaded]) -> set[str] | None:
    if fact.key is not None:
        parent = others.get(fact.key.parent)
        if parent is None or not parent.is_whole:
            return None
        return {_text(v) for v in parent.values(fact.key.parent_columns[0])}
    if fact.sort.name == "DUPLICATE":
        once: set[str] = set()
        twice: set[str] = set()
        for value in prod.values(fact.column):
            (twice if _text(value) in once else once).add(_text(value))
        return twice
    return None


def chosen(
    prod: Loaded,
    differ: Sequence[Identity],
    facts: Iterable[tuple[Fact, Identity]],
    first: Iterable[Identity],
    test: Loaded | None,
    wanted: int,
) -> list[Identity]:
    """Return the rows to try, weightiest first: named ones, those with facts, those of a new form, a spread.

    All that differ when they are not many more than `wanted`, which is how many the tests have.
    """
    able = set(differ)
    found: dict[Identity, None] = dict.fromkeys(i for i in first if i in able)
    counts: dict[Fact, int] = {}
    for fact, identity in facts:
        if identity in able and counts.get(fact, 0) < PER_FACT:
            counts[fact] = counts.get(fact, 0) + 1
            found[identity] = None
    if len(differ) <= max(wanted, LEAST_TAKEN):
        return [*found, *(i for i in differ if i not in found)]
    found.update(dict.fromkeys(i for i in _new_forms(prod, test) if i in able))
    rest = [i for i in differ if i not in found]
    room = max(0, min(max(wanted, LEAST_TAKEN), MOST_TAKEN) - len(found))
    step = max(1, len(rest) // room) if room else 0
    return [*list(found)[:MOST_TAKEN], *(rest[::step][:room] if room else [])]


def _new_forms(prod: Loaded, test: Loaded | None) -> Iterator[Identity]:
    """Yield rows with a value of a form that no value of the tests has, and those at the ends."""
    some = list(prod.rows.items())[:_MOST_LOOKED_AT]
    for place, column in enumerate(prod.columns):
        known = {_form(value) for value in test.values(column)} if test else set()
        taken = 0
        for identity, row in some:
            form = _form(row[place])
            if form not in known and taken < PER_FORM:
                known.add(form)
                taken += 1
                yield identity
        if some:
            yield max(some, key=lambda one: len(_text(one[1][place])))[0]


def _form(value: Any) -> str:
    """Return what a value looks like: its characters by kind, repeated ones once."""
    if value is None:
        return "\0"
    if isinstance(value, bytes):
        return "bytes"
    kinds: list[str] = []
    for c in str(value)[:300]:
        kind = "9" if c.isdigit() else "a" if c.isalpha() and c < "\x7f" else "é" if c.isalpha() else c
        if not kinds or kinds[-1] != kind:
            kinds.append(kind)
    return "".join(kinds)[:60]
