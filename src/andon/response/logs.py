"""What a log says: kinds of errors with their counts and first moments.

How the messages are told apart is in `kinds`, how a log of any size is read in `signatures`.
"""

from __future__ import annotations

from andon.record import Record
from andon.response.entries import entries
from andon.response.kinds import ALGORITHM, Signature
from andon.response.moments import moment_of
from andon.response.signatures import KINDS, Signatures
from andon.response.upstreams import names_upstream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["ALGORITHM", "KINDS", "LogSummary", "Signature", "after", "names_upstream", "scan"]


class LogSummary(Record):
    """What a stretch of a log says."""

    #: Messages in the stretch, and how many of them are severe.
    lines: int
    severe: int
    #: Kinds of errors, most frequent first.
    signatures: tuple[Signature, ...]
    first_at: datetime | None = None
    last_at: datetime | None = None
    #: False when no message says when it was written: then nothing was left out as too old.
    is_dated: bool = False
    #: Severe messages of further kinds, beyond what is told apart.
    others: int = 0

    def find(self, signature: str) -> Signature | None:
        """Return the kind of error of that name."""
        return next((kind for kind in self.signatures if kind.signature == signature), None)


def scan(
    content: bytes, since: datetime | None = None, zone_minutes: int = 0, near: datetime | None = None
) -> LogSummary:
    """Return the errors in a log; messages from before `since` are left out.

    Moments without a zone are `zone_minutes` east of UTC; those without a year are the closest to `near`, or
    to `since`.
    """
    log = Signatures(() if since is None else (since,), zone_minutes, near or since)
    log.feed(content)
    (found,) = log.close()
    return LogSummary(
        lines=found.lines,
        severe=found.severe,
        signatures=found.signatures,
        first_at=found.first_at,
        last_at=found.last_at,
        is_dated=log.is_dated,
        others=found.others,
    )


def after(content: bytes, since: datetime, zone_minutes: int = 0) -> bytes:
    """Return the log from its first line written at `since` or later; all of it when no line says when."""
    position, is_dated = 0, False
    while position < len(content):
        end = content.find(b"\n", position) + 1 or len(content)
        at = _at(content[position : min(end, position + 4000)], zone_minutes, since)
        if at is not None and at >= since:
            return content[position:]
        is_dated = is_dated or at is not None
        position = end
    return b"" if is_dated else content


def _at(line: bytes, zone_minutes: int, near: datetime) -> datetime | None:
    text = line.decode("utf-8", "replace")
    at = moment_of(text, zone_minutes, near)
    if at is None and text.lstrip().startswith("{"):
        first = next(entries(line, zone_minutes, near), None)
        at = first.at if first else None
    return at
