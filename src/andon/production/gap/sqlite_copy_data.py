"""Disposable copies of the tests' SQLite file, and the changes that are made in them."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from typing import TYPE_CHECKING

from andon.errors import Conflict, Unavailable
from andon.gaps.data.schema import Family
from andon.production.gap.conditions import literal, quoted
from andon.production.gap.data_source import PATIENCE
from andon.production.gap.sqlite_data import SqliteSource, in_form, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from andon.gaps.data.schema import Column, Table

PREFIX = "andon_gap_"
#: Bytes of a file that is copied whole for every experiment.
LARGEST = 2_000_000_000
#: A moment that no file is from, in nanoseconds: to see whether somebody read it.
_LONG_AGO = 86_400 * 10**9


class SqliteCopies:
    """The port `Copies` for a file."""

    def __init__(self, path: str) -> None:
        """Take the tests' file, which is only read."""
        self._path = path

    def cannot(self) -> str:
        """Return why none can be made."""
        if not os.path.isfile(self._path):
            return f"there is no database {os.path.basename(self._path)}: make it, or correct `database`"
        if os.path.getsize(self._path) > LARGEST:
            return f"the tests' database is larger than {LARGEST} bytes: give a smaller one"
        return ""

    def close(self) -> None:
        """Keep nothing."""

    @contextlib.contextmanager
    def make(self, home: str) -> Iterator[SqliteMade]:
        """Make one in a directory; it is gone when the context is left."""
        if why := self.cannot():
            raise Unavailable(why, rule="gap-database")
        path = os.path.join(home, f"{PREFIX}{os.urandom(6).hex()}.sqlite")
        try:
            with SqliteSource(self._path).reading(60.0) as reading:
                reading.execute("COMMIT")
                with contextlib.closing(sqlite3.connect(path)) as copy:
                    reading.backup(copy, progress=_while_patient())
            yield SqliteMade(path)
        except sqlite3.Error as problem:
            raise Unavailable(f"no copy of the tests' database could be made: {problem}") from None
        finally:
            for ending in ("", "-wal", "-shm", "-journal"):
                with contextlib.suppress(OSError):
                    os.unlink(path + ending)


