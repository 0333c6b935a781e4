"""Rows for the trial on PostgreSQL: a made-up row for every empty table, and digests of what tables hold."""

from __future__ import annotations

import re

from andon.production.postgres_catalog import query
from andon.record import Record
from andon.response.trial import BOOKKEEPING, Rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    #: Runs one statement and returns its rows; raises what the driver raises.
    Ask = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
    #: Runs one statement that may fail, alone; returns why it did, "" when it did not.
    Try = Callable[[str, Sequence[Any]], str]

#: A value for each type, as text. What is not listed is tried by its category, then left out.
_VALUES = {
    "boolean": "t", "smallint": "1", "integer": "1", "bigint": "1", "numeric": "1", "real": "1.5",
    "double precision": "1.5", "money": "1", "text": "a", "character varying": "a", "character": "a",
    "name": "a", "citext": "a", '"char"': "a", "uuid": "00000000-0000-4000-8000-000000000001",
    "date": "2001-02-03", "timestamp without time zone": "2001-02-03 04:05:06",
    "timestamp with time zone": "2001-02-03 04:05:06+00", "time without time zone": "04:05:06",
    "time with time zone": "04:05:06+00", "interval": "1 day", "json": '{"a": 1}', "jsonb": '{"a": 1}',
    "bytea": "\\x01", "inet": "192.0.2.1", "cidr": "192.0.2.0/24", "macaddr": "00:00:5e:00:53:01",
    "macaddr8": "00:00:5e:ff:fe:00:53:01", "xml": "<a/>", "tsvector": "a", "tsquery": "a", "bit": "1",
    "bit varying": "1", "point": "(1,1)", "box": "((1,1),(2,2))", "circle": "<(1,1),1>", "line": "{1,1,1}",
    "lseg": "((1,1),(2,2))", "path": "((1,1),(2,2))", "polygon": "((1,1),(2,2),(3,1))", "oid": "1",
    "hstore": "a=>1", "ltree": "a", "int4range": "[1,2)", "int8range": "[1,2)", "numrange": "[1,2)",
    "daterange": "[2001-02-03,2001-02-04)", "tsrange": "[2001-02-03,2001-02-04)",
    "tstzrange": "[2001-02-03,2001-02-04)", "pg_lsn": "0/1",
}  # fmt: skip
#: Tables that one query asks about.
_AT_ONCE = 50
_LENGTH = re.compile(r"\(\d+(?:,-?\d+)?\)")
_LITERAL = re.compile(r"'((?:[^']|''){0,200})'")
_NUMBER = re.compile(r"(?<![\w.])-?\d{1,15}(?:\.\d{1,6})?")
_VIOLATED = re.compile(r'violates check constraint "([^"]+)"')
#: What checks of texts usually want: an address, a longer word, capitals, digits, a day, a digest.
_USUAL = (
    "https://example.org/a", "a@example.org", "abcdefghijklmnop", "A", "ABCDEFGH", "1", "2001-02-03",
    "a" * 32, "a" * 40, "a" * 64, "",
)  # fmt: skip
_MOST_ATTEMPTS = 60


class Column(Record):
    """A column of a table that is to get a row."""

    name: str
    type: str
    #: `b` base, `e` enum, `d` domain, `c` composite, `r` range.
    kind: str
    category: str
    #: What a domain is made of.
    base: str | None
    is_required: bool
    label: str | None
    #: True when PostgreSQL makes the value itself, always.
    is_made: bool


def tables(ask: Ask) -> list[str]:
    """Return the quoted names of all tables, without what tools keep for themselves."""
    return [str(whole) for whole, name in ask(query("tables"), ()) if str(name).lower() not in BOOKKEEPING]


def quoted(name: str) -> str:
    """Return a name as an identifier."""
    return '"' + str(name).replace('"', '""') + '"'


def seed(ask: Ask, attempt: Try) -> dict[str, str]:
    """Put a row into every empty table; returns the tables that stay empty, each with why."""
    names = tables(ask)
    empty = {names[number] for number in _numbers_of_empty(ask, names)}
    columns = _columns(ask, sorted(empty))
    failures: dict[str, str] = {}
    done: set[str] = set()
    for table in names:
        _seed(ask, attempt, table, empty, columns, done, failures)
    return failures


def _numbers_of_empty(ask: Ask, names: Sequence[str]) -> Iterator[int]:
    for begin in range(0, len(names), _AT_ONCE):
        part = names[begin : begin + _AT_ONCE]
        asked = [
            f"SELECT {begin + n} WHERE NOT EXISTS (SELECT FROM {table})"  # noqa: S608 - from the catalog
            for n, table in enumerate(part)
        ]
        yield from (int(row[0]) for row in ask(" UNION ALL ".join(asked), ()))


def _seed(
    ask: Ask,
    attempt: Try,
    table: str,
    empty: set[str],
    columns: dict[str, list[Column]],
    done: set[str],
    failures: dict[str, str],
) -> None:
    if table not in empty or table in done:
        return
    done.add(table)
    keys = ask(query("foreign keys"), (table,))
    for _, other, _ in keys:
        _seed(ask, attempt, other, empty, columns, done, failures)
    checks = ask(query("checks"), (table,))
    why = _fit(attempt, table, columns.get(table, []), checks, _referenced(ask, keys))
    if why:
        failures[table] = why


