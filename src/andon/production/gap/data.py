"""The kind `data`: the two databases compared, and copies of the tests' with parts as in production.

Production's rows are held in this process only, and never shown; what is written to is always a copy that was
made a moment ago.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING

from andon.desk.gap.consent import is_here
from andon.errors import AndonError, Unavailable
from andon.gaps.data.facts import SeenColumn, are_names, facts_to_ask, look, told_apart
from andon.gaps.data.mixing import Mixture
from andon.gaps.data.named import named_rows, named_values, quoted_texts
from andon.gaps.data.rows import Loaded
from andon.gaps.data.schema import BOOKKEEPING, Family, schema_differences, with_named_keys
from andon.gaps.data.weighing import of_fact, of_last_key, of_schema, of_system, way
from andon.gaps.data.worlds import Worlds, near_the_end
from andon.gaps.experiment import Held, Observed
from andon.gaps.words import Kind
from andon.production.gap.databases import copies_of, is_same, resolved, source_of
from andon.production.gap.filling import apply, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from typing import Any

    from andon.config.model_gap import GapConfig, WorldConfig
    from andon.gaps.beliefs import Beliefs
    from andon.gaps.data.facts import Fact
    from andon.gaps.data.mixing import Change
    from andon.gaps.data.named import NamedRow
    from andon.gaps.data.schema import Table
    from andon.gaps.experiment import Difference, Part, Ran, Setting
    from andon.gaps.failure import Failure
    from andon.production.gap.data_source import Copies, Made, Source

#: Seconds from now after which a moment is in the future: what is due next week is nothing odd.
_SOON = 400 * 86_400
#: Seconds for all questions to production's database together.
_LONGEST_LOOK = 60.0
#: Rows beyond which a table is asked first which facts it has.
_MANY = 2000
#: Rows that a manipulation check looks for in one table.
_LOOKED_FOR = 20


class DataDimension:
    """The port `Dimension` of the kind `data`; it also obeys the parts of `scale` that say how many rows."""

    kind = Kind.DATA

    def __init__(
        self,
        gap: GapConfig,
        test: WorldConfig,
        prod: WorldConfig,
        root: str,
        failure: Failure,
        *,
        consent: Callable[[str], bool] = is_here,
    ) -> None:
        """Take both worlds and the failure; nobody is asked yet."""
        del gap  # every kind is made alike
        self._test, self._prod, self._root, self._failure, self._consent = test, prod, root, failure, consent
        self._lock = threading.RLock()
        self._worlds: Worlds | None = None
        self._why = ""
        self._copies: Copies | None = None
        self._made: tuple[Made, list[Change], Setting] | None = None
        self._evidence: tuple[bool | None, str] | None = None
        self._soon = time.strftime("%Y-%m-%d", time.gmtime(time.time() + _SOON))

    def observe(self, beliefs: Beliefs, failure: Failure) -> Observed:
        """Compare both databases, read-only, by aggregates; what could not be looked at is told."""
        del beliefs  # the tests' database says more of what they saw
        start = time.monotonic()
        if not self._test.database and not self._prod.database:
            return Observed(kind=Kind.DATA, looked="")
        try:
            test, prod = self._sources()
            ours, problems = test.tables()
            theirs, more = prod.tables()
            _leave_out(ours, theirs, test.closed | prod.closed)
            found, late = self._differences(failure, test, prod, ours, theirs, start)
        except AndonError as problem:
            why = f"{problem.message}{f': {problem.remedy}' if problem.remedy else ''}"
            return Observed(kind=Kind.DATA, problems=(why,), seconds=time.monotonic() - start)
        found.sort(key=lambda d: -d.weight)
        looked = f"{len(ours)} tables of the tests and {len(theirs)} of production"
        return Observed(
            kind=Kind.DATA,
            differences=tuple(found),
            looked=looked,
            problems=(*(f"tests: {p}" for p in problems), *(f"production: {p}" for p in more), *late),
            seconds=time.monotonic() - start,
        )

    def _sources(self) -> tuple[Source, Source]:
        """Return both databases; raises InvalidInput, NotFound, Refused or Unavailable."""
        test, prod = resolved(self._test.database, "test"), resolved(self._prod.database, "prod")
        theirs = source_of(prod, self._root)
        host = getattr(theirs, "host", "localhost")
        if not self._consent(host):
            raise Unavailable(
                f"the database on {host} was not asked",
                rule="gap-consent",
                remedy=f"give --i-own-this {host}",
            )
        return source_of(test, self._root), theirs

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
        found += [
            of_last_key(on, t, prod.place) for t in sorted(theirs) if near_the_end(ours.get(t), theirs[t])
        ]
        loaded = {name: _loaded(ours[name], got) for name, got in test.rows(ours.values(), {}).items()}
        problems: list[str] = []
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

    def _both_worlds(self) -> Worlds | None:
        """Return both worlds, read once; None when that cannot be, and `_why` says why."""
        with self._lock:
            if self._worlds is None and not self._why:
                try:
                    self._worlds = self._read_both()
                except AndonError as problem:
                    self._why = f"{problem.message}{f': {problem.remedy}' if problem.remedy else ''}"
            return self._worlds

    def _read_both(self) -> Worlds:
        if is_same(self._test.database, self._prod.database, self._root):
            raise Unavailable(
                "the tests' database is production's own; nothing is tried with it",
                rule="never-production",
                remedy="give the tests a database of their own in [gap.test]",
            )
        test, prod = self._sources()
        ours, _ = test.tables()
        theirs, _ = prod.tables()
        _leave_out(ours, theirs, test.closed | prod.closed)
        is_one = test.system == prod.system
        named = named_rows(self._failure, theirs)
        test_rows = {n: _loaded(ours[n], g) for n, g in test.rows(ours.values(), {}).items()}
        got = prod.rows(theirs.values(), _first(named))
        prod_rows = {n: _loaded(theirs[n], g if is_one else _neutral(theirs[n], g)) for n, g in got.items()}
        facts: list[Fact] = []
        for name in (n for n in test_rows if n in prod_rows):
            own = self._facts(self._failure, test_rows[name], theirs[name], theirs)[1]
            if len(prod_rows[name].rows) > _MANY:  # the database finds out sooner which of them there are
                _, counted, late = prod.count(theirs[name], own, {}, theirs)
                own = own if late else [c.fact for c in counted]
            facts += own
        spoken = f"{self._failure.path}\n{self._failure.text}"
        return Worlds(
            ours,
            theirs,
            test_rows,
            prod_rows,
            facts,
            named,
            spoken,
            named_values(self._failure),
            is_one_system=is_one,
        )

    def parts(self) -> tuple[Part, ...]:
        """Return a part for each table whose rows or schema differ."""
        if self.cannot():
            return ()
        worlds = self._both_worlds()
        return worlds.parts() if worlds else ()

    def cannot(self) -> str:
        """Return why nothing of this kind can be flipped."""
        if not self._test.database or not self._prod.database:
            world = "test" if not self._test.database else "prod"
            return (
                f"`database` of [gap.{world}] is not given"
                if self._test.database or self._prod.database
                else ""
            )
        try:
            if why := self._copier().cannot():
                return why
        except AndonError as problem:
            return problem.message
        return "" if self._both_worlds() else self._why

    def split(self, part: Part) -> tuple[Part, ...]:
        """Return the rows and the schema of a table, the columns of a row; () when nothing is finer."""
        worlds = self._both_worlds()
        return worlds.split(part) if worlds and part.kind is Kind.DATA else ()

    def _copier(self) -> Copies:
        if self._copies is None:
            self._copies = copies_of(resolved(self._test.database, "test"), self._root)
        return self._copies

    @contextlib.contextmanager
    def prepare(self, setting: Setting, parts: Collection[Part]) -> Iterator[None]:
        """Give the application a fresh copy of the tests' database, with these parts as in production."""
        own = [p for p in parts if p.kind is Kind.DATA or (p.kind is Kind.SCALE and p.place[0] == "rows")]
        self._made, self._evidence = None, None
        if not self._test.database:
            yield
            return
        address = resolved(self._test.database, "test")
        if is_same(self._test.database, self._prod.database, self._root):
            raise Unavailable("the tests' database is production's own; nothing is tried with it")
        worlds = self._both_worlds() if self._prod.database else None
        if own and worlds is None:
            raise Unavailable(self._why or "production's database is not given")
        with self._copier().make(setting.home) as made:
            changes: list[Change] = []
            if worlds:
                mixture = Mixture(worlds, own)
                changes = mixture.changes
                if changes:
                    with made.filling() as copy:
                        for change in changes:
                            apply(copy, mixture, change, mixture.remarks)
                setting.remarks += mixture.remarks
            variable = self._test.database_variable
            value = made.variable(setting.variables.get(variable) or address)
            setting.variables[variable] = value
            self._made = made, changes, setting
            try:
                yield
            finally:
                if own and self._evidence is None:
                    self._evidence = self._look()
                self._made = None

    def took_hold(self, parts: Collection[Part], ran: Ran) -> Held | None:
        """Say whether the application used the copy, and whether what was put there was there at the end."""
        own = [p for p in parts if p.kind is Kind.DATA or (p.kind is Kind.SCALE and p.place[0] == "rows")]
        if not own:
            return None
        kind = Kind.DATA if any(p.kind is Kind.DATA for p in own) else Kind.SCALE
        variable = self._test.database_variable
        there = dict(ran.environment)
        # A relay before the database puts its own address into the setting later on.
        if self._made and there and there.get(variable) != self._made[2].variables.get(variable):
            return Held(
                kind=kind, holds=False, told=f"the application's {variable} is not the one that it was given"
            )
        if self._made:
            self._evidence = self._look()
        holds, told = self._evidence or (None, "nothing was prepared")
        return Held(kind=kind, holds=holds, told=told)

    def _look(self) -> tuple[bool | None, str]:
        """Look at the copy as it is now."""
        if self._made is None:
            return None, "nothing was prepared"
        made, changes, _ = self._made
        used = made.is_used()
        variable = self._test.database_variable
        if used is False:
            return (
                False,
                f"the application did not open the database that {variable} names: it ignores the variable",
            )
        try:
            return self._still_there(made, changes, used)
        except AndonError as problem:
            return None, problem.message

    def _still_there(self, made: Made, changes: list[Change], used: bool | None) -> tuple[bool | None, str]:
        counts = made.counts() if any(change.amount for change in changes) else {}
        told = []
        for change in changes:
            if change.flipped and self._worlds is not None:
                rows = self._worlds.prod_rows[change.table]
                some = change.flipped[:_LOOKED_FOR]
                key = rows.key
                if key and not made.present(change.table, key, [keys_of(rows, i, key) for i in some]):
                    return (
                        False,
                        f"none of production's rows was in {change.table} at the end: something cleared it",
                    )
                told.append(f"{len(change.flipped)} rows of {change.table} as in production")
            if change.amount:
                if counts.get(change.table, 0) < 0.9 * change.amount:
                    return (
                        False,
                        f"{change.table} has {counts.get(change.table, 0)} rows, not {change.amount}",
                    )
                told.append(f"{counts[change.table]} rows in {change.table}")
            if change.is_reshaped:
                told.append(f"{change.table} made as in production")
        words = "; ".join(told) or "the copy was used"
        if used is None:
            return None, f"{words}; whether the application opened it cannot be seen on this file system"
        return True, words

    def close(self) -> None:
        """Take down what was kept to make copies quickly."""
        if self._copies is not None:
            self._copies.close()


def row_counts(address: str, root: str = "") -> dict[str, int]:
    """Return the number of rows by table; raises InvalidInput, NotFound or Unavailable. Asks no consent."""
    return source_of(resolved(address, "database"), root or os.getcwd()).counts()


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
