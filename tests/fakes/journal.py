"""A journal and an evidence store in memory that promise what the real ones do, and a small redactor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from andon.desk.values import Appended, AuditReport, Blob, Head, Stored
from andon.errors import NotFound
from andon.incident.recorded import Batch, Recorded
from andon.incident.words import CommandId, EvidenceHash
from andon.journal.chain import ORIGIN, verify
from andon.journal.evidence import check_media_type, prepared
from andon.journal.rows import Draft, guard, recorded

if TYPE_CHECKING:
    from andon.journal.chain import Row


class FakeJournal:
    """The port `Journal`; keeps rows as text, so that what comes back went through the codec."""

    def __init__(self) -> None:
        self.place = "memory"
        self.streams: dict[str, list[Row]] = {}
        self.commands: dict[str, tuple[str, int, int]] = {}
        self.number = 0

    def append(self, stream: str, batch: Batch) -> Appended:
        draft = Draft(stream, batch)
        known = self.recall(batch.command)
        if known is not None:
            return known
        rows = self.streams.get(stream, [])
        guard(stream, len(rows), batch.expected)
        if not batch.events:
            return Appended(recorded=())
        new = draft.placed(len(rows), rows[-1][-1] if rows else ORIGIN)
        self.streams[stream] = rows + new
        self.commands[batch.command] = (stream, len(rows), len(rows) + len(new))
        return Appended(recorded=recorded(stream, new))

    def read(self, stream: str) -> tuple[Recorded, ...]:
        return recorded(stream, self.streams.get(stream, []))

    def heads(self) -> tuple[Head, ...]:
        return tuple(
            Head(stream=stream, length=len(rows), hash=rows[-1][-1]) for stream, rows in self.streams.items()
        )

    def newest(self, types: Sequence[str]) -> dict[str, str]:
        found = {}
        for stream, rows in self.streams.items():
            of_type = [row[2] for row in rows if row[2] in types]
            if of_type:
                found[stream] = of_type[-1]
        return found

    def read_types(self, stream: str, types: Sequence[str]) -> tuple[Recorded, ...]:
        return recorded(stream, [row for row in self.streams.get(stream, []) if row[2] in types])

    def recall(self, command: CommandId) -> Appended | None:
        if command not in self.commands:
            return None
        stream, first, last = self.commands[command]
        return Appended(recorded=recorded(stream, self.streams[stream][first:last]), repeated=True)

    def claim_number(self) -> int:
        self.number += 1
        return self.number

    def audit(self, stream: str) -> AuditReport:
        rows = self.streams.get(stream)
        return verify(stream, rows or (), len(rows) if rows else None, rows[-1][-1] if rows else "")

    def close(self) -> None:
        """Nothing to release; a fake may be used again, as a journal that is opened again may."""


class FakeEvidence:
    """The port `EvidenceStore`."""

    def __init__(self, redactor: FakeRedactor | None = None, limit: int = 1000) -> None:
        self.redactor = redactor or FakeRedactor()
        self.limit = limit
        self.blobs: dict[EvidenceHash, Blob] = {}

    def put(self, content: bytes, media_type: str) -> Stored:
        check_media_type(media_type)
        kept, redactions = prepared(content, self.redactor, self.limit)
        name = EvidenceHash(f"sha256:{sha256(kept).hexdigest()}")
        blob = self.blobs.setdefault(name, Blob(evidence=name, media_type=media_type, content=kept))
        return Stored(
            evidence=name,
            media_type=blob.media_type,
            size=len(kept),
            original_size=len(content),
            redactions=redactions,
        )

    def get(self, evidence: EvidenceHash) -> Blob:
        if evidence not in self.blobs:
            raise NotFound(f"there is no evidence {evidence}")
        return self.blobs[evidence]

    def damaged(self) -> tuple[EvidenceHash, ...]:
        return tuple(
            name for name, blob in self.blobs.items() if name != f"sha256:{sha256(blob.content).hexdigest()}"
        )

    def hashes(self) -> tuple[EvidenceHash, ...]:
        return tuple(sorted(self.blobs))


class FakeRedactor:
    """The port `Redactor`: knows one secret."""

    def __init__(self, secret: bytes = b"hunter2hunter2") -> None:
        self.secret = secret
        self.more: tuple[bytes, ...] = ()

    def redact(self, content: bytes) -> tuple[bytes, int]:
        hidden = 0
        for value in (self.secret, *self.more):
            hidden += content.count(value)
            content = content.replace(value, b"[redacted:known:000000]")
        return content, hidden

    def redact_stream(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        yield self.redact(b"".join(pieces))[0]

    def redact_words(self, text: str) -> str:
        return self.redact(text.encode("utf-8", "surrogateescape"))[0].decode("utf-8", "surrogateescape")

    def know(self, values: Sequence[bytes]) -> None:
        self.more = (*self.more, *values)

    def mark(self, value: bytes) -> str:
        """Return six digits that tell values apart."""
        return f"{sum(value) % 0x1000000:06x}"
