"""Which rows the failing request names: by a key in its path, its query or its body. Pure."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, unquote, urlsplit

from andon.gaps.data.schema import Family
from andon.gaps.relevance import words
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from andon.gaps.data.schema import Table
    from andon.gaps.failure import Failure

_WHOLE = re.compile(r"\d{1,19}")
_QUOTES = re.compile(r"'([^'\n]{1,60})'|\"([^\"\n]{1,60})\"|`([^`\n]{1,60})`")
_MOST = 40
#: Characters of a text that is no number and may name rows by a column that is no key.
_LEAST = 4


class NamedRow(Record):
    """A row that the failing request may mean, if there is one."""

    table: str
    column: str
    value: str


def named_rows(failure: Failure, tables: Mapping[str, Table]) -> tuple[NamedRow, ...]:
    """Return the rows that the request names; a number only one of a table that the word before it names."""
    found: dict[NamedRow, None] = {}
    for value, hints in _tokens(failure):
        for table in tables.values():
            for unique in (table.key, *table.uniques):
                column = table.column(unique[0]) if len(unique) == 1 else None
                if column is None:
                    continue
                if _WHOLE.fullmatch(value):
                    fits = bool(hints & words(table.name))
                    fits = fits and column.family in (Family.WHOLE, Family.NUMBER, Family.TEXT)
                else:
                    fits = column.family in (Family.TEXT, Family.OTHER) and len(value) > 1
                if fits:
                    found[NamedRow(table=table.name, column=column.name, value=value)] = None
    return tuple(found)[:_MOST]


def named_values(failure: Failure) -> tuple[str, ...]:
    """Return the texts in the request, such as a day, that may stand in a column that is no key."""
    texts = dict.fromkeys(value for value, _ in _tokens(failure))
    return tuple(t for t in texts if len(t) >= _LEAST and not _WHOLE.fullmatch(t))[:_MOST]


def quoted_texts(failure: Failure) -> tuple[str, ...]:
    """Return the texts that the failure's text quotes, and those the request sends: no numbers."""
    found = {
        next(part for part in match if part) for match in _QUOTES.findall(f"{failure.text}\n{failure.absent}")
    }
    return tuple(sorted(one for one in found if not one.isdecimal()))[:_MOST]


def _tokens(failure: Failure) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each value in the request with the words that say what it is."""
    parts = urlsplit(failure.path)
    before = frozenset[str]()
    everything = words(parts.path)
    for segment in parts.path.split("/"):
        if segment:
            yield unquote(segment), before
            before = words(segment) or before
    for name, value in parse_qsl(parts.query):
        yield value, words(name) or everything
    try:
        body = json.loads(failure.body) if failure.body else None
    except ValueError:
        body = dict(parse_qsl(failure.body))
    yield from _in_body(body, everything)


def _in_body(body: object, hints: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    if isinstance(body, dict):
        for name, value in list(body.items())[:_MOST]:
            yield from _in_body(value, words(str(name)) or hints)
    elif isinstance(body, list):
        for value in body[:_MOST]:
            yield from _in_body(value, hints)
    elif isinstance(body, str | int) and not isinstance(body, bool):
        yield str(body), hints
