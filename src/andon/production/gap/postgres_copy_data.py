"""Disposable copies of the tests' PostgreSQL database, on the tests' own server."""

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

from andon.errors import Unavailable
from andon.production.gap.conditions import literal, quoted
from andon.production.gap.postgres_address import in_form, is_loopback
from andon.production.gap.postgres_data import PostgresSource, parsed, told
from andon.production.gap.postgres_filling_data import PostgresCopy
from andon.production.process import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, TypeAlias

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
        given = {"connect_timeout": "5", **self._given, "application_name": self._name}
        given.pop("options", None)
        try:
            return psycopg.connect(make_conninfo(**{**given, "dbname": "postgres"}), autocommit=True)
        except psycopg.OperationalError:
            return psycopg.connect(make_conninfo(**{**given, "dbname": "template1"}), autocommit=True)

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
                places = source.tables_in(connection) and source.full_names
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
