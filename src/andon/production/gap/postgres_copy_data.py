"""Disposable copies of the tests' PostgreSQL database, on the tests' own server, and the changes made in them."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import time
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from andon.errors import Conflict, Unavailable
from andon.gaps.data.schema import Family
from andon.production.gap.conditions import literal, quoted
from andon.production.gap.postgres_address import in_form, is_loopback
from andon.production.gap.postgres_data import PostgresSource, parsed, told
from andon.production.process import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, TypeAlias

    from andon.gaps.data.schema import Column, Table

    Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

#: What the databases made here are called: this, the process that made them, and some digits.
PREFIX = "andon_gap_"
#: Bytes of a database that is copied whole for every experiment.
LARGEST = 2_000_000_000
PATIENCE = 20.0
_LEFT_BEHIND = (
    "SELECT d.datname FROM pg_database d WHERE d.datname ~ %s AND pg_get_userbyid(d.datdba) = current_user "
    "AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.application_name = "
    "regexp_replace(d.datname, '^(andon_gap_[0-9]+_[0-9a-f]+)_.*$', '\\1'))"
)
_SEEN = (
    "SELECT coalesce(sessions, 0), (SELECT count(*) FROM pg_stat_activity a WHERE a.datname = d.datname "
    "AND a.backend_type = 'client backend') FROM pg_stat_database d WHERE d.datname = %s"
)


class PostgresCopies:
    """The port `Copies` on the tests' server.

    A connection that is named like the copies is held as long as they may be needed: copies whose
    connection is gone are left-overs, and the next one sweeps them.
    """

    def __init__(self, address: str) -> None:
        """Take the tests' database, which is only read. Raises InvalidInput for what is no address."""
        self._given = parsed(address)
        self._keeper: Connection | None = None
        self._name = f"{PREFIX}{os.getpid()}_{os.urandom(4).hex()}"
        self._base = ""
        self._number = 0

    def cannot(self) -> str:
        """Return why none can be made."""
        if not is_loopback(self._given):
            return (
                "the tests' database is on another machine, where Andon makes no copies: "
                "give one on this machine as `database` of [gap.test]"
            )
        return ""

    @contextlib.contextmanager
    def make(self, home: str) -> Iterator[PostgresMade]:
        """Make one; it is dropped when the context is left. Raises Unavailable."""
        if why := self.cannot():
            raise Unavailable(why, rule="gap-database")
        self._number += 1
        name = f"{self._name}_{self._number}"
        try:
            keeper = self._connect()
        except psycopg.Error as problem:
            raise self._impossible(problem) from None
        with contextlib.closing(keeper):
            try:
                self._sweep(keeper)
                self._fill(keeper, name, home)
            except psycopg.Error as problem:
                raise self._impossible(problem) from None
            except BaseException:
                self._drop(keeper, name)
                raise
            try:
                yield PostgresMade({**self._given, "dbname": name}, keeper)
            finally:
                self._drop(keeper, name)

    def _impossible(self, problem: psycopg.Error) -> Unavailable:
        return Unavailable(
            f"no copy of the tests' database could be made: {told(problem, self._given)}", rule="gap-database"
        )

    def close(self) -> None:
        """Drop what was kept to make copies quickly."""
        if self._keeper is not None:
            with contextlib.closing(self._keeper) as keeper:
                self._drop(keeper, self._base)
            self._keeper, self._base = None, ""

    def _connect(self) -> Connection:
        problem: psycopg.Error | None = None
        for database in ("postgres", "template1"):
            given = {**self._given, "dbname": database, "application_name": self._name}
            given.pop("options", None)
            try:
                return psycopg.connect(make_conninfo(**{"connect_timeout": "5", **given}), autocommit=True)
            except psycopg.OperationalError as failed:
                problem = failed
        assert problem is not None
        raise problem

    def _sweep(self, keeper: Connection) -> None:
        """Drop what a search that was killed left behind."""
        for (name,) in keeper.execute(_LEFT_BEHIND, (f"^{PREFIX}[0-9]+_[0-9a-f]+_",)).fetchall():
            with contextlib.suppress(psycopg.Error):  # another search sweeps too
                keeper.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )

    def _fill(self, keeper: Connection, name: str, home: str) -> None:
        """Make the copy: from the tests' database where nobody is connected to it, else from a dump of it."""
        if not self._base:
            own = PostgresSource(make_conninfo(**self._given))
            with own.reading() as connection:
                size = own.ask(connection, "SELECT current_database(), pg_database_size(current_database())")[
                    0
                ]
            if size[1] > LARGEST:
                raise Unavailable(f"the tests' database is larger than {LARGEST} bytes: give a smaller one")
            try:
                self._create(keeper, name, str(size[0]))
                return
            except psycopg.errors.ObjectInUse:
                self._keep_base(home)
        self._create(keeper, name, self._base)

    def _keep_base(self, home: str) -> None:
        """Make a copy that nobody is connected to, for the copies to come; kept until `close`."""
        base = f"{self._name}_base"
        kept = self._connect()
        try:
            self._dump(kept, base, home)
        except BaseException:
            with contextlib.closing(kept):
                self._drop(kept, base)
            raise
        self._keeper, self._base = kept, base
        atexit.register(self.close)

    def _create(self, keeper: Connection, name: str, template: str) -> None:
        end = time.monotonic() + 2.0
        while True:
            try:
                names = (sql.Identifier(name), sql.Identifier(template))
                keeper.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
                return
            except psycopg.errors.ObjectInUse:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)  # a session of ours, or of a pool, that is about to end

    def _dump(self, keeper: Connection, base: str, home: str) -> None:
        """Copy a database that somebody is connected to with PostgreSQL's own programs."""
        programs = _programs(keeper.info.server_version // 10000)
        if programs is None:
            raise Unavailable(
                "somebody is connected to the tests' database, and there is no pg_dump that fits its server",
                rule="gap-database",
                remedy="end what uses the tests' database, or install PostgreSQL's client programs",
            )
        self._create(keeper, base, "template0")
        path = os.path.join(home, f"{base}.dump")
        given = {**self._given}
        password = given.pop("password", None)
        surroundings = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
        try:
            for command in (
                (os.path.join(programs, "pg_dump"), "-Fc", "-f", path, "-d", make_conninfo(**given)),
                (
                    os.path.join(programs, "pg_restore"), "--no-owner", "--no-privileges",
                    "-d", make_conninfo(**{**given, "dbname": base}), path,
                ),
            ):  # fmt: skip
                done = run(command, timeout=120.0, env=surroundings)
                if not done.succeeded:
                    raise Unavailable(f"{os.path.basename(command[0])} could not copy the tests' database")
        finally:
            with contextlib.suppress(OSError):
                os.unlink(path)

    def _drop(self, keeper: Connection, name: str) -> None:
        command = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        try:
            keeper.execute(command)
        except psycopg.Error:
            with contextlib.suppress(psycopg.Error), self._connect() as other:  # gone: the next search sweeps
                other.execute(command)


def _programs(major: int) -> str | None:
    """Return where a pg_dump is that is not older than the server."""
    import glob

    own = shutil.which("pg_dump")
    places = [
        *sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True),
        *([os.path.dirname(own)] if own else []),
    ]
    for place in places:
        done = run((os.path.join(place, "pg_dump"), "--version"), timeout=10.0)
        words = done.raw.decode("utf-8", "replace").split()
        number = next((w for w in words if w[:1].isdigit()), "")
        if done.succeeded and number and int(number.split(".")[0]) >= major:
            return place
    return None


