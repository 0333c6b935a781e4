"""The connection to a shared journal: made when first needed, at the right version, made again when it drops.

Owns transactions and the translation of PostgreSQL's errors; what is in the tables is `journal.postgres` and
`journal.postgres_evidence`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from andon.errors import InvalidInput
from andon.journal.postgres_errors import NEWER, explain, is_failure, refusal
from andon.journal.postgres_schema import upgrade

if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

T = TypeVar("T")

#: The version of the schema this Andon knows: the number of the newest file in migrations/postgres.
VERSION = 2
#: Where the tables are, unless the URL's options set a search_path.
SCHEMA = "andon"
#: Seconds to wait for the server and for other writers.
PATIENCE = 10.0

# Locks are waited for as long as a person waits; nobody's death may block the others for long; a commit that
# was acknowledged must be on disk, whatever the server's default is.
_SETTINGS = """
SELECT set_config('search_path', coalesce(%(schema)s, current_setting('search_path')), false),
       set_config('lock_timeout', %(patience)s, false),
       set_config('statement_timeout', %(patience)s, false),
       set_config('idle_in_transaction_session_timeout', '30s', false),
       set_config('synchronous_commit',
                  replace(current_setting('synchronous_commit'), 'off', 'on'), false)
"""


class PostgresDatabase:
    """One connection to one journal, for one thread at a time."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        """Take the URL; nothing is connected yet. Raises InvalidInput for what is no URL of PostgreSQL."""
        try:
            self._given = {name: str(value) for name, value in conninfo_to_dict(url).items()}
        except psycopg.Error as problem:  # its message may quote the password
            raise InvalidInput(
                "this is not a PostgreSQL URL",
                where="journal",
                remedy="write postgresql://user@host:5432/database; special characters as %xx",
            ) from problem
        self.place = _without_password(self._given)
        self._patience = patience
        self._connection: Connection | None = None
        self._version = 0
        self._in_use = threading.Lock()  # evidence may be stored by several threads

    def read(self, work: Callable[[Connection], T]) -> T | None:
        """Return what `work` reads, None when there is no journal yet; raises Unavailable."""

        def reading(db: Connection) -> T | None:
            self._version = self._version or _version(db)  # somebody may have made it meanwhile
            return work(db) if self._version else None

        return self._again(reading)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` did in one transaction, committed durably; raises Unavailable.

        When the connection drops, `work` is done once more on a new one, so it must recognise what it has
        done already. The same when somebody else was faster with the same key.
        """

        def writing(db: Connection) -> T:
            self._make_ready(db)
            with db.transaction():
                return work(db)

        return self._again(writing)

    def close(self) -> None:
        """Release the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _again(self, work: Callable[[Connection], T]) -> T:
        with self._in_use:
            try:
                try:
                    return work(self._connected())
                except psycopg.errors.UniqueViolation:
                    return work(self._connected())
                except psycopg.OperationalError:
                    if self._connection is None or not self._connection.closed:
                        raise
                    self.close()
                    return work(self._connected())
            except psycopg.Error as problem:
                if is_failure(problem):
                    raise explain(problem, self.place) from problem
                raise

    def _connected(self) -> Connection:
        if self._connection is None:
            defaults = {"connect_timeout": str(int(self._patience)), "application_name": "andon"}
            connection = psycopg.connect(make_conninfo(**{**defaults, **self._given}), autocommit=True)
            try:
                self._set_up(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _set_up(self, connection: Connection) -> None:
        own_path = "search_path" in self._given.get("options", "")
        milliseconds = str(int(self._patience * 1000))
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        connection.execute(_SETTINGS, {"schema": None if own_path else SCHEMA, "patience": milliseconds})
        self._version = _version(connection)
        if 0 < self._version < VERSION:
            self._make_ready(connection)

    def _make_ready(self, connection: Connection) -> None:
        """Make or upgrade the tables when they are not there yet or old; refuse to write to newer ones."""
        if self._version < VERSION:
            upgrade(connection, VERSION)
            self._version = _version(connection)
        if self._version > VERSION:
            raise refusal(*NEWER, self.place)


def _version(connection: Connection) -> int:
    try:
        row = connection.execute("SELECT number FROM version").fetchone()
    except psycopg.errors.UndefinedTable:
        return 0
    return int(row[0]) if row else 0


def _without_password(given: dict[str, str]) -> str:
    """Return the URL for people: who, where, which database, and nothing else."""
    host, port = given.get("host", ""), given.get("port")
    user, database = given.get("user"), given.get("dbname") or ""
    is_socket = host.startswith("/")
    address = "" if is_socket else (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    shown = f"postgresql://{f'{user}@' if user else ''}{address}/{database}"
    return f"{shown}?host={host}" if is_socket else shown
