"""What events are made of: a smoke test's answer, a finding, a fact, an objection. None is an event."""

from __future__ import annotations

from andon.incident.words import EvidenceHash, Verdict
from andon.record import Record

# ---- parts of events


class ProbeOutcome(Record):
    """One smoke test's answer."""

    name: str
    verdict: Verdict
    #: What it proves when it passes: the configured component, else "".
    covers: str = ""
    critical: bool = False
    #: One line: status, latency in milliseconds, what was expected.
    summary: str = ""
    evidence: EvidenceHash | None = None


class Finding(Record):
    """A part of production that is broken, with why we believe so."""

    component: str
    symptom: str
    #: `probe`, `log`, `alert` or `report`.
    source: str
    #: The smoke test that shows it, or the log's error signature; "" for a report.
    sign: str = ""
    evidence: EvidenceHash | None = None
    #: How the error signature was grouped (`andon.response.kinds.ALGORITHM`): others say nothing about it.
    algorithm: int = 1


class Fact(Record):
    """A statement that speaks for or against a response."""

    text: str
    #: `rollback`, `hotfix`, `kill-switch`, `workaround`, or "" when it is only worth knowing.
    speaks_for: str = ""
    against: str = ""


class ShownObjection(Record):
    """A place in a hotfix that a rule spoke against, as it was shown to whoever may justify it."""

    rule: str
    #: Twelve hexadecimal digits: `andon skip RULE:FINGERPRINT`.
    fingerprint: str
    #: `path:line`, `path`, or "".
    place: str = ""
    text: str = ""


class RuleAnswer(Record):
    """How one rule of a gate was answered, in short."""

    rule: str
    verdict: Verdict
    #: `passes`, `blocks`, `warns` or `waived`: what followed from it.
    effect: str
    summary: str = ""
