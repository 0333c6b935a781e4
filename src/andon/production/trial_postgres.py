"""Disposable copies on a PostgreSQL server: a new database for each trial, dropped when it ends.

What is given is only ever read, from a session that can do nothing else; every statement of a migration
goes to a database that was made here a moment ago and whose name says so.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from andon.desk.values import TrialFailed
from andon.errors import InvalidInput, Refused
from andon.production.postgres_catalog import catalog
from andon.production.postgres_rows import digests, seed, tables
from andon.response.sql_statements import statements
from andon.response.trial import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, TypeAlias

    from andon.desk.ports_trial import SchemaCopy

    Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

#: What the databases made here are called: this, then twelve hexadecimal digits.
PREFIX = "andon_trial_"
#: Bytes of a database that is copied whole; a trial wants the schema, not the data.
LARGEST = 2_000_000_000
#: Seconds to wait for the server, and for a lock on the copy, which nobody else uses.
PATIENCE = 10.0
_PORT = "5432"
#: What all mean the server of this machine: its usual sockets and its own addresses.
_THIS_MACHINE = ("", "localhost", "::1", "/var/run/postgresql", "/run/postgresql", "/tmp")  # noqa: S108
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity a WHERE a.datname = current_database() AND pid <> pg_backend_pid()"
)
#: Copies whose trial is gone, killed for instance; a living trial has a connection named like its copy.
_LEFT_BEHIND = (
    "SELECT d.datname FROM pg_database d WHERE d.datname ~ %s AND pg_get_userbyid(d.datdba) = current_user "
    "AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.application_name = d.datname)"
)


class PostgresTrial:
    """The port `SchemaTrial` on a server."""

    def __init__(self, address: str, production: Sequence[str] = (), limit: float = 60.0) -> None:
        """Take the server's address, those of production, which are refused, and seconds for one migration.

        Raises InvalidInput for what is no address, Refused for production's own.
        """
        self._given = _parsed(address)
        self._limit = limit
        self._name = ""
        self.place = _place(self._given)
        for own in production:
            if _server(_parsed(own)) == _server(self._given):
                raise Refused(
                    f"{self.place} is on the server of a production database; a trial never goes there",
                    rule="never-production",
                    remedy="give a server of your own: --trial-dsn '$NAME', or trial in [migrations]",
                )

    @contextlib.contextmanager
    def copy(self) -> Iterator[SchemaCopy]:
        """Make a database, from the given one when that holds tables; drop it at the end, however it ends."""
        name = PREFIX + os.urandom(6).hex()
        try:
            is_empty = self._look()
            keeper = self._keeper(name, is_empty)
        except psycopg.Error as problem:
            raise TrialFailed(self._told(problem)) from problem
        try:
            try:
                self._sweep(keeper)
                self._make(keeper, name, is_empty)
                copy = PostgresCopy({**self._given, "dbname": name}, is_empty, self._limit, self._told)
            except psycopg.Error as problem:
                raise TrialFailed(self._told(problem)) from problem
            try:
                yield copy
            finally:
                copy.close()
        finally:
            self._drop(keeper, name)
            keeper.close()

    def _look(self) -> bool:
        """Return whether the given database holds no table; raises Refused when it is somebody's."""
        with self._connect(options="-c default_transaction_read_only=on") as connection:
            self._name = connection.info.dbname
            others, size, is_standby = connection.execute(
                f"SELECT ({_OTHERS}), pg_database_size(current_database()), pg_is_in_recovery()"
            ).fetchone() or (0, 0, False)
            if is_standby:
                raise Refused(
                    f"{self.place} is a standby of another database; nothing can be tried there",
                    rule="disposable-only",
                    remedy="give a server on which databases may be made",
                )
            if not tables(lambda statement, values: connection.execute(statement, values or None).fetchall()):
                return True
            if others:
                raise Refused(
                    f"{self.place} is in use ({others} connections): it is not a copy that nobody needs",
                    rule="disposable-only",
                    remedy="give an empty database, and its schema is built from the migrations; "
                    "or a copy that nobody is connected to",
                )
            if size > LARGEST:
                raise Refused(
                    f"{self.place} is larger than {LARGEST} bytes; a trial copies it whole",
                    rule="disposable-only",
                    remedy="give a copy of the schema without its data: pg_dump --schema-only",
                )
        return False

    def _keeper(self, name: str, is_empty: bool) -> Connection:
        """Return the connection that makes and drops the copy; a template must have no connection."""
        if is_empty:
            return self._connect(application_name=name)
        try:
            return self._connect(application_name=name, dbname="postgres")
        except psycopg.OperationalError:
            return self._connect(application_name=name, dbname="template1")

    def _connect(self, **changes: str) -> Connection:
        defaults = {"connect_timeout": str(int(PATIENCE)), "application_name": "andon"}
        given = {**defaults, **self._given, **changes}
        return psycopg.connect(make_conninfo(**given), autocommit=True)

    def _sweep(self, keeper: Connection) -> None:
        """Drop what trials that were killed left behind."""
        for (name,) in keeper.execute(_LEFT_BEHIND, (f"^{PREFIX}[0-9a-f]{{12}}$",)).fetchall():
            with contextlib.suppress(psycopg.Error):  # another trial sweeps too, or it is in use after all
                keeper.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))

    def _make(self, keeper: Connection, name: str, is_empty: bool) -> None:
        template = "template0" if is_empty else self._name
        names = (sql.Identifier(name), sql.Identifier(template))
        keeper.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        quick = sql.SQL("ALTER DATABASE {} SET synchronous_commit = off")  # nobody needs it after a power cut
        keeper.execute(quick.format(sql.Identifier(name)))
        for setting in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            seconds = min(self._limit, PATIENCE) if setting == "lock_timeout" else self._limit
            keeper.execute(
                sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                    sql.Identifier(name), sql.Identifier(setting), sql.Literal(f"{int(seconds * 1000)}ms")
                )
            )

    def _drop(self, keeper: Connection, name: str) -> None:
        """Drop the copy, whoever is still connected to it; on a new connection when ours is gone."""
        command = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        try:
            keeper.execute(command)
        except psycopg.Error:
            with contextlib.suppress(psycopg.Error):  # the server is gone: the next trial sweeps
                other = self._keeper("andon", is_empty=False)
                with other:
                    other.execute(command)

    def _told(self, problem: psycopg.Error) -> str:
        """Return an error's own words without the password."""
        words = " ".join(str(problem).split()) or type(problem).__name__
        password = str(self._given.get("password") or "")
        return words.replace(password, "***")[:400] if password else words[:400]


