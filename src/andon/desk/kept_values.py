"""What journals and evidence stores answer."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.recorded import Recorded
    from andon.incident.words import EvidenceHash


class Appended(Record):
    """What a journal answers."""

    #: The batch's events as recorded, in order.
    recorded: tuple[Recorded, ...]
    #: True when the command had been recorded before.
    repeated: bool = False


class Head(Record):
    """A stream and how long it is."""

    stream: str
    length: int
    #: Hash of the newest event.
    hash: str


class AuditReport(Record):
    """What an audit of one stream found."""

    stream: str
    #: Events that were read and verified.
    verified: int
    head: str
    #: Place and reason of the first problem; 0 and "" when the chain is whole.
    broken_at: int = 0
    reason: str = ""

    @property
    def is_whole(self) -> bool:
        """True when nothing was altered."""
        return not self.reason


class Stored(Record):
    """What the evidence store made of some content."""

    evidence: EvidenceHash
    media_type: str
    size: int
    original_size: int
    redactions: int


class Blob(Record):
    """A stored piece of evidence."""

    evidence: EvidenceHash
    media_type: str
    content: bytes
