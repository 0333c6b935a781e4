"""What was found to be a secret in a content: where, of which kind, how sure, and its value. Pure."""

from __future__ import annotations

from enum import StrEnum

from andon.record import Record


class Tier(StrEnum):
    """How sure it is that something is a secret, and so what a gate does about it."""

    #: Nothing else looks like it: it does not come in.
    BLOCK = "block"
    #: It may be one: a person looks at it.
    REVIEW = "review"


class Hit(Record):
    """A secret in a content. The value never leaves the process; what is told is the kind and its mark."""

    start: int
    end: int
    kind: str
    tier: Tier
    value: bytes