class PostgresMade:
    """The port `Made` on a database."""

    def __init__(self, given: dict[str, Any], keeper: Connection) -> None:
        """Take the copy's parts of an address, and a connection elsewhere on its server."""
        self._given = given
        self._keeper = keeper
        self._name = str(given["dbname"])
        self.address = in_form("", given)
        self._sessions = 0
        self._own = 0
        self._used = False

    @contextlib.contextmanager
    def filling(self) -> Iterator[PostgresCopy]:
        """Open it for changes."""
        source = PostgresSource(self.address)
        try:
            with psycopg.connect(
                make_conninfo(**self._given), connect_timeout=5, autocommit=True
            ) as connection:
                connection.add_notice_handler(lambda _: None)
                copy = PostgresCopy(connection, source)
                with copy.unhindered():
                    yield copy
                pid = connection.info.backend_pid
        except psycopg.Error as problem:
            raise Unavailable(
                f"the copy could not be made as in production: {told(problem, self._given)}",
                rule="gap-database",
            ) from None
        self._settle(pid)

    def _settle(self, pid: int) -> None:
        """Wait until our own session is counted, so that the application's can be told from it."""
        end = time.monotonic() + 2.0
        while time.monotonic() < end:
            if not self._keeper.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone():
                break
            time.sleep(0.01)  # a bounded wait for a real event
        self._sessions = self._looked()[0]

    def _looked(self) -> tuple[int, int]:
        try:
            row = self._keeper.execute(_SEEN, (self._name,)).fetchone()
        except psycopg.Error:
            return -1, 0
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def is_used(self) -> bool | None:
        """True when somebody else was connected to it; the server tells of a session a moment late."""
        end = time.monotonic() + 1.5
        while not self._used:
            sessions, connected = self._looked()
            if sessions < 0:
                return None
            self._used = connected > 0 or sessions > self._sessions + self._own
            if self._used or time.monotonic() > end:
                break
            time.sleep(0.1)  # a bounded wait for a real event
        return self._used

    def counts(self) -> dict[str, int]:
        """Return the number of rows by table."""
        self.is_used()
        self._own += 1
        return PostgresSource(self.address).counts()

    def present(self, table: str, columns: Sequence[str], keys: Sequence[Sequence[Any]]) -> int:
        """Return how many of these rows are there."""
        self.is_used()
        self._own += 1
        source = PostgresSource(self.address)
        try:
            with source.reading() as connection:
                source.ask(connection, "SELECT 1")
                places = source.tables_in(connection) and source.places
                if table not in places:
                    return 0
                found = 0
                for key in keys:
                    where = " AND ".join(
                        f"{quoted(c)}::text = {literal(v)}" for c, v in zip(columns, key, strict=True)
                    )
                    query = f"SELECT 1 FROM {places[table]} WHERE {where} LIMIT 1"  # noqa: S608
                    found += len(source.ask(connection, query))
                return found
        except Unavailable:
            return 0

    def variable(self, given: str) -> str:
        """Return its address in the form of the value that the variable had."""
        return in_form(given, self._given)


