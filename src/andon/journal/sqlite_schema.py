"""Making and upgrading an embedded journal: numbered plain SQL from migrations/sqlite, each version once.

Imported only when there is something to do: opening an up-to-date journal reads no SQL files.
"""

from __future__ import annotations

import os
import sqlite3

from andon.journal.migrations import migrations


def create(path: str, version: int, application: int) -> None:
    """Make a journal at `path`, mode 0600, complete at the moment at which it appears.

    The caller keeps others from making it at the same time. Raises sqlite3.Error and OSError; then nothing
    is left at `path`.
    """
    draft = f"{path}.{os.getpid()}.new"
    try:
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        _fill(draft, version, application)
        _sync(draft)
        os.rename(draft, path)
    except BaseException:
        if os.path.exists(draft):
            os.unlink(draft)
        raise
    _sync(os.path.dirname(path))


def upgrade(connection: sqlite3.Connection, version: int) -> None:
    """Bring a journal to `version` in one transaction, unless another process has done so meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (present,) = connection.execute("PRAGMA user_version").fetchone()
        for number, script in migrations("sqlite", after=present, up_to=version):
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={number:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _fill(path: str, version: int, application: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=OFF")  # a file that nobody sees yet needs no way back
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(f"PRAGMA application_id={application:d}")
        upgrade(connection, version)
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _statements(script: str) -> list[str]:
    """Split a script where SQLite says that a statement is complete."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    if pending.strip():
        raise ValueError(f"a migration ends in the middle of a statement: {pending[:80]!r}")
    return statements
