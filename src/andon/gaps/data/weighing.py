"""How much a fact of production's data, or a difference of schema, has to do with a failure. Pure."""

from __future__ import annotations

import re

from andon.gaps.data.facts import Sort, bucket_name
from andon.gaps.experiment import Difference
from andon.gaps.relevance import is_named, shared
from andon.gaps.words import Kind
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from andon.gaps.data.facts import Fact, SeenColumn
    from andon.gaps.data.schema import ForeignKey, SchemaDifference
    from andon.gaps.failure import Failure

#: Facts that seldom break anything by themselves: they weigh 4 only where the failure speaks of them.
_SELDOM = frozenset(
    (
        Sort.ZERO, Sort.FRACTION, Sort.ASTRAL, Sort.BEYOND_LATIN, Sort.BEYOND_ASCII, Sort.LONGER, Sort.MARKUP,
        Sort.FUTURE, Sort.ANCIENT,
    )
)  # fmt: skip
#: What errors say of the value that they met, in the words of the usual languages and databases.
_SPOKEN: tuple[tuple[str, frozenset[Sort]], ...] = (
    (
        r"nonetype|null|undefined|is none|nil\b|not null",
        frozenset((Sort.NULL, Sort.ORPHAN, Sort.NO_JSON_KEY)),
    ),
    (
        r"codec|unicode\w*error|charset|charmap|latin-?1|utf-?8|\bascii\b|can't (?:en|de)code",
        frozenset((Sort.ASTRAL, Sort.BEYOND_LATIN, Sort.BEYOND_ASCII, Sort.CONTROL)),
    ),
    (
        r"out of range|overflow|too large|int(?:eger)? (?:too|out)|format requires|32.bit",
        frozenset((Sort.BEYOND_INT32, Sort.LAST_KEY, Sort.NEGATIVE, Sort.LONGER)),
    ),
    # What a table of JavaScript's does not hold is undefined.
    (r"undefined", frozenset((Sort.CATEGORY,))),
    (r"zero", frozenset((Sort.ZERO,))),
    (r"math domain|negative|must be positive", frozenset((Sort.NEGATIVE, Sort.ZERO))),
    (r"too long|maximum length|truncat", frozenset((Sort.LONGER,))),
    (
        r"keyerror|unknown|unsupported|unexpected (?:value|status)|no such|not a valid|unhandled|not in list",
        frozenset((Sort.CATEGORY, Sort.QUOTED, Sort.NO_JSON_KEY, Sort.UNTRIMMED, Sort.EMPTY)),
    ),
    (r"json", frozenset((Sort.NOT_JSON, Sort.NO_JSON_KEY, Sort.EMPTY, Sort.CONTROL))),
    (
        r"invalid literal|could not convert|parse|not a number|nan\b|isoformat|strptime",
        frozenset((Sort.NOT_A_NUMBER, Sort.EMPTY, Sort.UNTRIMMED, Sort.FRACTION, Sort.FUTURE, Sort.ANCIENT)),
    ),
    (r"index out of|indexerror|string index|at least one", frozenset((Sort.EMPTY, Sort.ORPHAN))),
    (
        r"duplicate|multiple|more than one|unique constraint|already exists",
        frozenset((Sort.DUPLICATE, Sort.LAST_KEY)),
    ),
    (r"does ?not ?exist|not found|no row|foreign key", frozenset((Sort.ORPHAN,))),
    (r"\byear\b|\bdate\b|datetime", frozenset((Sort.FUTURE, Sort.ANCIENT, Sort.NULL, Sort.EMPTY))),
)
_QUOTED = re.compile(r"'[^'\n]{1,60}'|\"[^\"\n]{1,60}\"")
#: A fact that no more than one row in so many shows is rare.
_RARE = 100
#: Columns of every other table: that a text holds the word says little.
_USUAL = frozenset(
    ("id", "name", "status", "type", "date", "code", "text", "title", "state", "value", "key", "data")
)


class Way(Record):
    """What lies on the failing way."""

    #: Tables that share a word with the failure, or a row of which the request names; and their neighbours.
    tables: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    #: Tables of which the request names a row that production has.
    named: frozenset[str] = frozenset()
    #: The facts that the failure's text speaks of; empty when it says nothing of values.
    spoken: frozenset[Sort] = frozenset()


def way(
    failure: Failure,
    tables: Collection[str],
    keys: Mapping[str, tuple[ForeignKey, ...]],
    named: Collection[str],
) -> Way:
    """Return what lies on the failing way."""
    on = {t for t in tables if shared(failure, t)} | set(named)
    near = {key.parent for t in on for key in keys.get(t, ())}
    near |= {t for t in tables for key in keys.get(t, ()) if key.parent in on}
    return Way(
        tables=frozenset(on), near=frozenset(near - on), named=frozenset(named), spoken=spoken(failure.text)
    )


def spoken(text: str) -> frozenset[Sort]:
    """Return the facts that an error's words speak of.

    An error that quotes a value speaks of that value, not of any other category.
    """
    found: frozenset[Sort] = frozenset()
    for expression, sorts in _SPOKEN:
        if re.search(expression, text, re.IGNORECASE):
            found |= sorts
    if _QUOTED.search(text) and not re.search("undefined", text):
        found -= {Sort.CATEGORY}
    return found


