"""Making and upgrading a shared journal: numbered plain SQL from migrations/postgres, each version once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from andon.journal.migrations import migrations

if TYPE_CHECKING:
    from andon.journal.postgres_database import Connection

#: Name of the lock that keeps others from upgrading at the same time: "andon" as a number.
_LOCK = int.from_bytes(b"andon", "big")


def upgrade(connection: Connection, version: int) -> None:
    """Bring the journal to `version` in one transaction, unless somebody else has done so meanwhile."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        _make_schema(connection)
        connection.execute("CREATE TABLE IF NOT EXISTS version (number integer NOT NULL)")
        row = connection.execute("SELECT number FROM version").fetchone()
        if row is None:
            connection.execute("INSERT INTO version (number) VALUES (0)")
        for number, script in migrations("postgres", after=row[0] if row else 0, up_to=version):
            connection.execute(sql.SQL(script))
            connection.execute("UPDATE version SET number = %s", (number,))


def _make_schema(connection: Connection) -> None:
    """Make the first schema of the search path when there is none to put tables into."""
    row = connection.execute("SELECT current_schema(), current_setting('search_path')").fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    present, path = row
    if present is None:
        name = str(path).split(",")[0].strip().strip('"')
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(name)))
