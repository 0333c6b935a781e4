"""Keeping what a smoke test left behind, without the secrets in it; what cannot be cleaned is not kept."""

from __future__ import annotations

from andon.incident.words import counted
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.desk.values import Attachment, Stored

#: Largest picture or trace that is kept, in bytes; below the evidence store's limit, which would cut it.
LARGEST = 4 * 1024 * 1024
#: What a smoke test may leave behind in one run.
MOST = 8


class Kept(Record):
    """What was stored, and what to say of the rest."""

    #: With the kind and title it is to be found by.
    stored: tuple[tuple[Stored, str, str], ...] = ()
    remarks: tuple[str, ...] = ()


class _Clean(Record):
    content: bytes = b""
    redactions: int = 0
    #: Why it is not kept.
    failure: str = ""


def keep_attachments(desk: Desk, probe: str, attachments: tuple[Attachment, ...]) -> Kept:
    """Store screenshots, traces and texts that are free of secrets; say what was not kept, and why."""
    kept, remarks = [], []
    for found in attachments[:MOST]:
        clean = _cleaned(desk, found)
        if clean.failure:
            remarks.append(f"{found.kind} {found.title} was not kept: {clean.failure}")
            continue
        stored = desk.evidence.put(clean.content, found.media_type)
        kept.append((stored, found.kind, f"{found.kind} of {probe}: {found.title}"))
        hidden = f" ({counted(clean.redactions, 'secret')} redacted)" if clean.redactions else ""
        remarks.append(f"{found.kind} {found.title} is {stored.evidence}{hidden}")
    if len(attachments) > MOST:
        remarks.append(f"{len(attachments) - MOST} more were not kept: a smoke test may leave {MOST}")
    return Kept(stored=tuple(kept), remarks=tuple(remarks))


def _cleaned(desk: Desk, found: Attachment) -> _Clean:
    if found.kind == "text":
        return _Clean(content=found.content)  # the store redacts it as any text
    clean = _picture(found) if found.media_type.startswith("image/") else _trace(desk, found)
    if clean.failure:
        return clean
    if len(clean.content) > LARGEST:
        return _Clean(failure=f"its {len(clean.content)} bytes are more than {LARGEST}")
    # The store redacts every content, and a picture or an archive would not survive that.
    if desk.redactor.redact(clean.content)[1]:
        return _Clean(failure="bytes in it look like a secret")
    return clean


def _picture(found: Attachment) -> _Clean:
    from andon.secrets.pictures import only_pixels

    pixels = only_pixels(found.content)
    return _Clean(failure="it is not a whole picture") if pixels is None else _Clean(content=pixels)


def _trace(desk: Desk, found: Attachment) -> _Clean:
    from andon.secrets.browser_trace import clean_trace

    trace = clean_trace(found.content, desk.redactor)
    return _Clean(content=trace.content, redactions=trace.redactions, failure=trace.failure)
