"""Following a log that can only be asked for its end: ask from a little earlier, leave out what is known.

Pure. Where it was left is recognised by its last lines. Lines without moments that say the same may be taken
for each other.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: How much earlier is asked again: clocks differ, and lines come late.
OVERLAP = timedelta(seconds=10)
#: Lines that are remembered.
_LINES = 200


class Seen(Record):
    """When the log was asked last, and fingerprints of the last whole lines that came."""

    at: datetime
    lines: tuple[str, ...] = ()


class New(Record):
    """What came that was not known yet."""

    content: bytes
    seen: Seen
    #: True when the end of what was known is not in what came, though something is: lines may be missing.
    is_apart: bool = False


def begin(content: bytes, at: datetime) -> Seen:
    """Return what is known after an excerpt that was asked for at a moment."""
    return Seen(at=at, lines=_prints(_whole(content)))


def beyond(content: bytes, seen: Seen, at: datetime) -> New:
    """Return the lines that come after what is known; the last one only when it is whole."""
    lines = _whole(content)
    prints = _prints(lines, every=True)
    known = _end_of_known(prints, seen.lines)
    new = b"".join(lines[known or 0 :])
    remembered = (*seen.lines, *prints[known or 0 :])[-_LINES:]
    return New(
        content=new, seen=Seen(at=at, lines=remembered), is_apart=known is None and bool(seen.lines and lines)
    )


def write_cursor(seen: Seen) -> str:
    """Return what is known as one text; `read_cursor` is the inverse."""
    return json.dumps([seen.at.timestamp(), list(seen.lines)], separators=(",", ":"))


def read_cursor(cursor: str) -> Seen | None:
    """Return what is known; None for a text that does not say it."""
    try:
        at, lines = json.loads(cursor)
        if not all(isinstance(line, str) for line in lines):
            return None
        return Seen(at=datetime.fromtimestamp(at, UTC), lines=tuple(lines))
    except (ValueError, TypeError, OverflowError, OSError, RecursionError):
        return None


def _whole(content: bytes) -> list[bytes]:
    """Return the lines that have ended."""
    lines = content.split(b"\n")
    return [line + b"\n" for line in lines[:-1]]


def _prints(lines: Sequence[bytes], *, every: bool = False) -> tuple[str, ...]:
    kept = lines if every else lines[-_LINES:]
    return tuple(blake2b(line, digest_size=6).hexdigest() for line in kept)


def _end_of_known(prints: Sequence[str], known: Sequence[str]) -> int | None:
    """Return where the new lines begin: behind the longest run that ends like what is known; else None."""
    if not known:
        return 0
    best, length = None, 0
    for end in range(1, len(prints) + 1):
        if prints[end - 1] != known[-1]:
            continue
        run = 1
        while run < min(end, len(known)) and prints[end - 1 - run] == known[-1 - run]:
            run += 1
        if run > length:
            best, length = end, run
    return best
