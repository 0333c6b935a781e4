"""The evidence of an embedded journal, in the same file as the events that name it."""

from __future__ import annotations

from andon.desk.kept_values import Blob
from andon.errors import NotFound
from andon.incident.words import EvidenceHash
from andon.journal.evidence import LIMIT, check_media_type, name_of, prepared, stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.kept_values import Stored
    from andon.desk.ports_journal import Redactor
    from andon.journal.sqlite_file import JournalFile


class SqliteEvidence:
    """The port `EvidenceStore` on a SQLite file. It may be used by several threads."""

    def __init__(self, file: JournalFile, redactor: Redactor, limit: int = LIMIT) -> None:
        """Take the journal's file, the redactor everything passes, and the largest size kept, in bytes."""
        self._file = file
        self._redactor = redactor
        self._limit = limit

    def put(self, content: bytes, media_type: str) -> Stored:
        """Store `content` (redacted, cut to the limit) durably; the same content is stored once."""
        check_media_type(media_type)
        kept, redactions = prepared(content, self._redactor, self._limit)
        name = name_of(kept)
        with self._file.writing() as db:
            db.execute(
                "INSERT INTO evidence (hash, media_type, size, content) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (hash) DO NOTHING",
                (name, media_type, len(kept), kept),
            )
            (first_type,) = db.execute("SELECT media_type FROM evidence WHERE hash = ?", (name,)).fetchone()
        return stored(kept, first_type, len(content), redactions)

    def get(self, evidence: EvidenceHash) -> Blob:
        """Return a stored blob; raises NotFound."""
        with self._file.reading() as db:
            found = db.execute(
                "SELECT media_type, content FROM evidence WHERE hash = ?", (evidence,)
            ).fetchone() if db else None  # fmt: skip
        if found is None:
            raise NotFound(
                f"there is no evidence {evidence}", where=self._file.path, remedy="andon evidence list"
            )
        return Blob(evidence=evidence, media_type=found[0], content=bytes(found[1]))

    def damaged(self) -> tuple[EvidenceHash, ...]:
        """Return the hashes whose content no longer matches them."""
        with self._file.reading() as db:
            rows = db.execute("SELECT hash, size, content FROM evidence ORDER BY hash") if db else ()
            return tuple(
                EvidenceHash(name)
                for name, size, content in rows
                if not isinstance(content, bytes) or len(content) != size or name_of(content) != name
            )

    def hashes(self) -> tuple[EvidenceHash, ...]:
        """Return every stored hash."""
        with self._file.reading() as db:
            rows = db.execute("SELECT hash FROM evidence ORDER BY hash").fetchall() if db else []
        return tuple(EvidenceHash(name) for (name,) in rows)
