"""An event as the journal keeps it: who, when, after what."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.incident.events import Event
    from andon.incident.words import CommandId, EventId


class Recorded(Record):
    """An event in its place in the history of one stream."""

    stream: str
    #: 1, 2, 3, ... without gaps, assigned by the store.
    seq: int
    id: EventId
    at: datetime
    actor: str
    command: CommandId
    event: Event
    #: Hexadecimal SHA-256 of this event and everything before it in the stream.
    hash: str = ""


class Batch(Record):
    """What one command wants recorded, all of it or nothing."""

    command: CommandId
    actor: str
    at: datetime
    events: tuple[Event, ...]
    #: Length the stream must still have, or None when the order does not matter (notes, evidence).
    expected: int | None = None