class PostgresCopy:
    """The port `SchemaCopy` on a database that was made for one trial."""

    def __init__(self, given: dict[str, Any], is_empty: bool, limit: float, told: Any) -> None:
        """Connect; `limit` are the seconds one script may take, `told` words an error safely."""
        self._conninfo = make_conninfo(**given)
        self.url = _url(given)
        self.is_empty = is_empty
        self._limit = limit
        self._told = told
        self._connection: Connection | None = None
        self._empty: tuple[tuple[str, str], ...] = ()

    def close(self) -> None:
        """Release the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def apply(self, script: str) -> None:
        """Run SQL in one go, or statement by statement where one of them refuses a transaction."""
        self._afresh()
        if not any(True for _ in statements(script)):
            return
        try:
            self._run(script)
        except psycopg.errors.ActiveSqlTransaction:
            self._afresh()
            for statement in statements(script):
                try:
                    self._run(statement)
                except psycopg.Error as problem:
                    raise self._failure(problem) from problem
        except psycopg.Error as problem:
            raise self._failure(problem) from problem

    def _run(self, text: str) -> None:
        """Execute, and end the whole session at the limit, whatever the script set or caught."""
        connection = self._connected()
        pid = connection.info.backend_pid
        watchdog = threading.Timer(self._limit + 1.0, self._terminate, (pid,))
        watchdog.daemon = True
        watchdog.start()
        try:
            connection.execute(text.encode())  # bytes: no parameters, and any character as it is
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                connection.execute("COMMIT")
        finally:
            watchdog.cancel()

    def _terminate(self, pid: int) -> None:
        with contextlib.suppress(psycopg.Error), psycopg.connect(self._conninfo, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (pid,))

    def _failure(self, problem: psycopg.Error) -> TrialFailed:
        late = (psycopg.errors.QueryCanceled, psycopg.errors.AdminShutdown, psycopg.errors.LockNotAvailable)
        self.close()
        return TrialFailed(self._told(problem), timed_out=isinstance(problem, late))

    def _afresh(self) -> None:
        """Begin as a new session does: what the last script set (a role, a path, a limit) is not to stay."""
        if self._connection is None:
            return
        try:  # keeps what the server knows of the tables, which a new connection would have to learn again
            self._connection.execute("DISCARD ALL")
        except psycopg.Error:
            self.close()

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            try:
                self._connection = psycopg.connect(
                    self._conninfo,
                    autocommit=True,
                    connect_timeout=int(PATIENCE),
                    prepare_threshold=None,  # a script, or DISCARD ALL, may take them away
                )
                self._connection.add_notice_handler(lambda _: None)
            except psycopg.Error as problem:
                raise TrialFailed(self._told(problem)) from problem
        return self._connection

    def _ask(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._connected().execute(statement.encode(), values or None).fetchall()

    def _attempt(self, statement: str, values: Sequence[Any]) -> str:
        try:
            self._connected().execute(statement.encode(), values or None)
        except psycopg.Error as problem:
            return str(self._told(problem))
        return ""

    def seed(self) -> None:
        """Put a row into every empty table; the tables that stay empty are in the next snapshots."""
        self._afresh()
        try:
            self._empty = tuple(seed(self._ask, self._attempt).items())
        except psycopg.Error as problem:
            raise self._failure(problem) from problem

    def snapshot(self) -> Snapshot:
        """Return catalog and rows, read in a session with a known search path."""
        self._afresh()
        try:
            self._ask("SELECT set_config('search_path', '', false)", ())
            lines = [
                f"{kind} {name}: {' '.join(str(definition or '').split())}"
                for kind, query in catalog()
                for name, definition in self._ask(query, ())
            ]
            rows = digests(self._ask, tables(self._ask))
        except psycopg.Error as problem:
            raise self._failure(problem) from problem
        here = {row.table for row in rows}
        empty = tuple((table, why) for table, why in self._empty if table in here)
        return Snapshot(catalog=tuple(sorted(lines)), rows=rows, empty=empty)


def _parsed(address: str) -> dict[str, Any]:
    try:
        return {name: value for name, value in conninfo_to_dict(address).items() if value is not None}
    except psycopg.Error as problem:  # its message may quote the password
        raise InvalidInput(
            "this is not a PostgreSQL address",
            where="trial database",
            rule="trial-dsn",
            remedy="write postgresql://user@host:5432/database; special characters as %xx",
        ) from problem


def _server(given: dict[str, Any]) -> frozenset[tuple[str, str]]:
    """Return what tells one server from another: every host with its port; this machine has one name."""
    hosts = str(given.get("hostaddr") or given.get("host") or "").split(",")
    ports = str(given.get("port") or _PORT).split(",")
    named = []
    for number, host in enumerate(hosts):
        port = ports[number] if number < len(ports) else ports[-1]
        own = host in _THIS_MACHINE or host.startswith("127.")
        named.append(("localhost" if own else host.lower().rstrip("."), port or _PORT))
    return frozenset(named)


def _place(given: dict[str, Any]) -> str:
    host, database = given.get("host") or "this machine", given.get("dbname") or ""
    return f"database {database or 'of your own name'} on {host}"


def _url(given: dict[str, Any]) -> str:
    """Return the address as a URL, which most tools understand."""
    from urllib.parse import quote, urlencode

    rest = {k: v for k, v in given.items() if k not in ("user", "password", "host", "port", "dbname")}
    host = str(given.get("host") or "")
    user = quote(str(given.get("user") or ""), safe="")
    password = quote(str(given.get("password") or ""), safe="")
    who = f"{user}{f':{password}' if password else ''}@" if user else ""
    if host.startswith("/") or "," in host:
        rest = {"host": host, **({"port": given["port"]} if given.get("port") else {}), **rest}
        host = ""
    else:
        host = f"[{host}]" if ":" in host else host
        host += f":{given['port']}" if given.get("port") else ""
    query = f"?{urlencode(rest)}" if rest else ""
    return f"postgresql://{who}{host}/{quote(str(given.get('dbname') or ''), safe='')}{query}"
