"""The shared journal: streams of events in PostgreSQL, durable when `append` returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from andon.desk.kept_values import Appended, Head
from andon.journal.chain import COLUMNS, ORIGIN, verify
from andon.journal.rows import Draft, answer, guard, recorded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.kept_values import AuditReport
    from andon.incident.recorded import Batch, Recorded
    from andon.incident.words import CommandId
    from andon.journal.chain import Row
    from andon.journal.postgres_database import Connection, PostgresDatabase

_READ = f"SELECT {COLUMNS} FROM event WHERE stream = %s ORDER BY seq"  # noqa: S608 - a constant
_READ_PART = f"SELECT {COLUMNS} FROM event WHERE stream = %s AND seq BETWEEN %s AND %s ORDER BY seq"  # noqa: S608
_READ_TYPES = f"SELECT {COLUMNS} FROM event WHERE stream = %s AND type = ANY(%s) ORDER BY seq"  # noqa: S608
_HEAD = "SELECT seq, hash FROM head WHERE stream = %s"
# One statement, so that it is one round trip.
_WRITE = f"""
WITH commanded AS (
    INSERT INTO command (id, stream, first, last) VALUES (%(command)s, %(stream)s, %(first)s, %(last)s)
), moved AS (
    UPDATE head SET seq = %(last)s, hash = %(hash)s WHERE stream = %(stream)s
)
INSERT INTO event (stream, {COLUMNS})
SELECT %(stream)s, * FROM unnest(
    %(seq)s::integer[], %(id)s::text[], %(type)s::text[], %(at)s::text[],
    %(actor)s::text[], %(commands)s::text[], %(data)s::text[], %(hashes)s::text[]
)
"""  # noqa: S608 - constants


class PostgresJournal:
    """The port `Journal` on PostgreSQL."""

    def __init__(self, database: PostgresDatabase) -> None:
        """Take the database, which an evidence store may share."""
        self.place = database.place
        self._database = database

    def append(self, stream: str, batch: Batch) -> Appended:
        """Record all events of the batch or none; see `desk.ports_journal.Journal`."""
        draft = Draft(stream, batch)

        def append(db: Connection) -> Appended:
            known = _recall(db, batch.command)
            if known is not None:
                return _ours(known, draft)
            length, head = _lock_head(db, stream)
            guard(stream, length, batch.expected)
            rows = draft.placed(length, head)
            _write(db, draft, rows, batch.command)
            return answer(stream, batch, rows)

        if not batch.events:
            return self._check_only(stream, batch)
        return self._database.write(append)

    def read(self, stream: str) -> tuple[Recorded, ...]:
        """Return the stream's events in order; empty for an unknown stream. Raises Unavailable."""
        rows = self._database.read(lambda db: db.execute(_READ, (stream,)).fetchall())
        return recorded(stream, rows or ())

    def heads(self) -> tuple[Head, ...]:
        """Return every stream's name and length, in the order in which the streams began."""
        query = "SELECT stream, seq, hash FROM head ORDER BY began"
        rows = self._database.read(lambda db: db.execute(query).fetchall())
        return tuple(Head(stream=stream, length=length, hash=end) for stream, length, end in rows or ())

    def newest(self, types: Sequence[str]) -> dict[str, str]:
        """Return, per stream, the newest event type among `types`."""
        query = "SELECT DISTINCT ON (stream) stream, type FROM event WHERE type = ANY(%s)"
        query += " ORDER BY stream, seq DESC"
        return dict(self._database.read(lambda db: db.execute(query, (list(types),)).fetchall()) or ())

    def read_types(self, stream: str, types: Sequence[str]) -> tuple[Recorded, ...]:
        """Return the stream's events of these types in order."""
        words = (stream, list(types))
        rows = self._database.read(lambda db: db.execute(_READ_TYPES, words).fetchall())
        return recorded(stream, rows or ())

    def recall(self, command: CommandId) -> Appended | None:
        """Return what was recorded under a command id before, None when nothing was."""
        return self._database.read(lambda db: _recall(db, command))

    def claim_number(self) -> int:
        """Return a number that no other caller ever gets from this journal."""
        query = "UPDATE counter SET value = value + 1 WHERE name = 'incident' RETURNING value"
        row = self._database.write(lambda db: db.execute(query).fetchone())
        return int(row[0]) if row else 0

    def audit(self, stream: str) -> AuditReport:
        """Recompute the chain and name the first event that was altered, removed or put in."""

        def audit(db: Connection) -> AuditReport:
            with db.transaction():  # head and events as they were at one moment
                db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                length, head = db.execute(_HEAD, (stream,)).fetchone() or (None, "")
                return verify(stream, db.execute(_READ, (stream,)), length, head)

        return self._database.read(audit) or verify(stream, (), None, "")

    def close(self) -> None:
        """Release the connection."""
        self._database.close()

    def _check_only(self, stream: str, batch: Batch) -> Appended:
        """Answer a batch without events, which leaves nothing."""
        known = self.recall(batch.command)
        if known is not None:
            return known
        found = self._database.read(lambda db: db.execute(_HEAD, (stream,)).fetchone())
        guard(stream, found[0] if found else 0, batch.expected)
        return Appended(recorded=())


def _lock_head(db: Connection, stream: str) -> tuple[int, str]:
    """Return the stream's length and hash, and keep others from appending until we are done."""
    found = db.execute(f"{_HEAD} FOR UPDATE", (stream,)).fetchone()
    if found is None:
        db.execute(
            "INSERT INTO head (stream, seq, hash) VALUES (%s, 0, %s) ON CONFLICT (stream) DO NOTHING",
            (stream, ORIGIN),
        )
        found = db.execute(f"{_HEAD} FOR UPDATE", (stream,)).fetchone() or (0, ORIGIN)
    return int(found[0]), str(found[1])


def _write(db: Connection, draft: Draft, rows: list[Row], command: str) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    names = ("seq", "id", "type", "at", "actor", "commands", "data", "hashes")
    last = rows[-1]
    db.execute(
        _WRITE,
        {
            **dict(zip(names, columns, strict=True)),
            "command": command,
            "stream": draft.stream,
            "first": rows[0][0],
            "last": last[0],
            "hash": last[7],
        },
    )


def _recall(db: Connection, command: str) -> Appended | None:
    found = db.execute("SELECT stream, first, last FROM command WHERE id = %s", (command,)).fetchone()
    if found is None:
        return None
    return Appended(recorded=recorded(found[0], db.execute(_READ_PART, found).fetchall()), repeated=True)


def _ours(known: Appended, draft: Draft) -> Appended:
    """Return `known`, not as a repetition when it is this very draft, whose commit we did not hear of."""
    if [event.id for event in known.recorded] == draft.ids:
        return Appended(recorded=known.recorded)
    return known
