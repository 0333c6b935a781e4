"""What can have happened in the search for why tests passed and production failed."""

from __future__ import annotations

from andon.incident.parts import GapLook
from andon.incident.words import EvidenceHash
from andon.record import Record

# ---- the search for the gap between tests and production


class GapSearchStarted(Record):
    """A search for the gap between tests and production began: what is looked for, and who is asked."""

    search: str
    suite: str
    #: The failure of production, in words.
    failure: str
    #: Hosts that are asked, and those of production that somebody consented to.
    hosts: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()


class GapSearchEnded(Record):
    """What the search came to, or that it was given up."""

    search: str
    #: A word of `andon.gaps.words.Answer`; `given up` for a search that did not end.
    answer: str
    kinds: tuple[str, ...] = ()
    #: The exact place, from the general to the particular.
    place: tuple[str, ...] = ()
    #: `observed`, `flipped`, `restored`, `narrowed`; "" when the answer rests on no difference.
    tier: str = ""
    summary: str = ""
    looks: tuple[GapLook, ...] = ()
    not_tried: tuple[str, ...] = ()
    next_step: str = ""
    #: The whole search as JSON, and the report as a page.
    evidence: EvidenceHash | None = None
    report: EvidenceHash | None = None


class GapExplained(Record):
    """What the tests missed, why they did, and what makes them see it."""

    search: str
    missed: str
    why: str
    catch: str
    #: What the tests assert that was the wrong question, and what to ask instead; "" where they ask right.
    semantics: str = ""


class GapPrevented(Record):
    """Something was made that prevents the next one; its action item is opened, or done at once."""

    search: str
    #: `test`, `turned-test`, `parity`, `monitoring`, `smoke`, `log`, `regression`, `answers`, `semantics`.
    what: str
    path: str
    #: How it was proven: red with the gap and green without, for a test.
    proof: str = ""
    action: str = ""
