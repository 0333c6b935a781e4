"""Rows like the tests' own under other keys: volume without new values, stand-ins for a row. Pure."""

from __future__ import annotations

import re
import uuid

from andon.gaps.data.schema import Family

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from andon.gaps.data.rows import Loaded, Row
    from andon.gaps.data.schema import Table

_NUMBER_AT_END = re.compile(r"(\d+)(\D*)$")
#: Digits of a number at a text's end that is counted up.
_DIGITS = 12


def like(test: Loaded, number: int, given: Row) -> Row | None:
    """Return a row like one of the tests' with these values; None when they have none to go by.

    What must be unique and is not given is varied by `number`, so that no row of the tests has it.
    """
    if not test.rows:
        return None
    rows = list(test.rows.values())
    row = dict(zip(test.columns, rows[number % len(rows)], strict=True))
    for column in _varied(test.table, set(given)):
        row[column] = other(test.table, column, row[column], number + 1, highest(test, column))
    row.update({name: value for name, value in given.items() if name in row})
    return row


def clones(test: Loaded, wanted: int, taken: int = 0, skipped: int = 0) -> Iterator[Row]:
    """Yield `wanted` rows like the tests' in turn, with keys that they do not use.

    Nor do they use numbers up to `taken`, or what stands in for rows up to number `skipped`.
    """
    rows = [dict(zip(test.columns, row, strict=True)) for row in test.rows.values()]
    if not rows:
        return
    varied = _varied(test.table, set())
    tops = {c: highest(test, c) for c in varied}
    keys = {c: max(tops[c], taken) if c in test.table.key else tops[c] for c in varied}
    for number in range(1, wanted + 1):
        row = dict(rows[(number - 1) % len(rows)])
        for column in varied:
            row[column] = other(test.table, column, row[column], number + skipped + 1, keys[column])
        yield row


def highest(test: Loaded, column: str) -> int:
    """Return the highest number that a value of the tests is, or ends in; 0 for none."""
    if column not in test.tops:
        found = (_number_of(value) for value in test.values(column))
        test.tops[column] = max((n for n in found if n is not None), default=0)
    return test.tops[column]


def _number_of(value: Any) -> int | None:
    whole = _whole(value)
    if whole is not None or value is None or isinstance(value, bytes):
        return whole
    found = _NUMBER_AT_END.search(str(value).partition("@")[0])
    return int(found[1]) if found and len(found[1]) <= _DIGITS else None


def _varied(table: Table, given: set[str]) -> list[str]:
    """Return the columns to vary: one of each key, preferring those that refer to nothing."""
    refers = {c for key in table.foreign_keys for c in key.columns}
    found: list[str] = []
    for unique in (table.key, *table.uniques):
        if not unique or any(c in found or c in given for c in unique):
            continue
        own = [c for c in unique if c not in refers]
        found.append((own or list(unique))[-1])
    return found


def can_be_cloned(table: Table) -> bool:
    """True when rows under other keys can be made: some column of each key refers to no other table."""
    refers = {c for key in table.foreign_keys for c in key.columns}
    return all(any(c not in refers for c in unique) for unique in (table.key, *table.uniques) if unique)


def other(table: Table, column: str, value: Any, number: int, top: int = 0) -> Any:
    """Return another value of the same form: of those that end in a number, the one `number` beyond `top`."""
    if value is None:
        return None
    family = _family(table, column)
    whole = _whole(value)
    if family in (Family.WHOLE, Family.NUMBER) and whole is not None:
        return str(top + number) if isinstance(value, str) else top + number
    text = value.hex() if isinstance(value, bytes) else str(value)
    try:
        # Those of the tests are often written by hand and differ at the end only.
        moved = uuid.UUID(int=(uuid.UUID(text).int + (number << 32)) % (1 << 128))
    except ValueError:
        pass
    else:
        return str(moved) if len(text) == 36 else moved.hex
    if isinstance(value, bytes):
        return value + number.to_bytes(4, "big")
    longest = next((c.longest for c in table.columns if c.name == column), 0)
    name, at, rest = text.partition("@")
    varied = _renumbered(name, number, top)
    if longest and len(varied) + len(at) + len(rest) > longest:
        varied = _cut(name, top + number, longest - len(at) - len(rest))
    return f"{varied}{at}{rest}"


def _renumbered(text: str, number: int, top: int) -> str:
    """Replace the number at the text's end, keeping its width (INV-0007), else append one."""
    found = _NUMBER_AT_END.search(text)
    if not found or len(found[1]) > _DIGITS:
        return f"{text}-{top + number}"
    return f"{text[: found.start()]}{top + number:0{len(found[1])}d}{found[2]}"


def _cut(text: str, number: int, room: int) -> str:
    digits = str(number)
    return f"{text[: max(0, room - len(digits))]}{digits}"[-max(room, 1) :]


def _family(table: Table, column: str) -> Family:
    found = table.column(column)
    return found.family if found else Family.OTHER


def _whole(value: Any) -> int | None:
    if isinstance(value, int):
        return int(value)
    try:
        return int(str(value))
    except ValueError:
        return None
