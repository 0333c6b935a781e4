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
from andon.gaps.data.mixing import Mixture
from andon.gaps.experiment import Held, Observed
from andon.gaps.words import Kind
from andon.production.gap.data_compared import Databases
from andon.production.gap.databases import copies_of, is_same, resolved, source_of
from andon.production.gap.filling import apply, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from andon.config.model_gap import GapConfig, WorldConfig
    from andon.gaps.beliefs import Beliefs
    from andon.gaps.data.mixing import Change
    from andon.gaps.data.worlds import Worlds
    from andon.gaps.experiment import Part, Ran, Setting
    from andon.gaps.failure import Failure
    from andon.production.gap.data_source import Copies, Made
    from andon.production.gap.pace import Pace

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
        pace: Pace | None = None,
    ) -> None:
        """Take both worlds and the failure; nobody is asked yet."""
        del gap  # every kind is made alike
        self._test, self._prod, self._root, self._failure = test, prod, root, failure
        self._databases = Databases(test.database, prod.database, root, consent=consent, pace=pace)
        self._lock = threading.RLock()
        self._worlds: Worlds | None = None
        self._why = ""
        self._copies: Copies | None = None
        self._made: tuple[Made, list[Change], Setting] | None = None
        self._evidence: tuple[bool | None, str] | None = None

    def observe(self, beliefs: Beliefs, failure: Failure) -> Observed:
        """Compare both databases, read-only, by aggregates; what could not be looked at is told."""
        del beliefs  # the tests' database says more of what they saw
        start = time.monotonic()
        if not self._test.database and not self._prod.database:
            return Observed(kind=Kind.DATA, looked="")
        try:
            compared = self._databases.compared(failure)
        except AndonError as problem:
            why = f"{problem.message}{f': {problem.remedy}' if problem.remedy else ''}"
            return Observed(kind=Kind.DATA, problems=(why,), seconds=time.monotonic() - start)
        return Observed(
            kind=Kind.DATA,
            differences=tuple(sorted(compared.differences, key=lambda d: -d.weight)),
            looked=compared.looked,
            problems=compared.problems,
            seconds=time.monotonic() - start,
        )

    def _both_worlds(self) -> Worlds | None:
        """Return both worlds, read once; None when that cannot be, and `_why` says why."""
        with self._lock:
            if self._worlds is None and not self._why:
                try:
                    self._worlds = self._databases.read(self._failure)
                except AndonError as problem:
                    self._why = f"{problem.message}{f': {problem.remedy}' if problem.remedy else ''}"
            return self._worlds

    def parts(self) -> tuple[Part, ...]:
        """Return a part for each table whose rows or schema differ."""
        if self._impossible():
            return ()
        worlds = self._both_worlds()
        return worlds.parts() if worlds else ()

    def cannot(self) -> str:
        """Return why nothing of this kind can be flipped, or which tables cannot: no rows were read."""
        return self._impossible() or "; ".join(self._databases.unread)

    def _impossible(self) -> str:
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
            told = f"it ignores {variable}, or the journey does not use it"
            return False, f"the application did not open its database during the run: {told}"
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


def row_counts(address: str, root: str = "", pace: Pace | None = None) -> dict[str, int]:
    """Return the number of rows by table; raises InvalidInput, NotFound or Unavailable. Asks no consent."""
    return source_of(resolved(address, "database"), root or os.getcwd(), pace).counts()
