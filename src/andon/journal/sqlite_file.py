"""The file of an embedded journal: found or made, at the right version, one writer at a time.

Owns the connection, transactions and the translation of SQLite's errors; what is in the tables is
`journal.sqlite` and `journal.sqlite_evidence`.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from _thread import allocate_lock

from andon.errors import Unavailable
from andon.journal.sqlite_errors import (
    DISK,
    EMPTY,
    FOREIGN,
    FULL,
    NEWER,
    NO_FILE,
    READ_ONLY,
    explain,
    is_failure,
)
from andon.journal.turns import Turns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

#: The version of the schema this Andon knows: the number of the newest file in migrations/sqlite.
VERSION = 2
#: Marks the file as ours: "Andn" in ASCII.
APPLICATION = 0x416E646E
#: Seconds to wait for other writers.
PATIENCE = 10.0
#: Why the files beside the journal, through which readers and writers agree, cannot be made.
_NO_ROOM_TO_LOCK = {
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: READ_ONLY,
    sqlite3.SQLITE_IOERR: DISK,
    sqlite3.SQLITE_FULL: FULL,
}


class JournalFile:
    """One embedded journal, opened when it is first needed and then kept open."""

    def __init__(self, path: str, patience: float = PATIENCE) -> None:
        """Take the path; nothing is touched yet. `patience`: seconds to wait for other writers."""
        self.path = os.path.abspath(path)
        self._patience = patience
        self._turns = Turns(f"{self.path}.lock", patience)
        self._connection: sqlite3.Connection | None = None
        #: Why the open connection cannot write; "" when it can.
        self._only_reads: tuple[str, str, str] | None = None
        self._is_durable = False
        self._in_use = allocate_lock()  # evidence may be stored by several threads

    def reading(self) -> Reading:
        """Return a context in which to read; its value is None when there is no journal yet."""
        return Reading(self)

    def writing(self) -> Writing:
        """Return a context that is one transaction: committed durably at its end, or rolled back."""
        return Writing(self)

    def close(self) -> None:
        """Release the connection and the lock file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._is_durable = False
            self._only_reads = None
        self._turns.close()

    def to_read(self) -> sqlite3.Connection | None:
        """Return the connection, None when there is no file yet; for `Reading`."""
        try:
            return self._opened()
        except sqlite3.OperationalError as problem:
            code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
            if code not in _NO_ROOM_TO_LOCK or self._has_unsaved():
                raise
            # A read-only or full disk: nobody is writing there, so the file can be read without any lock.
            self._only_reads = _NO_ROOM_TO_LOCK[code]
            self._connection = self._connect("mode=ro&immutable=1")
            return self._connection

    def begin(self) -> sqlite3.Connection:
        """Begin a transaction when it is our turn; for `Writing`, which ends it."""
        connection = self._opened() or self._created()
        if self._only_reads:
            raise self._unavailable(*self._only_reads)
        if not self._is_durable:
            # Some systems compile SQLite so that a WAL is not synced at every commit; macOS needs fullfsync.
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA fullfsync=ON")
            self._is_durable = True
        self._turns.take()
        try:
            connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._turns.give()
            raise
        return connection

    def end(self, *, commit: bool) -> None:
        """End the transaction and give the turn away; for `Writing`."""
        connection = self._connection
        try:
            if connection is not None and commit:
                connection.execute("COMMIT")
        finally:
            try:
                if connection is not None and connection.in_transaction:
                    connection.execute("ROLLBACK")
            finally:
                self._turns.give()

    def _opened(self) -> sqlite3.Connection | None:
        if self._connection is None and self._exists():
            self._connection = self._connect("mode=rw")
        return self._connection

    def _exists(self) -> bool:
        """Say whether there is a file; raises Unavailable when it cannot be a journal."""
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return False
        if not stat.S_ISREG(found.st_mode):
            raise self._unavailable(*NO_FILE)
        if not found.st_size:
            raise self._unavailable(*EMPTY)
        return True

    def _connect(self, options: str) -> sqlite3.Connection:
        quoted = self.path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        connection = sqlite3.connect(
            f"file:{quoted}?{options}",
            timeout=self._patience,
            isolation_level=None,
            check_same_thread=False,
            uri=True,
        )
        try:
            self._check_version(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_version(self, connection: sqlite3.Connection) -> None:
        version, application = connection.execute(
            "SELECT user_version, application_id FROM pragma_user_version, pragma_application_id"
        ).fetchone()
        if application != APPLICATION:
            raise self._unavailable(*FOREIGN)
        if version > VERSION:
            self._only_reads = NEWER
        elif version < VERSION and not self._only_reads:
            self._upgrade(connection)

    def _upgrade(self, connection: sqlite3.Connection) -> None:
        from andon.journal.sqlite_schema import upgrade

        self._turns.take()
        try:
            upgrade(connection, VERSION)
        finally:
            self._turns.give()

    def _created(self) -> sqlite3.Connection:
        """Make the directory and the file, complete before anybody sees it, and open it."""
        from andon.journal.sqlite_schema import create

        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        self._turns.take()
        try:
            if not self._exists():
                create(self.path, VERSION, APPLICATION)
        finally:
            self._turns.give()
        self._connection = self._connect("mode=rw")
        return self._connection

    def _has_unsaved(self) -> bool:
        """Say whether events wait in the write-ahead log, which cannot be read without locks."""
        log = f"{self.path}-wal"
        return os.path.exists(log) and os.path.getsize(log) > 0

    def _unavailable(self, rule: str, message: str, remedy: str) -> Unavailable:
        return Unavailable(message, where=self.path, rule=rule, remedy=remedy.replace("FILE", self.path))


class Reading:
    """A moment in which one thread reads."""

    __slots__ = ("_file",)

    def __init__(self, file: JournalFile) -> None:
        """Take the journal file."""
        self._file = file

    def __enter__(self) -> sqlite3.Connection | None:
        """Return the connection, None when there is no journal yet; raises Unavailable."""
        self._file._in_use.acquire()
        try:
            return self._file.to_read()
        except BaseException as problem:
            self._file._in_use.release()
            if is_failure(problem):
                raise explain(problem, self._file.path) from problem
            raise

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raise Unavailable for SQLite's errors."""
        self._file._in_use.release()
        if problem is not None and is_failure(problem):
            raise explain(problem, self._file.path) from problem


class Writing:
    """One transaction of one thread."""

    __slots__ = ("_file",)

    def __init__(self, file: JournalFile) -> None:
        """Take the journal file."""
        self._file = file

    def __enter__(self) -> sqlite3.Connection:
        """Wait for our turn, begin, and return the connection; raises Unavailable."""
        self._file._in_use.acquire()
        try:
            return self._file.begin()
        except BaseException as problem:
            self._file._in_use.release()
            if is_failure(problem):
                raise explain(problem, self._file.path) from problem
            raise

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit when nothing was raised, else roll back; raises Unavailable for SQLite's errors."""
        try:
            self._file.end(commit=problem is None)
        except (sqlite3.Error, OSError) as failure:
            if problem is None and is_failure(failure):
                raise explain(failure, self._file.path) from failure
            if problem is None:
                raise
        finally:
            self._file._in_use.release()
        if problem is not None and is_failure(problem):
            raise explain(problem, self._file.path) from problem
