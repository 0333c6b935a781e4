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
_LENGTH = re.compile(r"\(\d+(?:,-?\d+)?\)")
_LITERAL = re.compile(r"'((?:[^']|''){0,200})'")
_NUMBER = re.compile(r"(?<![\w.])-?\d{1,15}(?:\.\d{1,6})?")
_WORD = re.compile(r"\w+")


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
    found = [(s, t) for s, t in ask(query("tables"), ()) if str(t).lower() not in BOOKKEEPING]
    return [f"{quoted(schema)}.{quoted(table)}" for schema, table in found]


def quoted(name: str) -> str:
    """Return a name as an identifier."""
    return '"' + str(name).replace('"', '""') + '"'


def seed(ask: Ask, attempt: Try) -> dict[str, str]:
    """Put a row into every empty table; returns the tables that stay empty, each with why."""
    failures: dict[str, str] = {}
    done: set[str] = set()
    for table in tables(ask):
        _seed(ask, attempt, table, done, failures, 0)
    return failures


def _seed(ask: Ask, attempt: Try, table: str, done: set[str], failures: dict[str, str], depth: int) -> None:
    if table in done or depth > 50:
        return
    done.add(table)
    if ask(f"SELECT 1 FROM {table} LIMIT 1", ()):  # noqa: S608 - the name comes quoted from the catalog
        return
    keys = [
        (own, f"{quoted(schema)}.{quoted(name)}", theirs)
        for own, schema, name, theirs in ask(query("foreign keys"), (table,))
    ]
    for _, other, _ in keys:
        if other != table:
            _seed(ask, attempt, other, done, failures, depth + 1)
    checks = " ".join(str(row[0]) for row in ask(query("checks"), (table,)))
    why = ""
    for row in _rows(_columns(ask, table), checks, _referenced(ask, keys)):
        why = _insert(attempt, table, row)
        if not why:
            return
    failures[table] = why or "it has no column"


def _columns(ask: Ask, table: str) -> list[Column]:
    return [
        Column(
            name=name,
            type=kind_name,
            kind=kind,
            category=category,
            base=base,
            is_required=required,
            label=label,
            is_made=identity == "a" or bool(generated),
        )
        for name, kind_name, kind, category, base, required, label, identity, generated in ask(
            query("columns"), (table,)
        )
    ]


def _referenced(ask: Ask, keys: Sequence[tuple[Any, str, Any]]) -> dict[str, str]:
    """Return the columns that must repeat a value of another table, with that value as text."""
    found: dict[str, str] = {}
    for own, other, theirs in keys:
        wanted = ", ".join(f"{quoted(name)}::text" for name in theirs)
        rows = ask(f"SELECT {wanted} FROM {other} LIMIT 1", ())  # noqa: S608 - names from the catalog
        if rows:
            found.update(zip(own, rows[0], strict=True))
    return found


def _rows(
    columns: Sequence[Column], checks: str, referenced: dict[str, str]
) -> Iterator[list[tuple[Column, str]]]:
    """Return rows to try: every column filled, then by the literals of the checks, then what is required."""
    usable = [c for c in columns if not c.is_made]
    plain = {c.name: referenced.get(c.name, _value(c)) for c in usable}
    for values in _variants(usable, checks, plain, referenced):
        yield [(c, value) for c in usable if (value := values[c.name]) is not None]
    yield [(c, value) for c in usable if c.is_required and (value := plain[c.name]) is not None]


def _variants(
    columns: Sequence[Column], checks: str, plain: dict[str, str | None], referenced: dict[str, str]
) -> Iterator[dict[str, str | None]]:
    yield plain
    if not checks:
        return
    words = set(_WORD.findall(checks))
    literals = [text.replace("''", "'") for text in _LITERAL.findall(checks)][:20]
    numbers = _NUMBER.findall(_LITERAL.sub("", checks))[:10]
    shifted = [str(int(float(n)) + step) for n in numbers for step in (0, 1, -1)]
    for choices, category in ((literals, "S"), (shifted, "N"), (["abcdefghijklmnop", "a@example.org"], "S")):
        for choice in choices:
            fits = [c.name for c in columns if c.name in words and c.category == category]
            yield {**plain, **{name: choice for name in fits if name not in referenced}}


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


def digests(ask: Ask, table: str) -> Rows:
    """Return the count and the digests of a table's rows, whatever the order of rows and columns."""
    names = [name for name, *_ in ask(query("columns"), (table,))]
    many = "md5(coalesce(string_agg(md5({0}), '' ORDER BY md5({0})), ''))"
    wanted = [many.format("to_jsonb(t)::text")]
    wanted += [many.format(f"coalesce(t.{quoted(name)}::text, '')") for name in names]
    [(count, whole, *each)] = ask(f"SELECT count(*), {', '.join(wanted)} FROM {table} t", ())  # noqa: S608
    return Rows(table=table, count=count, digest=whole, columns=tuple(zip(names, each, strict=True)))
