"""The evidence of a shared journal, in the same database as the events that name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from andon.desk.kept_values import Blob
from andon.errors import NotFound
from andon.incident.words import EvidenceHash
from andon.journal.evidence import LIMIT, check_media_type, name_of, prepared, stored

if TYPE_CHECKING:
    from andon.desk.kept_values import Stored
    from andon.desk.ports_journal import Redactor
    from andon.journal.postgres_database import Connection, PostgresDatabase


class PostgresEvidence:
    """The port `EvidenceStore` on PostgreSQL. It may be used by several threads."""

    def __init__(self, database: PostgresDatabase, redactor: Redactor, limit: int = LIMIT) -> None:
        """Take the journal's database, the redactor all passes, and the largest size kept, in bytes."""
        self._database = database
        self._redactor = redactor
        self._limit = limit

    def put(self, content: bytes, media_type: str) -> Stored:
        """Store `content` (redacted, cut to the limit) durably; the same content is stored once."""
        check_media_type(media_type)
        kept, redactions = prepared(content, self._redactor, self._limit)
        name = name_of(kept)

        def put(db: Connection) -> str:
            db.execute(
                "INSERT INTO evidence (hash, media_type, size, content) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (hash) DO NOTHING",
                (name, media_type, len(kept), kept),
            )
            row = db.execute("SELECT media_type FROM evidence WHERE hash = %s", (name,)).fetchone()
            return str(row[0]) if row else media_type

        return stored(kept, self._database.write(put), len(content), redactions)

    def get(self, evidence: EvidenceHash) -> Blob:
        """Return a stored blob; raises NotFound."""
        query = "SELECT media_type, content FROM evidence WHERE hash = %s"
        found = self._database.read(lambda db: db.execute(query, (evidence,)).fetchone())
        if found is None:
            place = self._database.place
            raise NotFound(f"there is no evidence {evidence}", where=place, remedy="andon evidence list")
        return Blob(evidence=evidence, media_type=found[0], content=bytes(found[1]))

    def damaged(self) -> tuple[EvidenceHash, ...]:
        """Return the hashes whose content no longer matches them."""

        def damaged(db: Connection) -> tuple[EvidenceHash, ...]:
            # A cursor of the server's, so that not everything is in memory at once.
            with db.transaction(), db.cursor("damaged") as rows:
                rows.itersize = 10
                rows.execute("SELECT hash, size, content FROM evidence ORDER BY hash")
                return tuple(
                    EvidenceHash(name)
                    for name, size, content in rows
                    if len(content) != size or name_of(content) != name
                )

        return self._database.read(damaged) or ()

    def hashes(self) -> tuple[EvidenceHash, ...]:
        """Return every stored hash."""
        query = "SELECT hash FROM evidence ORDER BY hash"
        rows = self._database.read(lambda db: db.execute(query).fetchall())
        return tuple(EvidenceHash(name) for (name,) in rows or ())
