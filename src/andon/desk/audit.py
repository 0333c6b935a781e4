"""Auditing: chains, evidence, and the places where a published document anchors a chain."""

from __future__ import annotations

from andon.desk.casefile import which
from andon.incident.events import PostmortemPublished
from andon.incident.parts import ExposedTo
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.desk.ports import Desk
    from andon.desk.values import AuditReport
    from andon.incident.recorded import Recorded
    from andon.incident.words import EvidenceHash


class Audit(Record):
    """What the audit found."""

    streams: tuple[AuditReport, ...]
    #: How many pieces of evidence were verified.
    evidence: int
    damaged: tuple[EvidenceHash, ...]
    #: Referred to by an event or a part of one, but not in the store.
    missing: tuple[EvidenceHash, ...]
    #: Published postmortems whose chain head is not what the history says.
    unanchored: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """True when nothing was altered and nothing is missing."""
        return not (self.damaged or self.missing or self.unanchored) and all(r.is_whole for r in self.streams)


def audit(desk: Desk, wanted: str | None) -> Audit:
    """Verify one incident or everything."""
    streams = (which(desk, wanted),) if wanted else _streams(desk)
    reports = tuple(desk.journal.audit(stream) for stream in streams)
    stored = frozenset(desk.evidence.hashes())
    missing: dict[EvidenceHash, None] = {}
    unanchored: list[str] = []
    for report in reports:
        if not report.is_whole:
            continue  # what was altered is not read further
        history = desk.history(report.stream)
        for recorded in history:
            missing.update((name, None) for name in _references(recorded.event) if name not in stored)
        unanchored.extend(_unanchored(history))
    return Audit(
        streams=reports,
        evidence=len(stored),
        damaged=desk.evidence.damaged(),
        missing=tuple(missing),
        unanchored=tuple(unanchored),
    )


def _streams(desk: Desk) -> tuple[str, ...]:
    """Every stream that has a head or a declaration: one whose head was taken away is looked at too."""
    heads = [h.stream for h in desk.journal.heads()]
    declared = desk.journal.newest(("IncidentDeclared", "ReleaseDeployed"))
    return tuple(dict.fromkeys((*heads, *declared)))


def _references(value: object) -> Iterator[EvidenceHash]:
    """Yield every piece of evidence that an event names: its own, and that of its probes and findings."""
    if isinstance(value, tuple):
        for part in value:
            yield from _references(part)
    elif isinstance(value, Record):
        for field in value.__fields__:
            inner = getattr(value, field)
            if field == "evidence" and isinstance(value, ExposedTo):
                continue  # what shows it, in words
            if field == "evidence" and inner:
                yield inner
            else:
                yield from _references(inner)


def _unanchored(history: tuple[Recorded, ...]) -> list[str]:
    """A published postmortem carries the chain's head; some event before it must have that hash."""
    known = {r.hash: r.seq for r in history}
    problems = []
    for recorded in history:
        event = recorded.event
        if isinstance(event, PostmortemPublished) and event.chain_head:
            anchor = known.get(event.chain_head)
            if anchor is None or anchor >= recorded.seq:
                problems.append(f"{recorded.stream}: the postmortem anchors a history that is not this one")
    return problems
