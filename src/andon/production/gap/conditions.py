"""Facts about values as conditions in SQL, for SQLite and PostgreSQL; nothing here talks to a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from andon.gaps.data.facts import INT32, Sort
from andon.gaps.data.schema import Family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from andon.gaps.data.facts import Fact
    from andon.gaps.data.schema import Column, Table


def quoted(name: str) -> str:
    """Return a name as an identifier; a table's with its schema is the caller's to take apart."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """Return a text or a number as a literal; a NUL, which neither database takes, is left out."""
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("\0", "").replace("'", "''") + "'"


def condition(fact: Fact, column: Column, places: Mapping[str, str], *, is_sqlite: bool) -> str:
    """Return the condition under which a row shows a fact; `places` are the tables' full quoted names."""
    name = f"t.{quoted(column.name)}"
    text = name if is_sqlite and column.family is not Family.OTHER else f"CAST({name} AS text)"
    match fact.sort:
        case Sort.NULL:
            return f"{name} IS NULL"
        case Sort.EMPTY:
            return f"{text} = ''"
        case Sort.LONGER:
            return f"length({text}) > {int(fact.limit)}"  # type: ignore[arg-type]  # a length
        case Sort.CATEGORY:
            return f"{text} NOT IN ({_list(fact)})"
        case Sort.QUOTED:
            return f"{text} IN ({_list(fact)})"
        case Sort.NOT_JSON:
            return f"ltrim({text}) NOT LIKE '{{%'"
        case Sort.NO_JSON_KEY:
            wanted = literal(f'"{fact.limit}"')
            return f"instr({text}, {wanted}) = 0" if is_sqlite else f"strpos({text}, {wanted}) = 0"
        case Sort.FUTURE:
            return (
                f"{text} GLOB '[0-9][0-9][0-9][0-9]-*' AND substr({text}, 1, 10) > {literal(fact.limit)}"
                if (is_sqlite)
                else f"{text} ~ '^[0-9]{{4,6}}-' AND left({text}, 10) > {literal(fact.limit)}"
            )
        case Sort.ANCIENT:
            return (
                f"{text} GLOB '[0-9][0-9][0-9][0-9]-*' AND substr({text}, 1, 10) < '1970-01-01'"
                if is_sqlite
                else f"{text} ~ '^[0-9]{{4}}-' AND left({text}, 10) < '1970-01-01'"
            )
        case Sort.ORPHAN:
            if fact.key is None:
                return "1 = 0"
            parent = places.get(fact.key.parent, "")
            theirs = quoted(fact.key.parent_columns[0])
            return f"{name} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.{theirs} = {name})"  # noqa: S608
    if fact.sort in (Sort.NEGATIVE, Sort.ZERO, Sort.BEYOND_INT32, Sort.FRACTION, Sort.NOT_A_NUMBER):
        return _number(fact.sort, name, is_sqlite=is_sqlite)
    return _characters(fact.sort, text, is_sqlite=is_sqlite)


def _list(fact: Fact) -> str:
    return ", ".join(literal(one) for one in fact.limit) if isinstance(fact.limit, tuple) else "NULL"


def _number(sort: Sort, name: str, *, is_sqlite: bool) -> str:
    is_number = f"typeof({name}) IN ('integer', 'real') AND " if is_sqlite else ""
    fraction = f"{name} <> CAST({name} AS integer)" if is_sqlite else f"{name} <> trunc({name}::numeric)"
    return {
        Sort.NEGATIVE: f"{is_number}{name} < 0",
        Sort.ZERO: f"{is_number}{name} = 0",
        Sort.BEYOND_INT32: f"{is_number}({name} > {INT32} OR {name} < -{INT32})",
        Sort.FRACTION: f"{is_number}{fraction}",
        Sort.NOT_A_NUMBER: f"typeof({name}) IN ('text', 'blob')" if is_sqlite else "false",
    }[sort]


def _characters(sort: Sort, text: str, *, is_sqlite: bool) -> str:
    if sort is Sort.UNTRIMMED:
        blanks = "' ' || char(9) || char(10) || char(13)" if is_sqlite else "E' \\t\\n\\r'"
        cut = f"trim({text}, {blanks})" if is_sqlite else f"btrim({text}, {blanks})"
        return f"{text} <> {cut}"
    if sort is Sort.MARKUP:
        if is_sqlite:
            return " OR ".join(f"instr({text}, '{mark}') > 0" for mark in ("<", ">", "{{", "{%", "${"))
        return f"{text} ~ '[<>]|\\{{\\{{|\\{{%|\\$\\{{'"
    low, high = {
        Sort.ASTRAL: (0x10000, 0x10FFFF),
        Sort.BEYOND_LATIN: (0x100, 0xFFFF),
        Sort.BEYOND_ASCII: (0x80, 0xFF),
    }.get(sort, (1, 8))
    if is_sqlite:
        if sort is Sort.CONTROL:
            ranges = "char(1) || '-' || char(8) || char(11, 12, 14) || '-' || char(31, 127)"
        else:
            ranges = f"char({low}) || '-' || char({high})"
        return f"{text} GLOB '*[' || {ranges} || ']*'"
    if sort is Sort.CONTROL:
        return f"{text} ~ '[\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]'"
    return f"{text} ~ '[\\U{low:08x}-\\U{high:08x}]'"


def counting(
    table: Table,
    facts: list[Fact],
    places: Mapping[str, str],
    named: Mapping[str, object],
    *,
    is_sqlite: bool,
) -> str:
    """Return the query that counts a table's rows, and for each fact those that show it, in all and named.

    `named` are the columns and values of the rows that the failing request names; {} for none.
    """
    asked = ["count(*)"]
    is_named = " AND ".join(f"CAST(t.{quoted(c)} AS text) = {literal(str(v))}" for c, v in named.items())
    for fact in facts:
        column = table.column(fact.column)
        where = condition(fact, column, places, is_sqlite=is_sqlite) if column else "1 = 0"
        asked.append(f"sum(CASE WHEN {where} THEN 1 ELSE 0 END)")
        asked.append(f"sum(CASE WHEN ({where}) AND {is_named} THEN 1 ELSE 0 END)" if is_named else "0")
    return f"SELECT {', '.join(asked)} FROM {places[table.name]} t"  # noqa: S608 - from the catalogue


def twice(table: Table, fact: Fact, places: Mapping[str, str]) -> str:
    """Return the query that says how many values of a column are there more than once."""
    name = quoted(fact.column)
    return (
        f"SELECT count(*) FROM (SELECT {name} FROM {places[table.name]} "  # noqa: S608 - from the catalogue
        f"WHERE {name} IS NOT NULL GROUP BY {name} HAVING count(*) > 1) d"
    )