def _columns(ask: Ask, names: Sequence[str]) -> dict[str, list[Column]]:
    """Return the columns of tables, by name."""
    found: dict[str, list[Column]] = {table: [] for table in names}
    for table, name, whole, kind, category, base, required, label, identity, generated in ask(
        query("columns"), (list(names),)
    ):
        column = Column(
            name=name,
            type=whole,
            kind=kind,
            category=category,
            base=base,
            is_required=required,
            label=label,
            is_made=identity == "a" or bool(generated),
        )
        found.setdefault(table, []).append(column)
    return found


def _referenced(ask: Ask, keys: Sequence[tuple[Any, str, Any]]) -> dict[str, str]:
    """Return the columns that must repeat a value of another table, with that value as text."""
    found: dict[str, str] = {}
    for own, other, theirs in keys:
        wanted = ", ".join(f"{quoted(name)}::text" for name in theirs)
        rows = ask(f"SELECT {wanted} FROM {other} LIMIT 1", ())  # noqa: S608 - names from the catalog
        if rows:
            found.update(zip(own, rows[0], strict=True))
    return found


def _fit(
    attempt: Try,
    table: str,
    columns: Sequence[Column],
    checks: Sequence[tuple[Any, ...]],
    referenced: dict[str, str],
) -> str:
    """Insert a row, changing what a check objects to; returns why none fits, "" when one does."""
    usable = [column for column in columns if not column.is_made]
    plain = {column.name: referenced.get(column.name, _value(column)) for column in usable}
    values, why = dict(plain), ""
    others = {
        str(name): iter(_candidates([c for c in usable if c.name in (own or ())], str(text), referenced))
        for name, own, text in checks
    }
    for _ in range(_MOST_ATTEMPTS):
        why = _insert(attempt, table, [(c, value) for c in usable if (value := values[c.name]) is not None])
        named = _VIOLATED.search(why)
        if named is None or named[1] not in others:
            break
        change = next(others[named[1]], None)
        if change is None:
            break
        values.update(change)
    if not why:
        return ""
    bare = [(c, value) for c in usable if c.is_required and (value := plain[c.name]) is not None]
    return why if _insert(attempt, table, bare) else ""


def _candidates(
    columns: Sequence[Column], check: str, referenced: dict[str, str]
) -> Iterator[dict[str, str | None]]:
    """Return other values for the columns of one check: what it mentions, then what checks usually want."""
    free = [column for column in columns if column.name not in referenced]
    literals = [text.replace("''", "'") for text in _LITERAL.findall(check)][:10]
    numbers = _NUMBER.findall(_LITERAL.sub("", check))[:5]
    shifted = [str(int(float(number)) + step) for number in numbers for step in (0, 1, -1)]
    for choices, category in ((literals, "S"), (shifted, "N"), (_USUAL, "S")):
        for choice in choices:
            fits = {column.name: choice for column in free if column.category == category}
            if fits:
                yield fits
    for left_out in free:  # of several that exclude each other
        if not left_out.is_required:
            yield {left_out.name: None}


def _value(column: Column) -> str | None:
    if column.kind == "e":
        return column.label
    name = _LENGTH.sub("", column.base or column.type)
    if name.endswith("[]"):
        inner = _VALUES.get(name[:-2])
        return None if inner is None else '{"' + inner.replace("\\", "\\\\").replace('"', '\\"') + '"}'
    return _VALUES.get(name, "a" if column.category == "S" else None)


def _insert(attempt: Try, table: str, row: Sequence[tuple[Column, str]]) -> str:
    if not row:
        return attempt(f"INSERT INTO {table} DEFAULT VALUES", ())
    names = ", ".join(quoted(column.name) for column, _ in row)
    values = ", ".join(f"%s::text::{column.type.replace('%', '%%')}" for column, _ in row)
    # By default an identity is made; where it is always made the column was left out.
    statement = f"INSERT INTO {table.replace('%', '%%')} ({names.replace('%', '%%')}) VALUES ({values})"  # noqa: S608
    return attempt(statement, [value for _, value in row])


def digests(ask: Ask, names: Sequence[str]) -> tuple[Rows, ...]:
    """Return the count and the digests of each table's rows, whatever the order of rows and columns."""
    columns = _columns(ask, names)
    found = []
    for begin in range(0, len(names), _AT_ONCE):
        part = names[begin : begin + _AT_ONCE]
        asked = [_digest(n, table, columns[table]) for n, table in enumerate(part)]
        for number, count, whole, each in ask(" UNION ALL ".join(asked), ()):
            table = part[number]
            told = zip((c.name for c in columns[table]), each or (), strict=True)
            found.append(Rows(table=table, count=count, digest=whole, columns=tuple(told)))
    return tuple(sorted(found, key=lambda rows: rows.table))


def _digest(number: int, table: str, columns: Sequence[Column]) -> str:
    many = "md5(coalesce(string_agg(md5({0}), '' ORDER BY md5({0})), ''))"
    each = ", ".join(many.format(f"coalesce(t.{quoted(c.name)}::text, '')") for c in columns)
    whole = many.format("to_jsonb(t)::text")
    return f"SELECT {number}, count(*), {whole}, ARRAY[{each}]::text[] FROM {table} t"  # noqa: S608
