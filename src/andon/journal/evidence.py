"""What is kept of a piece of evidence in any database: redacted, then cut, then named by its hash. Pure."""

from __future__ import annotations

from andon.desk.kept_values import Stored
from andon.errors import InvalidInput
from andon.incident.digest import digest
from andon.incident.words import EvidenceHash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports_journal import Redactor

#: Largest piece that is kept whole, in bytes.
LIMIT = 5 * 1024 * 1024
#: How far a cut may move to fall between two lines, in bytes.
_SLACK = 1000
#: Bytes: what is larger passes the redactor in pieces of this size, and only its two ends stay in memory.
_IN_PIECES, _PIECE = 2 * LIMIT, 1 << 20
_MARKED = b"[redacted:"


def prepared(content: bytes, redactor: Redactor, limit: int = LIMIT) -> tuple[bytes, int]:
    """Return `content` redacted and cut to `limit` bytes, and the number of redactions.

    Redaction comes first: a secret cut in half would no longer be recognised.
    """
    if len(content) <= _IN_PIECES:
        clean, redactions = redactor.redact(content)
        return (clean if len(clean) <= limit else _cut(clean, limit)), redactions
    ends, redactions = _Ends(limit), -content.count(_MARKED)
    pieces = (content[place : place + _PIECE] for place in range(0, len(content), _PIECE))
    for piece in redactor.redact_stream(pieces):  # never ends inside of a marker
        redactions += piece.count(_MARKED)
        ends.add(piece)
    return ends.kept(), max(redactions, 0)


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


class _Ends:
    """The first and the last bytes of a long text, as much of each as a cut may need."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._room = limit + _SLACK
        self._head, self._tail, self._left_out = bytearray(), bytearray(), 0

    def add(self, piece: bytes) -> None:
        taken = piece[: max(self._room - len(self._head), 0)]
        self._head += taken
        self._tail += piece[len(taken) :]
        if len(self._tail) > 2 * self._room:
            self._left_out += len(self._tail) - self._room
            del self._tail[: -self._room]

    def kept(self) -> bytes:
        if len(self._head) + self._left_out + len(self._tail) <= self._limit:
            return bytes(self._head + self._tail)
        return _cut(bytes(self._head + self._tail), self._limit, self._left_out)


def _cut(content: bytes, limit: int, missing: int = 0) -> bytes:
    """Keep the beginning and the end, at line breaks when there are some near, and say what is missing.

    `missing` bytes of the middle are gone already.
    """
    room = max(0, limit - len(_marker(len(content) + missing)))
    first, last = room - room // 2, len(content) - room // 2
    line_end = content.rfind(b"\n", max(0, first - _SLACK), first)
    line_start = content.find(b"\n", last, last + _SLACK)
    first = line_end + 1 if line_end >= 0 else first
    last = line_start + 1 if line_start >= 0 else last
    return content[:first] + _marker(last - first + missing) + content[last:]


def _marker(count: int) -> bytes:
    return b"\n[andon: %d bytes left out here]\n" % count
