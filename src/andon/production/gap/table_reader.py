"""What is asked of tables, in whichever database they are: rows that show facts, and the rows themselves.

How a database is opened, in which words it is asked, and what its catalogue says, is each database's own
(`sqlite_data`, `postgres_data`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from andon.errors import Unavailable
from andon.gaps.data.facts import Sort
from andon.production.gap.conditions import counting, literal, quoted, twice
from andon.production.gap.data_source import FEW_ROWS, MANY_ROWS, MOST_ROWS, PATIENCE, Counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from andon.gaps.data.facts import Fact
    from andon.gaps.data.schema import Table

Session = TypeVar("Session")


class TableReader(ABC, Generic[Session]):
    """The questions of the port `Source`; the rest is each database's own."""

    #: What may be told of where it is, and what it is.
    place: str
    system: str
    #: Tables that are there and may not be read, once the tables were asked for.
    closed: frozenset[str] = frozenset()
    is_sqlite: bool
    #: What its sessions raise, and those of them for which a table is left out when rows are read.
    failures: tuple[type[Exception], ...]
    passed_over: tuple[type[Exception], ...] = ()
    #: Facts that one query asks for: a result takes so many columns, and deep expressions take memory.
    at_once: int
    #: What orders the rows of a table without a key.
    unordered: str

    @abstractmethod
    def reading(self, patience: float = PATIENCE) -> AbstractContextManager[Session]:
        """Open a session that can only read, as of one moment, each question for so many seconds."""

    @abstractmethod
    def ask(self, session: Session, query: str) -> list[tuple[Any, ...]]:
        """Ask one question."""

    @abstractmethod
    def apart(self, session: Session) -> AbstractContextManager[object]:
        """Let what fails inside leave the session as it was."""

    @abstractmethod
    def places(self, tables: Mapping[str, Table]) -> Mapping[str, str]:
        """Return the full quoted names of tables."""

    @abstractmethod
    def value(self, column: str) -> str:
        """Return a column as it is read: as a text where the database has values of its own."""

    @abstractmethod
    def why(self, problem: Exception) -> str:
        """Return why a question failed, in words that quote no value."""

    @abstractmethod
    def counts(self) -> dict[str, int]:
        """Return the number of rows by table."""

    def _rest(
        self, session: Session, table: Table, facts: Sequence[Fact], problem: Exception, problems: list[str]
    ) -> Iterator[Counted]:
        """Yield what is known of facts that could not be asked for together."""
        del session, facts
        problems.append(f"{table.name}: {self.why(problem)}")
        yield from ()

    def count(
        self, table: Table, facts: Sequence[Fact], named: Mapping[str, object], tables: Mapping[str, Table]
    ) -> tuple[int, tuple[Counted, ...], tuple[str, ...]]:
        """Return rows in all, rows by fact, and what could not be looked at; aggregates only."""
        places = self.places(tables)
        found: list[Counted] = []
        problems: list[str] = []
        try:
            with self.reading() as session:
                found.extend(self._counted(session, table, facts, named, places, problems))
        except Unavailable as problem:  # it went away meanwhile: what was seen before is still told
            problems.append(f"{table.name}: {problem.message}")
        return table.count, tuple(c for c in found if c.rows), tuple(problems)

    def _counted(
        self,
        session: Session,
        table: Table,
        facts: Sequence[Fact],
        named: Mapping[str, object],
        places: Mapping[str, str],
        problems: list[str],
    ) -> Iterator[Counted]:
        together = [f for f in facts if f.sort is not Sort.DUPLICATE]
        for begin in range(0, len(together), self.at_once):
            part = together[begin : begin + self.at_once]
            query = counting(table, part, places, named, is_sqlite=self.is_sqlite)
            try:
                with self.apart(session):
                    row = self.ask(session, query)[0]
            except self.failures as problem:
                yield from self._rest(session, table, part, problem, problems)
                continue
            for n, fact in enumerate(part):
                yield Counted(fact=fact, rows=int(row[1 + 2 * n] or 0), named=int(row[2 + 2 * n] or 0))
        for fact in (f for f in facts if f.sort is Sort.DUPLICATE):
            try:
                with self.apart(session):
                    rows = self.ask(session, twice(table, fact, places))
                yield Counted(fact=fact, rows=int(rows[0][0]))
            except self.failures as problem:
                problems.append(f"{table.name}.{fact.column}: {self.why(problem)}")

    def rows(
        self, tables: Collection[Table], first: Mapping[str, Sequence[Mapping[str, object]]]
    ) -> tuple[dict[str, tuple[list[tuple[Any, ...]], bool]], tuple[str, ...]]:
        """Return the rows of tables as of one moment, each with whether these are all, and what failed."""
        found: dict[str, tuple[list[tuple[Any, ...]], bool]] = {}
        problems: list[str] = []
        places = self.places({table.name: table for table in tables})
        with self.reading(6 * PATIENCE) as session:
            for table in tables:
                read = sum(len(rows) for rows, _ in found.values())
                most = MOST_ROWS if read < MANY_ROWS else FEW_ROWS
                try:
                    with self.apart(session):
                        found[table.name] = self._rows_of(
                            session, table, places[table.name], first.get(table.name, ()), most
                        )
                except self.passed_over as problem:
                    problems.append(f"{table.name}: its rows were not read: {self.why(problem)}")
        return found, tuple(problems)

    def _rows_of(
        self,
        session: Session,
        table: Table,
        place: str,
        first: Sequence[Mapping[str, object]],
        most: int,
    ) -> tuple[list[tuple[Any, ...]], bool]:
        columns = ", ".join(self.value(c) for c in table.names) or "NULL"
        order = ", ".join(quoted(c) for c in table.key) or self.unordered
        query = f"SELECT {columns} FROM {place}"  # noqa: S608 - from the catalogue
        rows = self.ask(session, f"{query} ORDER BY {order} LIMIT {most + 1}")
        if len(rows) <= most:
            return rows, True
        rows = rows[:most]
        for key in first:
            where = " AND ".join(f"CAST({quoted(c)} AS text) = {literal(str(v))}" for c, v in key.items())
            rows += self.ask(session, f"{query} WHERE {where} LIMIT 1")
        return rows, False