class PostgresCopy:
    """The port `Copy` on an open connection."""

    def __init__(self, connection: Connection, source: PostgresSource) -> None:
        """Take a connection of its own to the copy."""
        self._connection = connection
        self._source = source
        self._tables, _ = source.tables_in(connection)
        self._loose: dict[str, str] = {}

    @contextlib.contextmanager
    def unhindered(self) -> Iterator[None]:
        """Let rows be written without triggers and foreign keys, which are back afterwards, not looked at anew."""
        try:
            self._connection.execute("SET session_replication_role = replica")
            yield
            return
        except psycopg.errors.InsufficientPrivilege:
            pass
        keys = self._connection.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND conparentid = 0"
        ).fetchall()
        for table, name, _ in keys:
            self._execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for full in self._source.places.values():
            self._execute(f"ALTER TABLE {full} DISABLE TRIGGER USER")
        yield
        for full in self._source.places.values():
            with contextlib.suppress(psycopg.Error):
                self._execute(f"ALTER TABLE {full} ENABLE TRIGGER USER")
        for table, name, text in keys:
            marker = "" if "NOT VALID" in text else " NOT VALID"
            with contextlib.suppress(psycopg.Error):  # its table went, or became another
                self._execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}{marker}")

    def _execute(self, statement: str, values: Sequence[Any] | None = None) -> None:
        self._connection.execute(statement.encode(), values)

    def _full(self, table: str) -> str:
        return self._source.places.get(table) or quoted(table)

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the columns that can be written."""
        found = self._tables.get(table)
        return found.names if found else ()

    def reshape(self, table: str, ours: Table | None, theirs: Table | None) -> None:
        """Make a table as production's is, by changing what differs; its rows stay."""
        full = self._full(table)
        if theirs is None:
            self._execute(f"DROP TABLE {full} CASCADE")
        elif ours is None:
            for statement in theirs.definition:
                with contextlib.suppress(psycopg.errors.DuplicateObject):  # an enum that the tests have, too
                    self._execute(statement)
        else:
            self._alter(full, ours, theirs)
        self._tables, _ = self._source.tables_in(self._connection)

    def _alter(self, full: str, ours: Table, theirs: Table) -> None:
        self._drop_keys(full, ours, theirs)
        for column in ours.columns:
            if theirs.column(column.name) is None:
                self._execute(f"ALTER TABLE {full} DROP COLUMN {quoted(column.name)} CASCADE")
        for statement in theirs.definition:
            if statement.startswith("CREATE TYPE"):
                with contextlib.suppress(psycopg.errors.DuplicateObject):
                    self._execute(statement)
        for column in theirs.columns:
            own = ours.column(column.name)
            if own is None:
                self._add(full, column)
            elif not column.is_made:
                self._change(full, own, column)
        self._add_keys(full, ours, theirs)

    def _add(self, full: str, column: Column) -> None:
        default = column.default if column.default and not column.default.startswith("nextval(") else ""
        line = f"ALTER TABLE {full} ADD COLUMN {quoted(column.name)} {column.type}"
        if default:
            line += f" DEFAULT {default}"
        self._execute(line)
        if column.is_required:
            self._fill_nulls(full, column)
            self._execute(f"ALTER TABLE {full} ALTER COLUMN {quoted(column.name)} SET NOT NULL")

    def _fill_nulls(self, full: str, column: Column) -> None:
        name = quoted(column.name)
        self._execute(
            f"UPDATE {full} SET {name} = {literal(_filler(column))}::{column.type} WHERE {name} IS NULL"  # noqa: S608
        )

    def _change(self, full: str, own: Column, column: Column) -> None:
        alter = f"ALTER TABLE {full} ALTER COLUMN {quoted(column.name)}"
        if own.type != column.type:
            self._execute(f"{alter} DROP DEFAULT")
            cast = f"{quoted(column.name)}::text"
            if column.longest:
                cast = f"left({cast}, {column.longest})"
            self._execute(f"{alter} TYPE {column.type} USING {cast}::{column.type}")
        if column.default != own.default or own.type != column.type:
            if column.default and not column.default.startswith("nextval("):
                self._execute(f"{alter} SET DEFAULT {column.default}")
            elif not column.default:
                self._execute(f"{alter} DROP DEFAULT")
        if own.is_required and not column.is_required:
            self._execute(f"{alter} DROP NOT NULL")
        elif column.is_required and not own.is_required:
            self._fill_nulls(full, column)
            self._execute(f"{alter} SET NOT NULL")

    def _drop_keys(self, full: str, ours: Table, theirs: Table) -> None:
        """Drop the constraints and indexes that production's table does not have."""
        wanted = set(_rest(theirs))
        for statement in _rest(ours):
            if statement in wanted:
                continue
            words = statement.split('"')
            if " ADD CONSTRAINT " in statement:
                name = statement.split(" ADD CONSTRAINT ", 1)[1]
                end = name.index('"', 1)
                self._execute(f"ALTER TABLE {full} DROP CONSTRAINT IF EXISTS {name[: end + 1]} CASCADE")
            elif statement.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX")):
                index = statement.split(" INDEX ", 1)[1].split(" ON ", 1)[0]
                schema = full.rpartition(".")[0]
                self._execute(f"DROP INDEX IF EXISTS {schema + '.' if schema and words else ''}{index}")

    def _add_keys(self, full: str, ours: Table, theirs: Table) -> None:
        had = set(_rest(ours))
        for statement in _rest(theirs):
            if statement not in had:
                self._execute(statement)

    def remove(self, table: str, columns: Sequence[str], keys: Sequence[Sequence[Any]]) -> None:
        """Remove rows."""
        where = " AND ".join(f"{quoted(c)}::text = %s" for c in columns)
        with self._connection.cursor() as cursor:
            cursor.executemany(
                f"DELETE FROM {self._full(table).replace('%', '%%')} WHERE {where}".encode(),  # noqa: S608
                [tuple(str(v) for v in key) for key in keys],
            )

    def put(
        self,
        table: str,
        uniques: Sequence[Sequence[str]],
        columns: Sequence[str],
        rows: Iterator[tuple[Any, ...]],
    ) -> None:
        """Put rows in by way of a table of their own; what has the same key gives way."""
        try:
            self._put(table, uniques, columns, rows)
        except psycopg.Error as problem:
            raise Conflict(
                f"the tests' {table} does not take production's rows: {told(problem, {})}"
            ) from None

    def _put(
        self,
        table: str,
        uniques: Sequence[Sequence[str]],
        columns: Sequence[str],
        rows: Iterator[tuple[Any, ...]],
    ) -> None:
        full, names = self._full(table), ", ".join(quoted(c) for c in columns)
        known = self._tables[table]
        self._execute("DROP TABLE IF EXISTS pg_temp.andon_gap_rows")
        self._execute(f"CREATE TEMP TABLE andon_gap_rows AS SELECT {names} FROM {full} WITH NO DATA")  # noqa: S608
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY pg_temp.andon_gap_rows ({names}) FROM STDIN".encode()) as copying,
        ):
            for row in rows:
                copying.write_row([None if v is None else _as_text(v) for v in row])
        for unique in {tuple(u) for u in (*uniques, known.key, *known.uniques) if u}:
            if all(c in columns for c in unique):
                same = " AND ".join(f"t.{quoted(c)} = r.{quoted(c)}" for c in unique)
                self._execute(f"DELETE FROM {full} t USING pg_temp.andon_gap_rows r WHERE {same}")  # noqa: S608
        self._execute(
            f"INSERT INTO {full} ({names}) OVERRIDING SYSTEM VALUE "  # noqa: S608 - from the catalogue
            f"SELECT {names} FROM pg_temp.andon_gap_rows ON CONFLICT DO NOTHING"
        )
        self._execute("DROP TABLE pg_temp.andon_gap_rows")

    def last_key(self, table: str, value: int | None) -> None:
        """Let the database's own numbering of a table go on after this, or after what is there."""
        known = self._tables.get(table)
        full = self._full(table)
        for column in known.columns if known else ():
            if column.family is not Family.WHOLE:
                continue
            row = self._connection.execute(
                "SELECT pg_get_serial_sequence(%s, %s)", (full, column.name)
            ).fetchone()
            if not row or row[0] is None:
                continue
            there = self._connection.execute(
                f"SELECT max({quoted(column.name)}) FROM {full}".encode()
            ).fetchone()  # noqa: S608
            now = self._connection.execute(f"SELECT last_value FROM {row[0]}".encode()).fetchone()  # noqa: S608
            highest = max(int(there[0] or 0) if there else 0, int(now[0]) if now else 0, value or 0)
            if highest > (int(now[0]) if now else 0):
                with contextlib.suppress(
                    psycopg.errors.NumericValueOutOfRange, psycopg.errors.InvalidParameterValue
                ):
                    self._connection.execute("SELECT setval(%s::regclass, %s)", (row[0], highest))


def _rest(table: Table) -> list[str]:
    """Return a table's statements but those that make types and the table itself."""
    return [s for s in table.definition if not s.startswith(("CREATE TYPE", "CREATE TABLE"))]


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return ("t" if value else "f") if isinstance(value, bool) else str(value)


def _filler(column: Column) -> str:
    """Return a value for a column that must have one and that the tests' rows do not give."""
    match column.family:
        case Family.WHOLE | Family.NUMBER:
            return "0"
        case Family.TRUTH:
            return "f"
        case Family.MOMENT:
            return "1970-01-01"
        case Family.JSON:
            return "{}"
    return ""
