"""PostgreSQL databases of the two worlds, read: read-only, with limits, a few questions a second."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from andon.errors import InvalidInput, Unavailable
from andon.gaps.data.stored import Stored
from andon.production.gap.conditions import condition, quoted
from andon.production.gap.data_source import PATIENCE, Counted
from andon.production.gap.pace import Pace
from andon.production.gap.postgres_address import for_libpq, host_of, is_loopback
from andon.production.gap.postgres_catalogue import ENUMS, OF_TABLES, STORED, TABLES, grouped, table_of
from andon.production.gap.table_reader import TableReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Any, TypeAlias

    from andon.gaps.data.facts import Fact
    from andon.gaps.data.schema import Table

    Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

#: Rows, as estimated, beyond which a table is not counted.
_COUNTED = 5_000_000


def parsed(address: str) -> dict[str, Any]:
    """Return the parts of an address; raises InvalidInput, without quoting it, for what is none."""
    try:
        return {k: v for k, v in conninfo_to_dict(for_libpq(address)).items() if v is not None}
    except psycopg.Error:
        raise InvalidInput(
            "this is not a PostgreSQL address",
            where="[gap] database",
            rule="gap-database",
            remedy="write postgresql://user@host:5432/database; special characters as %xx",
        ) from None


def told(problem: psycopg.Error, given: dict[str, Any]) -> str:
    """Return why a database refused, in the words of the error's class: its message may quote values."""
    known = (
        (psycopg.errors.QueryCanceled, "it took too long"),
        (psycopg.errors.LockNotAvailable, "a lock was not to be had"),
        (psycopg.errors.InsufficientPrivilege, "permission denied"),
        (psycopg.errors.UndefinedTable, "the table is gone"),
    )
    for sort, words in known:
        if isinstance(problem, sort):
            return words
    state = getattr(problem, "sqlstate", None)
    if state is None and isinstance(problem, psycopg.OperationalError):
        words = " ".join(str(problem).split())[-200:]
        secret = str(given.get("password") or "")
        return words.replace(secret, "***") if secret else words
    return f"{type(problem).__name__} {state or ''}".strip()


