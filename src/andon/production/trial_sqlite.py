"""Disposable copies of an SQLite file: taken with the backup API from a source that is opened read-only.

The copy is a file of its own in a private directory, so that a team's own tool can be pointed at it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
import time
from typing import TYPE_CHECKING

from andon.desk.values import TrialFailed
from andon.errors import NotFound, Refused
from andon.production.sqlite_schema_lines import lines_of, quoted, tables_of
from andon.response.trial import Rows, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.desk.ports_trial import SchemaCopy

PREFIX = "andon-trial-"
#: Bytes of a file that is copied; a trial wants the schema, not the data.
LARGEST = 2_000_000_000
#: Instructions of the virtual machine between two looks at the clock.
_OFTEN = 10_000
#: What a migration may not do because dropping the copy would not undo it.
_FORBIDDEN = frozenset((sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH))
_LITERAL = re.compile(r"'((?:[^']|''){0,200})'")
_NUMBER = re.compile(r"(?<![\w.])-?\d{1,15}(?:\.\d{1,6})?")


class SqliteTrial:
    """The port `SchemaTrial` on a file; without one each copy begins empty."""

    def __init__(self, path: str = "", production: Sequence[str] = (), limit: float = 60.0) -> None:
        """Take the file to copy from, those of production, which are refused, and seconds for one script.

        Raises NotFound for a file that is not there, Refused for production's own.
        """
        self._path = os.path.abspath(os.path.expanduser(path)) if path else ""
        self._limit = limit
        self.place = self._path or "an empty SQLite file"
        if self._path and not os.path.isfile(self._path):
            raise NotFound("there is no such file", where=self._path, remedy="--trial-dsn sqlite:PATH")
        for own in production:
            if self._path and os.path.exists(own) and os.path.samefile(own, self._path):
                raise Refused(
                    f"{self.place} is a production database; a trial never goes there",
                    rule="never-production",
                    remedy="give a copy of it; or sqlite: alone, to build the schema from the migrations",
                )

    @contextlib.contextmanager
    def copy(self) -> Iterator[SchemaCopy]:
        """Make a copy in a private directory and remove it at the end, however it ends."""
        _sweep()
        directory = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
        try:
            copy = SqliteCopy(os.path.join(directory, "copy.sqlite"), self._limit)
            try:
                if self._path:
                    copy.fill(self._path)
                yield copy
            finally:
                copy.close()
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def _sweep() -> None:
    """Remove what trials that were killed left behind: directories of processes that are gone."""
    base = tempfile.gettempdir()
    for name in os.listdir(base):
        pid = name.removeprefix(PREFIX).partition("-")[0] if name.startswith(PREFIX) else ""
        if pid.isdecimal() and int(pid) != os.getpid() and not _is_alive(int(pid)):
            shutil.rmtree(os.path.join(base, name), ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


class SqliteCopy:
    """The port `SchemaCopy` on a file that was made for one trial."""

    def __init__(self, path: str, limit: float) -> None:
        """Make an empty file; `limit` are the seconds one script may take."""
        self._path = path
        self._limit = limit
        self.url = f"sqlite:///{path}"
        self.is_empty = True
        self._deadline = 0.0
        self._connection: sqlite3.Connection | None = None
        self._empty: tuple[tuple[str, str], ...] = ()

    def close(self) -> None:
        """Release the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def fill(self, source: str) -> None:
        """Copy another file's content, reading only; raises TrialFailed."""
        if os.path.getsize(source) > LARGEST:
            raise TrialFailed(f"it is larger than {LARGEST} bytes: give a copy without its data")
        try:
            uri = f"file:{_escaped(source)}?mode=ro"
            with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=self._limit)) as reading:
                reading.backup(self._connected())
            self.is_empty = not tables_of(self._connected())
        except (sqlite3.Error, OSError) as problem:
            raise TrialFailed(f"the copy failed: {problem}") from problem

    def apply(self, script: str) -> None:
        """Run SQL; a statement that reaches past the copy is refused by SQLite itself."""
        self.close()  # a new session: what the last script set is not to stay
        connection = self._connected()
        connection.set_authorizer(_allow)
        try:
            with self._timed():
                connection.executescript(script)
                if connection.in_transaction:
                    connection.commit()
        except (sqlite3.Error, sqlite3.Warning, ValueError) as problem:
            late = self._is_late()
            self.close()
            raise TrialFailed(str(problem)[:400], timed_out=late) from problem
        finally:
            if self._connection is not None:
                self._connection.set_authorizer(None)

    def seed(self) -> None:
        """Put a row into every empty table, as far as its checks allow."""
        connection, failures = self._connected(), []
        with self._read():
            for table in tables_of(connection):
                if not connection.execute(f"SELECT 1 FROM {quoted(table)} LIMIT 1").fetchone():  # noqa: S608
                    why = _put_row(connection, table)
                    if why:
                        failures.append((table, why))
            connection.commit()
        self._empty = tuple(failures)

    def snapshot(self) -> Snapshot:
        """Return catalog and rows as they are now."""
        self.close()
        connection = self._connected()
        with self._read():
            tables = tables_of(connection)
            rows = tuple(_digests(connection, table) for table in tables)
            empty = tuple((table, why) for table, why in self._empty if table in tables)
            return Snapshot(catalog=tuple(sorted(lines_of(connection))), rows=rows, empty=empty)

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, timeout=self._limit)
            # Nobody needs the copy after a power cut.
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.set_progress_handler(self._is_late, _OFTEN)
        return self._connection

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        self._deadline = time.monotonic() + self._limit
        yield
        self._deadline = 0.0

    @contextlib.contextmanager
    def _read(self) -> Iterator[None]:
        try:
            with self._timed():
                yield
        except sqlite3.Error as problem:
            raise TrialFailed(f"the copy cannot be read: {problem}", timed_out=self._is_late()) from problem

    def _is_late(self) -> bool:
        return bool(self._deadline) and time.monotonic() > self._deadline


