"""A copy of a schema in memory that understands four statements; held to the contract of the real ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from andon.desk.values import MigrationStep, TrialFailed
from andon.response.sql_statements import bare, statements
from andon.response.trial import Rows, Snapshot

_CREATE = re.compile(r"(?i)create table (\w+)\b")
_DROP = re.compile(r"(?i)drop table (\w+)\b")
_DELETE = re.compile(r"(?i)delete from (\w+)\b")
_INSERT = re.compile(r"(?i)insert into (\w+)\b")


class FakeCopy:
    """Tables with a number of rows. `HANG` never ends, a table `blind` keeps it from being read."""

    url = "fake://copy"

    def __init__(self, tables: Sequence[str] = (), stubborn: Sequence[str] = ()) -> None:
        self.tables = dict.fromkeys(tables, 0)
        #: Tables that take no made-up row.
        self.stubborn = frozenset(stubborn)
        self.is_empty = not tables
        self.applied: list[str] = []

    def apply(self, script: str) -> None:
        for statement in statements(script):
            self.applied.append(statement)
            self._apply(bare(statement).strip())

    def _apply(self, statement: str) -> None:
        if statement == "HANG":
            raise TrialFailed("it did not end", timed_out=True)
        if match := _CREATE.match(statement):
            if match[1] in self.tables:
                raise TrialFailed(f"table {match[1]} already exists")
            self.tables[match[1]] = 0
        elif (match := _DROP.match(statement)) and match[1] in self.tables:
            del self.tables[match[1]]
        elif (match := _DELETE.match(statement)) and match[1] in self.tables:
            self.tables[match[1]] = 0
        elif (match := _INSERT.match(statement)) and match[1] in self.tables:
            self.tables[match[1]] += 1
        else:
            raise TrialFailed(f"not understood: {statement}")

    def seed(self) -> None:
        for table, count in self.tables.items():
            if count == 0 and table not in self.stubborn:
                self.tables[table] = 1

    def snapshot(self) -> Snapshot:
        if "blind" in self.tables:
            raise TrialFailed("the disk is full")
        return Snapshot(
            catalog=tuple(sorted(f"table {name}: " for name in self.tables)),
            rows=tuple(
                Rows(table=name, count=count, digest=str(count)) for name, count in self.tables.items()
            ),
            empty=tuple((name, "a check") for name in self.stubborn if self.tables.get(name) == 0),
        )


class FakeTrial:
    """Makes `FakeCopy`s; `problem` keeps it from making any."""

    place = "memory"

    def __init__(
        self, tables: Sequence[str] = (), problem: Exception | None = None, stubborn: Sequence[str] = ()
    ) -> None:
        self.tables = tuple(tables)
        self.problem = problem
        self.stubborn = tuple(stubborn)
        self.copies: list[FakeCopy] = []
        self.dropped = 0

    @contextmanager
    def copy(self) -> Iterator[FakeCopy]:
        if self.problem:
            raise self.problem
        self.copies.append(FakeCopy(self.tables, self.stubborn))
        try:
            yield self.copies[-1]
        finally:
            self.dropped += 1


class FakeRunner:
    """Runs programs by applying what their text says after `up:` or `down:` to the copy it is given."""

    def __init__(self, copy_of: FakeTrial) -> None:
        self.trial = copy_of
        self.ran: list[tuple[str, tuple[str, ...]]] = []

    def run(self, way: str, steps: Sequence[MigrationStep], url: str) -> None:
        self.ran.append((way, tuple(step.revision for step in steps)))
        for step in steps:
            for line in step.text.splitlines():
                if line.startswith(f"# {way}: "):
                    self.trial.copies[-1].apply(line.removeprefix(f"# {way}: "))