class PostgresSource(TableReader["Connection"]):
    """The port `Source` on a server."""

    system = "PostgreSQL"
    is_sqlite = False
    failures = (psycopg.Error,)
    passed_over = (psycopg.Error,)
    at_once = 300  # a result takes 1664 columns
    unordered = "ctid"

    def __init__(self, address: str, pace: Pace | None = None) -> None:
        """Take an address, and how fast another host is asked; nobody is asked yet. Raises InvalidInput."""
        self.given = parsed(address)
        self.host = host_of(self.given)
        self.place = f"{self.given.get('dbname') or 'database'} on {self.host}"
        self._pace = None if is_loopback(self.given) else pace or Pace()
        #: Full quoted names of the tables, by the names they have here.
        self.full_names: dict[str, str] = {}
        self.closed = frozenset()

    @contextlib.contextmanager
    def reading(self, patience: float = PATIENCE) -> Iterator[Connection]:
        """Open a session that can only read, as of one moment."""
        limits = (
            "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read "
            f"-c statement_timeout={int(patience * 1000)} -c lock_timeout=2000 "
            "-c idle_in_transaction_session_timeout=60000"
        )
        own = str(self.given.get("options") or "")
        try:
            with self._turn():
                connection = psycopg.connect(
                    make_conninfo(
                        **{
                            "connect_timeout": "5", "application_name": "andon gap", **self.given,
                            "options": f"{own} {limits}".strip(),
                        }
                    )
                )  # fmt: skip
        except psycopg.Error as problem:
            raise Unavailable(
                f"{self.place} refused: {told(problem, self.given)}", rule="gap-database"
            ) from None
        with contextlib.closing(connection):
            connection.add_notice_handler(lambda _: None)
            try:
                yield connection
            except psycopg.Error as problem:
                raise Unavailable(
                    f"{self.place} could not be read: {told(problem, self.given)}", rule="gap-database"
                ) from None

    def ask(
        self, connection: Connection, query: str, values: Sequence[Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Ask one question, when it is its turn."""
        with self._turn():
            return connection.execute(query.encode(), values).fetchall()

    def _turn(self) -> AbstractContextManager[None]:
        return self._pace.turn(self.host) if self._pace is not None else contextlib.nullcontext()

    def tables(self) -> tuple[dict[str, Table], tuple[str, ...]]:
        """Return the tables by name, and what could not be looked at."""
        with self.reading() as connection:
            return self.tables_in(connection)

    def tables_in(self, connection: Connection) -> tuple[dict[str, Table], tuple[str, ...]]:
        """Return the same in an open session."""
        rows = self.ask(connection, TABLES)
        problems = [f"{name}: permission denied" for _, name, _, _, may in rows if not may]
        self.closed = frozenset(row[1] for row in rows if not row[4])
        allowed = [row for row in rows if row[4]]
        self.full_names = {row[1]: row[2] for row in allowed}
        oids = [row[0] for row in allowed]
        by_oid = {row[0]: row[1] for row in rows}
        catalogue = {sort: grouped(self.ask(connection, query, (oids,))) for sort, query in OF_TABLES.items()}
        enums = self.ask(connection, ENUMS)
        found = {}
        for oid, name, full, estimate, _ in allowed:
            count, is_counted = self._count(connection, full, int(estimate), name, problems)
            own = {sort: rows.get(oid, []) for sort, rows in catalogue.items()}
            found[name] = table_of(name, full, own, by_oid, enums, count, is_counted=is_counted)
        return found, tuple(problems)

    def _count(
        self, connection: Connection, full: str, estimate: int, name: str, problems: list[str]
    ) -> tuple[int, bool]:
        if estimate > _COUNTED:
            return estimate, False
        try:
            with connection.transaction():
                return int(self.ask(connection, f"SELECT count(*) FROM {full}")[0][0]), True  # noqa: S608
        except psycopg.Error as problem:
            problems.append(f"{name}: {told(problem, self.given)}")
            return max(0, estimate), False

    def counts(self) -> dict[str, int]:
        """Return the number of rows by table."""
        found, _ = self.tables()
        return {name: table.count for name, table in found.items()}

    def stored(self) -> dict[str, Stored]:
        """Return views, triggers and functions by their titles."""
        with self.reading() as session:
            worded_by = f"{self.system} {session.info.server_version // 10_000}"
            found = [
                Stored(
                    sort=sort,
                    name=name,
                    text=text or "",
                    worded_by=worded_by,
                    columns=tuple((column, kind) for column, kind in columns or ()),
                )
                for sort, name, text, columns in self.ask(session, STORED)
            ]
        return {one.title: one for one in found}

    def apart(self, session: Connection) -> AbstractContextManager[object]:
        """Let what fails inside leave the session as it was."""
        return session.transaction()

    def places(self, tables: Mapping[str, Table]) -> Mapping[str, str]:
        """Return the full quoted names of tables, known since they were asked for."""
        del tables
        return self.full_names

    def value(self, column: str) -> str:
        """Return a column as a text: the server has types that only it can read."""
        return f"{quoted(column)}::text"

    def why(self, problem: Exception) -> str:
        """Return why a question failed, in words that quote no value."""
        return told(problem, self.given) if isinstance(problem, psycopg.Error) else type(problem).__name__

    def _rest(
        self,
        session: Connection,
        table: Table,
        facts: Sequence[Fact],
        problem: Exception,
        problems: list[str],
    ) -> Iterator[Counted]:
        """Ask whether there is any such row, each for a second at most: a table too large for one pass."""
        if not isinstance(problem, psycopg.errors.QueryCanceled):
            problems.append(f"{table.name}: {self.why(problem)}")
        late = 0
        for fact in facts:
            column = table.column(fact.column)
            where = condition(fact, column, self.full_names, is_sqlite=False) if column else "false"
            query = f"SELECT EXISTS (SELECT 1 FROM {self.full_names[table.name]} t WHERE {where})"  # noqa: S608
            try:
                with session.transaction():
                    session.execute("SET LOCAL statement_timeout = 1000")
                    if self.ask(session, query)[0][0]:
                        yield Counted(fact=fact, rows=1)
            except psycopg.Error:
                late += 1
                if late > 5:
                    break
        if late:
            problems.append(f"{table.name}: too large to ask everything of it in time")


def place_of(address: str) -> tuple[str, str, str]:
    """Return what tells one database from another: server, port and name; this machine has one name."""
    given = parsed(address)
    host = str(given.get("hostaddr") or given.get("host") or "")
    if is_loopback(given):
        host = "" if not host.startswith("/") or host in ("/var/run/postgresql", "/run/postgresql") else host
    return host.lower(), str(given.get("port") or "5432"), str(given.get("dbname") or given.get("user") or "")
