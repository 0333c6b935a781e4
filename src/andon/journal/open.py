"""Opening the journal and the evidence store that belong to a place: a path, or a PostgreSQL URL."""

from __future__ import annotations

import os
import sys

from andon.errors import InvalidInput
from andon.incident.digest import digest
from andon.journal.evidence import LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports_journal import EvidenceStore, Journal, Redactor

#: Longest directory name made from a service's name.
_LONGEST = 100
#: Seconds to wait for a server, or for others who write.
PATIENCE = 10.0
_POSTGRES = ("postgresql://", "postgres://")


def open_journal(
    place: str, redactor: Redactor, limit: int = LIMIT, patience: float = PATIENCE
) -> tuple[Journal, EvidenceStore]:
    """Return the journal and the evidence store at `place`, which share one connection.

    `limit`: bytes kept of one piece of evidence; `patience`: seconds to wait for a server or other writers.
    Nothing is opened yet: what cannot be reached raises Unavailable at its first use. Close the journal to
    release both.
    """
    if place.startswith(_POSTGRES):
        from andon.journal.postgres import PostgresJournal
        from andon.journal.postgres_database import PostgresDatabase
        from andon.journal.postgres_evidence import PostgresEvidence

        database = PostgresDatabase(place, patience)
        return PostgresJournal(database), PostgresEvidence(database, redactor, limit)
    if "://" in place:
        raise InvalidInput(
            f"{place.partition(':')[0]} is no kind of journal",
            where="journal",
            rule="journal-place",
            remedy="a path, or postgresql://user@host/database",
        )
    from andon.journal.sqlite import SqliteJournal
    from andon.journal.sqlite_evidence import SqliteEvidence
    from andon.journal.sqlite_file import JournalFile

    file = JournalFile(os.path.expanduser(place), patience)
    return SqliteJournal(file), SqliteEvidence(file, redactor, limit)


def default_place(service: str) -> str:
    """Return where a service's embedded journal lives: in the user's data directory, outside any clone."""
    return os.path.join(_data_directory(), "andon", _safe(service), "journal.db")


def _data_directory() -> str:
    """Return $XDG_DATA_HOME when it is absolute (as its specification asks), else the system's convention."""
    given = os.environ.get("XDG_DATA_HOME", "")
    if os.path.isabs(given):
        return given
    home = os.path.expanduser("~")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support")
    return os.path.join(home, ".local", "share")


def _safe(service: str) -> str:
    """Return a directory name for `service`: no separators, not hidden, not too long, no other service's."""
    name = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in service).lstrip(".-")
    if name == service and name and len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 9] or 'service'}-{digest(service.encode('utf-8', 'surrogatepass'))[:8]}"
