"""Both worlds' databases, read and compared: read-only, production by aggregates before its rows.

Production's rows are held in this process only, and never shown.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from andon.desk.gap.consent import is_here
from andon.errors import Unavailable
from andon.gaps.data.facts import SeenColumn, are_names, facts_to_ask, look, told_apart
from andon.gaps.data.named import named_rows, named_values, quoted_texts
from andon.gaps.data.rows import Loaded
from andon.gaps.data.schema import BOOKKEEPING, Family, schema_differences, with_named_keys
from andon.gaps.data.stored import stored_differences
from andon.gaps.data.weighing import of_fact, of_last_key, of_schema, of_system, way
from andon.gaps.data.worlds import Worlds, near_the_end
from andon.gaps.relevance import shared
from andon.production.gap.databases import is_same, resolved, source_of
from andon.production.gap.pace import Pace
from andon.record import Record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import Any

    from andon.gaps.data.facts import Fact
    from andon.gaps.data.named import NamedRow
    from andon.gaps.data.schema import Table
    from andon.gaps.data.weighing import Way
    from andon.gaps.experiment import Difference
    from andon.gaps.failure import Failure
    from andon.production.gap.data_source import Source

#: Seconds from now after which a moment is in the future: what is due next week is nothing odd.
_SOON = 400 * 86_400
#: Seconds for all questions to production's database together.
_LONGEST_LOOK = 60.0
#: Rows beyond which a table is asked first which facts it has.
_MANY = 2000


#: Views, triggers and functions that are named among what was not tried; tables of which no rows were read.
_TOLD = 3


class Compared(Record):
    """What a comparison came to."""

    differences: tuple[Difference, ...]
    looked: str
    #: What could not be looked at, or cannot be tried.
    problems: tuple[str, ...]


class Databases:
    """The tests' database and production's."""

    def __init__(
        self,
        test: str,
        prod: str,
        root: str,
        *,
        consent: Callable[[str], bool] = is_here,
        pace: Pace | None = None,
    ) -> None:
        """Take both addresses as they are configured; nobody is asked yet."""
        self._test, self._prod, self._root, self._consent = test, prod, root, consent
        self._pace = pace or Pace()
        #: Tables of which the rows were to be tried and could not be read, and why.
        self.unread: tuple[str, ...] = ()
        self._soon = time.strftime("%Y-%m-%d", time.gmtime(time.time() + _SOON))

    def compared(self, failure: Failure) -> Compared:
        """Compare them by aggregates; raises InvalidInput, NotFound, Refused or Unavailable."""
        start = time.monotonic()
        test, prod = self.sources()
        ours, problems = test.tables()
        theirs, more = prod.tables()
        _leave_out(ours, theirs, test.closed | prod.closed)
        found, late = self._differences(failure, test, prod, ours, theirs, start)
        return Compared(
            differences=tuple(found),
            looked=f"{len(ours)} tables of the tests and {len(theirs)} of production",
            problems=(*(f"tests: {p}" for p in problems), *(f"production: {p}" for p in more), *late),
        )

    def sources(self) -> tuple[Source, Source]:
        """Return both databases; raises InvalidInput, NotFound, Refused or Unavailable."""
        test, prod = resolved(self._test, "test"), resolved(self._prod, "prod")
        theirs = source_of(prod, self._root, self._pace)
        host = getattr(theirs, "host", "localhost")
        if not self._consent(host):
            raise Unavailable(
                f"the database on {host} was not asked",
                rule="gap-consent",
                remedy=f"give --i-own-this {host}",
            )
        return source_of(test, self._root, self._pace), theirs

    def _differences(
        self,
        failure: Failure,
        test: Source,
        prod: Source,
        ours: Mapping[str, Table],
        theirs: Mapping[str, Table],
        start: float,
    ) -> tuple[list[Difference], list[str]]:
        named = named_rows(failure, theirs)
        keys = {**with_named_keys(ours), **with_named_keys(theirs)}
        tables = {*ours, *theirs}
        on = way(failure, tables, keys, ())
        is_one = test.system == prod.system
        found = [
            of_schema(failure, on, d, prod.place)
            for d in schema_differences(ours, theirs, is_one_system=is_one)
        ]
        if not is_one:
            found.append(of_system(failure, test.system, prod.system))
        others, problems = _stored(failure, on, test, prod)
        found += others
        found += [
            of_last_key(on, t, prod.place) for t in sorted(theirs) if near_the_end(ours.get(t), theirs[t])
        ]
        got, unread = test.rows(ours.values(), {})
        problems += _few("tests", unread)
        loaded = {name: _loaded(ours[name], rows) for name, rows in got.items()}
        order = sorted(set(loaded) & set(theirs), key=lambda t: (t not in on.tables, t not in on.near, t))
        for name in order:
            if name.lower() in BOOKKEEPING:
                continue
            if time.monotonic() - start > _LONGEST_LOOK:
                problems.append(f"production: {name} and what follows it were not looked at in time")
                break
            seen, facts = self._facts(failure, loaded[name], theirs[name], theirs)
            own = {n.column: n.value for n in named if n.table == name}
            own = dict([next(iter(own.items()))]) if own else {}
            total, counted, more = prod.count(theirs[name], facts, own, theirs)
            problems += [f"production: {p}" for p in more]
            # What a row refers to stands in another table: its own rows do not tell.
            open_ = [
                c.fact
                for c in counted
                if not loaded[name].is_whole or (c.fact.key is not None and c.fact.key.parent in ours)
            ]
            if open_:
                shown = {c.fact for c in test.count(ours[name], open_, {}, ours)[1] if c.rows}
                counted = tuple(c for c in counted if c.fact not in shown)
            worth = told_apart([(c.fact, c.rows) for c in counted])
            here = way(failure, tables, keys, [name] if any(c.named for c in counted) else ())
            found += [
                of_fact(failure, here, c.fact, seen[c.fact.column], c.rows, c.named, total, prod.place)
                for c in counted
                if c.fact in worth and not are_names(c.fact, seen[c.fact.column], c.rows, total)
            ]
        return found, problems

    def _facts(
        self,
        failure: Failure,
        rows: Loaded,
        prod: Table,
        theirs: Mapping[str, Table],
    ) -> tuple[dict[str, SeenColumn], list[Fact]]:
        """Return what the tests' columns are like and the facts to ask production's table for."""
        seen: dict[str, SeenColumn] = {}
        facts: list[Fact] = []
        keys = with_named_keys(theirs).get(prod.name, ())
        for column in prod.columns:
            own = rows.table.column(column.name)
            if (
                own is None
                or column.is_made
                or column.name not in rows.columns
                or own.family is not column.family
            ):
                continue
            seen[column.name] = look(own, rows.values(column.name), soon=self._soon)
            facts += facts_to_ask(
                prod, column, seen[column.name], soon=self._soon, keys=keys, quoted=quoted_texts(failure)
            )
        return seen, facts

    def read(self, failure: Failure) -> Worlds:
        """Return the tables and rows of both; raises as `sources`, and Unavailable for one and the same."""
        if is_same(self._test, self._prod, self._root):
            raise Unavailable(
                "the tests' database is production's own; nothing is tried with it",
                rule="never-production",
                remedy="give the tests a database of their own in [gap.test]",
            )
        test, prod = self.sources()
        ours, _ = test.tables()
        theirs, _ = prod.tables()
        _leave_out(ours, theirs, test.closed | prod.closed)
        is_one = test.system == prod.system
        named = named_rows(failure, theirs)
        own_rows, own_unread = test.rows(ours.values(), {})
        test_rows = {n: _loaded(ours[n], g) for n, g in own_rows.items()}
        got, unread = prod.rows(theirs.values(), _first(named))
        self.unread = (*_few("tests", own_unread), *_few("production", unread))
        prod_rows = {n: _loaded(theirs[n], g if is_one else _neutral(theirs[n], g)) for n, g in got.items()}
        facts: list[Fact] = []
        for name in (n for n in test_rows if n in prod_rows):
            own = self._facts(failure, test_rows[name], theirs[name], theirs)[1]
            if len(prod_rows[name].rows) > _MANY:  # the database finds out sooner which of them there are
                _, counted, late = prod.count(theirs[name], own, {}, theirs)
                own = own if late else [c.fact for c in counted]
            facts += own
        spoken = f"{failure.path}\n{failure.text}"
        return Worlds(
            ours,
            theirs,
            test_rows,
            prod_rows,
            facts,
            named,
            spoken,
            named_values(failure),
            is_one_system=is_one,
        )


def _stored(failure: Failure, on: Way, test: Source, prod: Source) -> tuple[list[Difference], list[str]]:
    """Return how views, triggers and functions differ, and that none of them is tried."""
    try:
        ours, theirs = test.stored(), prod.stored()
    except Unavailable as problem:
        return [], [f"views, triggers and functions: {problem.message}"]
    differ = stored_differences(ours, theirs, is_one_system=test.system == prod.system)
    named = {title for title, one in {**ours, **theirs}.items() if shared(failure, one.name)}
    here = replace(on, tables=on.tables | named)
    titles = sorted({d.table for d in differ if d.is_breaking}, key=lambda title: (title not in named, title))
    told = [f"{title}: production's is another, and only tables are flipped" for title in titles[:_TOLD]]
    if len(titles) > _TOLD:
        told.append(f"{len(titles) - _TOLD} more views, triggers and functions are others in production")
    return [of_schema(failure, here, d, prod.place) for d in differ], told


def _few(whose: str, unread: Sequence[str]) -> list[str]:
    """Return some tables that were not read, and how many more there are: of a lost connection, all."""
    told = [f"{whose}: {one}" for one in unread[:_TOLD]]
    more = len(unread) - _TOLD
    return [*told, f"{whose}: {more} more tables, of which no rows were read"] if more > 0 else told


def _loaded(table: Table, got: tuple[list[tuple[Any, ...]], bool]) -> Loaded:
    return Loaded(table, table.names, got[0], is_whole=got[1])


def _leave_out(ours: dict[str, Table], theirs: dict[str, Table], closed: frozenset[str]) -> None:
    """Forget the tables that one world does not show: they are there, and nothing is known of them."""
    for name in closed:
        ours.pop(name, None)
        theirs.pop(name, None)


def _neutral(table: Table, got: tuple[list[tuple[Any, ...]], bool]) -> tuple[list[tuple[Any, ...]], bool]:
    """Return rows with truths as 0 and 1, which every system takes."""
    places = [
        n for n, name in enumerate(table.names) if (c := table.column(name)) and c.family is Family.TRUTH
    ]
    rows = [list(row) for row in got[0]] if places else []
    for row in rows:
        for place in places:
            row[place] = {"t": 1, "f": 0, "true": 1, "false": 0}.get(str(row[place]), row[place])
    return [tuple(row) for row in rows] or got[0], got[1]


def _first(named: Collection[NamedRow]) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for one in named:
        found.setdefault(one.table, []).append({one.column: one.value})
    return found
