"""What is kept of a piece of evidence in any database: redacted, then cut, then named by its hash. Pure."""

from __future__ import annotations

from andon.desk.kept_values import Stored
from andon.errors import InvalidInput
from andon.incident.digest import digest
from andon.incident.words import EvidenceHash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Redactor

#: Largest piece that is kept whole, in bytes.
LIMIT = 5 * 1024 * 1024
#: How far a cut may move to fall between two lines, in bytes.
_SLACK = 1000


def prepared(content: bytes, redactor: Redactor, limit: int = LIMIT) -> tuple[bytes, int]:
    """Return `content` redacted and cut to `limit` bytes, and the number of redactions.

    Redaction comes first: a secret cut in half would no longer be recognised.
    """
    clean, redactions = redactor.redact(content)
    return (clean if len(clean) <= limit else _cut(clean, limit)), redactions


def name_of(content: bytes) -> EvidenceHash:
    """Return the content address of a piece of evidence."""
    return EvidenceHash(f"sha256:{digest(content)}")


def stored(content: bytes, media_type: str, original_size: int, redactions: int) -> Stored:
    """Return what is told to somebody whose evidence was stored as `content`."""
    return Stored(
        evidence=name_of(content),
        media_type=media_type,
        size=len(content),
        original_size=original_size,
        redactions=redactions,
    )


def check_media_type(media_type: str) -> str:
    """Return `media_type` when it looks like one (RFC 6838), else raise InvalidInput."""
    kind, slash, rest = media_type.partition("/")
    if (
        not (kind and slash and rest and media_type.isascii() and media_type.isprintable())
        or len(media_type) > 200
    ):
        raise InvalidInput(
            f"this is not a media type: {media_type[:80]!r}",
            rule="media-type",
            remedy="use one such as text/plain or application/json",
        )
    return media_type


def _cut(content: bytes, limit: int) -> bytes:
    """Keep the beginning and the end, at line breaks when there are some near, and say what is missing."""
    room = max(0, limit - len(_marker(len(content))))
    first, last = room - room // 2, len(content) - room // 2
    line_end = content.rfind(b"\n", max(0, first - _SLACK), first)
    line_start = content.find(b"\n", last, last + _SLACK)
    first = line_end + 1 if line_end >= 0 else first
    last = line_start + 1 if line_start >= 0 else last
    return content[:first] + _marker(last - first) + content[last:]


def _marker(count: int) -> bytes:
    return b"\n[andon: %d bytes left out here]\n" % count
