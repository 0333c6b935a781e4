"""The hash chain of a stream: how an event is linked to the one before it, and how a chain is verified. Pure.

The link of an event is

    SHA-256( hash of the event before it, as 64 hexadecimal digits
             + canonical JSON of its actor, at, command, data, id, seq, stream and type )

in UTF-8, where canonical JSON has sorted keys, no spaces and unescaped characters, `data` is the stored text
of the event's own fields (a JSON text inside a JSON text, so that nothing is ever encoded again), and the
event before the first one has the hash `ORIGIN`. Anybody can recompute it from the stored columns.
"""

from __future__ import annotations

from andon.desk.kept_values import AuditReport
from andon.incident.digest import digest
from andon.incident.json_text import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    #: An event as it is stored: seq, id, type, at, actor, command, data, hash.
    Row: TypeAlias = tuple[int, str, str, str, str, str, str, str]

#: The columns of a Row, in its order.
COLUMNS = "seq, id, type, at, actor, command, data, hash"
_FIELDS = tuple(COLUMNS.split(", "))[:-1]
#: The hash before the first event.
ORIGIN = "0" * 64


def link(previous: str, stream: str, fields: Sequence[object]) -> str:
    """Return the hash of the event with `fields` (a Row without its hash) after the hash `previous`."""
    return digest(
        (previous + canonical({"stream": stream, **dict(zip(_FIELDS, fields, strict=True))})).encode()
    )


def verify(stream: str, rows: Iterable[Row], length: int | None, head: str) -> AuditReport:
    """Recompute the chain of `rows` (by seq) against the head row; `length` is None when there is none.

    Whoever can rewrite every later event and the head row as well is not found out by this: compare the head
    with one that was published elsewhere (a postmortem carries one).
    """
    previous, verified = ORIGIN, 0
    for row in rows:
        reason = _flaw(stream, row, verified, previous)
        if reason:
            return _broken(stream, verified, previous, verified + 1, reason)
        verified, previous = row[0], row[7]
        if length is not None and verified > length:
            reason = f"the head row says that the stream ends at event {length}: it was put in"
            return _broken(stream, verified, previous, verified, reason)
    if length is None and verified:
        return _broken(stream, verified, previous, verified, "the stream has events but no head row")
    if length is not None and length != verified:
        reason = f"the head row says {length} events, there are {verified}: the newest were removed"
        return _broken(stream, verified, previous, verified + 1, reason)
    if length is not None and head != (previous if verified else ORIGIN):
        reason = "the head row does not carry the hash of the newest event"
        return _broken(stream, verified, previous, verified, reason)
    return AuditReport(stream=stream, verified=verified, head=previous if verified else "")


def _flaw(stream: str, row: Row, verified: int, previous: str) -> str:
    """Return what is wrong with a row that should follow `verified` good ones, or ""."""
    seq, *_, stored = row
    if isinstance(seq, int) and seq > verified + 1:
        return "it is missing"
    try:
        expected = link(previous, stream, row[:-1])
    except (TypeError, ValueError):  # a tampered column may hold anything, bytes and half characters included
        return "it was altered: it holds something that is not text"
    if seq != verified + 1 or expected != stored:
        return "it or its hash was altered, or it was put in or moved"
    return ""


def _broken(stream: str, verified: int, head: str, place: int, reason: str) -> AuditReport:
    return AuditReport(
        stream=stream, verified=verified, head=head if verified else "", broken_at=place, reason=reason
    )
