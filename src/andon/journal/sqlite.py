"""The embedded journal: streams of events in one SQLite file, durable when `append` returns."""

from __future__ import annotations

import sqlite3

from andon.desk.kept_values import Appended, Head
from andon.journal.chain import COLUMNS, ORIGIN, verify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.kept_values import AuditReport
    from andon.incident.recorded import Batch, Recorded
    from andon.incident.words import CommandId
    from andon.journal.chain import Row
    from andon.journal.sqlite_file import JournalFile

_READ = f"SELECT {COLUMNS} FROM event WHERE stream = ? ORDER BY seq"  # noqa: S608 - a constant
_READ_PART = f"SELECT {COLUMNS} FROM event WHERE stream = ? AND seq BETWEEN ? AND ? ORDER BY seq"  # noqa: S608


class SqliteJournal:
    """The port `Journal` on a SQLite file."""

    def __init__(self, file: JournalFile) -> None:
        """Take the file, which an evidence store may share."""
        self.place = file.path
        self._file = file

    def append(self, stream: str, batch: Batch) -> Appended:
        """Record all events of the batch or none; see `desk.ports_journal.Journal`."""
        from andon.journal.rows import Draft, answer, guard

        draft = Draft(stream, batch)
        with self._file.writing() as db:
            known = _recall(db, batch.command)
            if known is not None:
                return known
            found = db.execute("SELECT seq, hash FROM head WHERE stream = ?", (stream,)).fetchone()
            length, head = found or (0, ORIGIN)
            guard(stream, length, batch.expected)
            if not draft.ids:
                return Appended(recorded=())
            rows = draft.placed(length, head)
            db.executemany(
                "INSERT INTO event (stream, seq, id, type, at, actor, command, data, hash)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(stream, *row) for row in rows],
            )
            if found:
                db.execute(
                    "UPDATE head SET seq = ?, hash = ? WHERE stream = ?", (rows[-1][0], rows[-1][7], stream)
                )
            else:
                db.execute(
                    "INSERT INTO head (stream, seq, hash) VALUES (?, ?, ?)",
                    (stream, rows[-1][0], rows[-1][7]),
                )
            db.execute(
                "INSERT INTO command (id, stream, first, last) VALUES (?, ?, ?, ?)",
                (batch.command, stream, length + 1, rows[-1][0]),
            )
        return answer(stream, batch, rows)

    def read(self, stream: str) -> tuple[Recorded, ...]:
        """Return the stream's events in order; empty for an unknown stream. Raises Unavailable."""
        with self._file.reading() as db:
            rows = db.execute(_READ, (stream,)).fetchall() if db else []
        return _recorded(stream, rows)

    def heads(self) -> tuple[Head, ...]:
        """Return every stream's name and length, in the order in which the streams began."""
        with self._file.reading() as db:
            rows = db.execute("SELECT stream, seq, hash FROM head ORDER BY began").fetchall() if db else []
        return tuple(Head(stream=stream, length=length, hash=end) for stream, length, end in rows)

    def newest(self, types: Sequence[str]) -> dict[str, str]:
        """Return, per stream, the newest event type among `types`."""
        marks = ", ".join("?" * len(types))
        with self._file.reading() as db:
            rows = db.execute(
                f"SELECT stream, type, max(seq) FROM event WHERE type IN ({marks}) GROUP BY stream",  # noqa: S608
                tuple(types),
            ).fetchall() if db else []  # fmt: skip
        return {stream: kind for stream, kind, _ in rows}

    def read_types(self, stream: str, types: Sequence[str]) -> tuple[Recorded, ...]:
        """Return the stream's events of these types in order."""
        marks = ", ".join("?" * len(types))
        with self._file.reading() as db:
            rows = db.execute(
                f"SELECT {COLUMNS} FROM event WHERE stream = ? AND type IN ({marks}) ORDER BY seq",  # noqa: S608
                (stream, *types),
            ).fetchall() if db else []  # fmt: skip
        return _recorded(stream, rows)

    def recall(self, command: CommandId) -> Appended | None:
        """Return what was recorded under a command id before, None when nothing was."""
        with self._file.reading() as db:
            return _recall(db, command) if db else None

    def claim_number(self) -> int:
        """Return a number that no other caller ever gets from this journal."""
        with self._file.writing() as db:
            db.execute("UPDATE counter SET value = value + 1 WHERE name = 'incident'")
            (number,) = db.execute("SELECT value FROM counter WHERE name = 'incident'").fetchone()
        return int(number)

    def audit(self, stream: str) -> AuditReport:
        """Recompute the chain and name the first event that was altered, removed or put in."""
        with self._file.reading() as db:
            if db is None:
                return verify(stream, (), None, "")
            db.text_factory = _as_it_is
            db.execute("BEGIN")  # head and events as they were at one moment
            try:
                found = db.execute("SELECT seq, hash FROM head WHERE stream = ?", (stream,)).fetchone()
                length, head = found or (None, "")
                return verify(stream, db.execute(_READ, (stream,)), length, head)
            finally:
                db.text_factory = str
                db.execute("ROLLBACK")

    def close(self) -> None:
        """Release the connection."""
        self._file.close()


def _recall(db: sqlite3.Connection, command: str) -> Appended | None:
    found = db.execute("SELECT stream, first, last FROM command WHERE id = ?", (command,)).fetchone()
    if found is None:
        return None
    rows = db.execute(_READ_PART, found).fetchall()
    return Appended(recorded=_recorded(found[0], rows), repeated=True)


def _recorded(stream: str, rows: list[Row]) -> tuple[Recorded, ...]:
    """Return rows as events; the codec is loaded when there are any."""
    if not rows:
        return ()
    from andon.journal.rows import recorded

    return recorded(stream, rows)


def _as_it_is(text: bytes) -> str:
    """Read text that may have been tampered with: what is not UTF-8 stays visible as such."""
    return text.decode("utf-8", "surrogateescape")