def _allow(action: int, *_: object) -> int:
    return sqlite3.SQLITE_DENY if action in _FORBIDDEN else sqlite3.SQLITE_OK


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _put_row(connection: sqlite3.Connection, table: str) -> str:
    """Insert one row; returns why none could be put in, "" when one is."""
    columns = [row for row in connection.execute(f"PRAGMA table_xinfo({quoted(table)})") if row[6] == 0]
    script = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    checks = str(script[0] or "") if script else ""
    plain = {str(name): _value(str(kind)) for _, name, kind, *_ in columns}
    why = "it has no column"
    for values in _variants(plain, checks):
        names = ", ".join(quoted(name) for name in values)
        marks = ", ".join("?" for _ in values)
        try:
            statement = f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})"  # noqa: S608 - from the schema
            connection.execute(statement, tuple(values.values()))
        except sqlite3.Error as problem:
            why = str(problem)
        else:
            return ""
    return why


def _variants(plain: dict[str, object], checks: str) -> Iterator[dict[str, object]]:
    """Return rows to try: plain ones, then with the literals that the table's definition mentions."""
    yield plain
    if "check" not in checks.lower():
        return
    for text in _LITERAL.findall(checks)[:20]:
        choice = text.replace("''", "'")
        yield {name: choice if isinstance(value, str) else value for name, value in plain.items()}
    for number in _NUMBER.findall(_LITERAL.sub("", checks))[:10]:
        for step in (0, 1, -1):
            fits = int(float(number)) + step
            yield {name: fits if isinstance(value, int) else value for name, value in plain.items()}


def _value(kind: str) -> object:
    """Return a value by the type's affinity: https://www.sqlite.org/datatype3.html section 3.1."""
    upper = kind.upper()
    if "INT" in upper or "BOOL" in upper:
        return 1
    if any(word in upper for word in ("CHAR", "CLOB", "TEXT", "JSON")):
        return "a"
    if not upper or "BLOB" in upper:
        return b"\x01"
    if any(word in upper for word in ("REAL", "FLOA", "DOUB")):
        return 1.5
    return "2001-02-03 04:05:06" if "DATE" in upper or "TIME" in upper else 1


def _digests(connection: sqlite3.Connection, table: str) -> Rows:
    """Return the count and the digests of a table's rows, whatever the order of rows and columns."""
    names = sorted(
        str(row[1]) for row in connection.execute(f"PRAGMA table_xinfo({quoted(table)})") if row[6] != 1
    )
    wanted = ", ".join(f"quote({quoted(name)})" for name in names) or "1"
    count, whole = 0, 0
    each = [0] * len(names)
    for row in connection.execute(f"SELECT {wanted} FROM {quoted(table)}"):  # noqa: S608 - from the schema
        count += 1
        whole = (whole + _hash("\x1f".join(map(str, row)))) % (1 << 256)
        for number in range(len(names)):
            each[number] = (each[number] + _hash(str(row[number]))) % (1 << 256)
    columns = tuple((name, f"{digest:064x}") for name, digest in zip(names, each, strict=True))
    return Rows(table=table, count=count, digest=f"{whole:064x}", columns=columns)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest(), "big")