def of_fact(
    failure: Failure, on: Way, fact: Fact, seen: SeenColumn, rows: int, named: int, total: int, place: str
) -> Difference:
    """Return a fact as a difference with its weight."""
    is_rare = 0 < rows * _RARE <= total and (fact.sort is not Sort.CATEGORY or seen.are_met)
    weight, reasons = _weight(failure, on, fact, named, is_rare=is_rare)
    many = f"{rows} of {total} rows" if rows > 1 or total else "some rows"
    detail = f" ({bucket_name(seen.longest)})" if fact.sort is Sort.LONGER else ""
    key = f" {fact.limit}" if fact.sort is Sort.NO_JSON_KEY and is_named(failure, str(fact.limit)) else ""
    return Difference(
        kind=Kind.DATA,
        place=(fact.table, fact.column),
        test=f"never in {seen.rows} rows{detail}",
        production=f"{fact.sort.value}{key}: {many}",
        weight=weight,
        reasons=tuple(reasons),
        summary=f"{fact.table}.{fact.column} is {_clause(fact.sort)} in {many} of production, in no test's",
        probe=f"facts of {place}",
        command=f"count the rows of {fact.table} whose {fact.column} is: {fact.sort.value}",
    )


def _clause(sort: Sort) -> str:
    return f"without {sort.value.removeprefix('no ')}" if sort is Sort.ORPHAN else sort.value


def _weight(failure: Failure, on: Way, fact: Fact, named: int, *, is_rare: bool) -> tuple[int, list[str]]:
    """Return a fact's weight: 4 and 5 only where the failure speaks of such a value, or names its place."""
    speaks = fact.sort in on.spoken
    if fact.sort is Sort.NO_JSON_KEY:
        speaks = speaks and is_named(failure, str(fact.limit))
    reasons = ["the failure's words speak of such a value"] if speaks else []
    is_on = fact.table in on.tables
    if fact.sort is Sort.QUOTED:
        return (5 if is_on else 4), ["the failure quotes a value of this column that no row of the tests has"]
    if is_named(failure, fact.column) and (fact.column.lower() not in _USUAL or is_on):
        return (5 if speaks or not on.spoken else 3), [f"the failure names {fact.column}", *reasons]
    if named:
        reasons.append("it is so in the very row that the failing request names")
        return (5 if speaks else 3), reasons
    seldom = fact.sort in _SELDOM
    if is_on:
        reasons.append(f"the failing way shares a word with {fact.table}, or names a row of it")
        if fact.table in on.named:
            return 3, [*reasons, "the row that the request names is not one of them"]
        return (4 if speaks else 3), reasons
    if speaks and is_rare:
        return 4, [*reasons, "hardly any row is so, as hardly any request fails"]
    if fact.table in on.near:
        reasons.append(f"{fact.table} and a table on the failing way refer to each other")
        return (3 if speaks else 2), reasons
    return (1 if seldom and not speaks else 2), [*reasons, "off the failing way"]


def of_last_key(on: Way, table: str, place: str) -> Difference:
    """Return that the database is about to run out of 32-bit keys as a difference with its weight."""
    is_on = table in on.tables
    speaks = Sort.LAST_KEY in on.spoken or not on.spoken
    reason = f"{table} lies on the failing way" if is_on else "off the failing way"
    return Difference(
        kind=Kind.DATA,
        place=(table, "next key"),
        test="within 32 bits",
        production="at the end of 32 bits, or beyond it",
        weight=(4 if speaks else 3) if is_on else 2,
        reasons=(reason,),
        summary=f"the next key of {table} is at the end of 32 bits in production",
        probe=f"sequences of {place}",
        command=f"ask for the highest key of {table} and the last value of its sequence",
    )


def of_system(failure: Failure, test: str, prod: str) -> Difference:
    """Return that the worlds have databases of two makes as a difference with its weight."""
    speaks = bool(
        re.search(r"sqlite|psycopg|postgres|\bpg_|SQL\b|syntax error|operator does not exist", failure.text)
    )
    return Difference(
        kind=Kind.DATA,
        place=("system",),
        test=test,
        production=prod,
        weight=4 if speaks else 3,
        reasons=("the failure's words are a database's",) if speaks else ("it is another program",),
        summary=f"the tests run on {test}, production on {prod}",
        probe="the addresses of both databases",
        command="",
    )


def of_schema(failure: Failure, on: Way, found: SchemaDifference, place: str) -> Difference:
    """Return a difference of schema with its weight."""
    reasons = []
    is_on = found.table in on.tables
    names_column = bool(found.column) and is_named(failure, found.column)
    if names_column and (found.column.lower() not in _USUAL or is_on):
        weight = 5 if found.is_breaking else 3
        reasons.append(f"the failure names {found.column}")
    elif not found.column and is_named(failure, found.table) and found.is_breaking and is_on:
        weight = 5
        reasons.append(f"the failure names {found.table}")
    elif is_on:
        weight = 4 if found.is_breaking and not on.spoken else 3
        reasons.append(f"{found.table} lies on the failing way")
    else:
        weight = 2 if found.is_breaking else 1
        reasons.append("off the failing way")
    where = f"{found.table}.{found.column}" if found.column else found.table
    return Difference(
        kind=Kind.DATA,
        place=(found.table, "schema", *((found.column,) if found.column else ())),
        test=found.test,
        production=found.production,
        weight=weight,
        reasons=tuple(reasons),
        summary=f"the schema of {where} differs: {found.test} in the tests, {found.production} in production",
        probe=f"schema of {place}",
        command=f"compare the definitions of {found.table}",
    )