def _while_patient() -> Callable[[int, int, int], None]:
    """Return what ends a copy that waits for somebody's lock; without it SQLite waits for ever, in C."""
    end = time.monotonic() + PATIENCE

    def go_on(status: int, _left: int, _pages: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > end:
            raise Unavailable(
                f"no copy of the tests' database could be made: it was locked for {PATIENCE:.0f} s",
                rule="gap-database",
                remedy="end what writes to it",
            )

    return go_on


class SqliteMade:
    """The port `Made` on a file."""

    def __init__(self, path: str) -> None:
        """Take the copy's file."""
        self.address = path
        self._mark: tuple[int, int] | None = None
        self._tells = False
        self._used = False
        self._stamp()

    @contextlib.contextmanager
    def filling(self) -> Iterator[SqliteCopy]:
        """Open it for changes."""
        with contextlib.closing(sqlite3.connect(self.address, timeout=10.0)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("PRAGMA legacy_alter_table = ON")
            triggers = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            try:
                for name, _ in triggers:
                    connection.execute(f"DROP TRIGGER {quoted(name)}")
                yield SqliteCopy(connection)
                for _, statement in triggers:
                    with contextlib.suppress(sqlite3.Error):  # its table went, or has another schema now
                        connection.execute(statement)
                connection.commit()
            except sqlite3.Error as problem:
                raise Unavailable(f"the copy could not be made as in production: {_told(problem)}") from None
        self._stamp()

    def _stamp(self) -> None:
        """Date the last access back, so that the next one shows; learn whether it would here."""
        probe = f"{self.address}.seen"
        with open(probe, "wb") as file:
            file.write(b"x")
        try:
            os.utime(probe, ns=(_LONG_AGO, os.stat(probe).st_mtime_ns))
            with open(probe, "rb") as file:
                file.read()
            self._tells = os.stat(probe).st_atime_ns != _LONG_AGO
        finally:
            os.unlink(probe)
        modified = os.stat(self.address).st_mtime_ns
        os.utime(self.address, ns=(_LONG_AGO, modified))
        self._mark = (_LONG_AGO, modified)

    def is_used(self) -> bool | None:
        """True when somebody else opened it since it was filled; None when that cannot be known."""
        try:
            found = os.stat(self.address)
        except OSError:
            return True  # somebody removed it: an application that begins afresh
        if self._used or self._mark is None or (found.st_atime_ns, found.st_mtime_ns) != self._mark:
            self._used = True
            return True
        return False if self._tells else None

    def counts(self) -> dict[str, int]:
        """Return the number of rows by table."""
        self.is_used()
        try:
            return SqliteSource(self.address).counts()
        finally:
            self._restamp()

    def present(self, table: str, columns: Sequence[str], keys: Sequence[Sequence[Any]]) -> int:
        """Return how many of these rows are there."""
        self.is_used()
        where = " AND ".join(f"{quoted(c)} IS ?" for c in columns)
        query = f"SELECT 1 FROM {quoted(table)} WHERE {where} LIMIT 1"  # noqa: S608 - from the catalogue
        try:
            with SqliteSource(self.address).reading() as reading:
                return sum(1 for key in keys if reading.execute(query, tuple(key)).fetchone())
        except Unavailable:
            return 0
        finally:
            self._restamp()

    def _restamp(self) -> None:
        if not self._used:
            with contextlib.suppress(OSError):
                self._stamp()

    def variable(self, given: str) -> str:
        """Return its address in the form of the value that the variable had."""
        return in_form(given, self.address)


class SqliteCopy:
    """The port `Copy` on an open connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take a connection on which triggers and foreign keys are off."""
        self._connection = connection

    def _table(self, name: str) -> Table | None:
        found = self._connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)
        )
        return table_of(self._connection, name) if found.fetchone() else None

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the columns that can be written."""
        found = self._table(table)
        return found.names if found else ()

    def reshape(self, table: str, ours: Table | None, theirs: Table | None) -> None:
        """Make a table anew as production's is, and put its rows back as far as they have the columns."""
        old = f"{PREFIX}{table}"
        if theirs is None:
            self._connection.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
            return
        if ours is not None:
            self._connection.execute(f"ALTER TABLE {quoted(table)} RENAME TO {quoted(old)}")
        self._connection.execute(theirs.definition[0])
        if ours is not None:
            self._take_over(old, ours, theirs)
            self._connection.execute(f"DROP TABLE {quoted(old)}")
        for statement in theirs.definition[1:]:
            if not statement.lstrip().upper().startswith("CREATE TRIGGER"):
                with contextlib.suppress(sqlite3.OperationalError):  # an index of the same name elsewhere
                    self._connection.execute(statement)

    def _take_over(self, old: str, ours: Table, theirs: Table) -> None:
        names, values = [], []
        for name in theirs.names:
            column = theirs.column(name)
            if column is None:
                continue
            if name in ours.names:
                filler = (
                    f"coalesce({quoted(name)}, {_filler(column)})" if column.is_required else quoted(name)
                )
            elif column.is_required and not column.default:
                filler = _filler(column)
            else:
                continue
            names.append(quoted(name))
            values.append(filler)
        if names:
            self._connection.execute(
                f"INSERT OR IGNORE INTO {quoted(theirs.name)} ({', '.join(names)}) "  # noqa: S608 - from the catalogue
                f"SELECT {', '.join(values)} FROM {quoted(old)}"
            )

    def remove(self, table: str, columns: Sequence[str], keys: Sequence[Sequence[Any]]) -> None:
        """Remove rows."""
        where = " AND ".join(f"{quoted(c)} IS ?" for c in columns)
        self._connection.executemany(f"DELETE FROM {quoted(table)} WHERE {where}", [tuple(k) for k in keys])  # noqa: S608

    def put(
        self,
        table: str,
        uniques: Sequence[Sequence[str]],
        columns: Sequence[str],
        rows: Iterator[tuple[Any, ...]],
    ) -> None:
        """Put rows in; SQLite itself makes room for them."""
        del uniques  # SQLite knows itself what must be unique
        names, marks = ", ".join(quoted(c) for c in columns), ", ".join("?" for _ in columns)
        try:
            self._connection.executemany(
                f"INSERT OR REPLACE INTO {quoted(table)} ({names}) VALUES ({marks})",  # noqa: S608 - from the catalogue
                (tuple(_plain(value) for value in row) for row in rows),
            )
        except sqlite3.Error as problem:
            raise Conflict(f"the tests' {table} does not take production's rows: {_told(problem)}") from None

    def last_key(self, table: str, value: int | None) -> None:
        """Let AUTOINCREMENT go on after this; SQLite minds by itself what is there."""
        has = self._connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"
        ).fetchone()
        definition = self._connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
        if value is None or not has or "AUTOINCREMENT" not in str(definition).upper():
            return
        self._connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        self._connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, value))


def _plain(value: Any) -> Any:
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) and _is_odd(value) else value


def _is_odd(text: str) -> bool:
    return any("\udc80" <= c <= "\udcff" for c in text)


def _filler(column: Column) -> str:
    if column.family in (Family.WHOLE, Family.NUMBER, Family.TRUTH):
        return "0"
    return literal("1970-01-01 00:00:00" if column.family is Family.MOMENT else "")


def _told(problem: sqlite3.Error) -> str:
    return " ".join(str(problem).split())[:200]
