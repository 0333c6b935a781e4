"""What can have happened at a service's gates: violations, waivers, hard gates, tests, audits, shipping."""

from __future__ import annotations

from andon.incident.parts import RuleAnswer
from andon.incident.words import EvidenceHash, Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

# ---- gates, in the service's own stream


class RuleViolated(Record):
    """A rule of a gate said no, whether that blocked, warned or was waived; once for each subject."""

    rule: str
    #: Where: `pre-commit`, `pre-push`, `ci`, `pre-receive`, `hotfix`, `ship`, ...
    point: str
    gear: str
    #: What it was about: a commit, or the tree that was to be committed.
    subject: str
    #: `blocks`, `warns` or `waived`.
    effect: str = "warns"
    summary: str = ""
    incident: str = ""


class RuleHardened(Record):
    """A rule that only warned blocks from now on."""

    rule: str
    reason: str


class RuleRelaxed(Record):
    """A hardened rule is back to what the table says."""

    rule: str
    reason: str


class WaiverGranted(Record):
    """Somebody answers for passing a rule, until a day; a few rules can never be waived."""

    rule: str
    reason: str
    until: datetime
    #: The fingerprint of the one objection it is about; "" for the whole rule.
    subject: str = ""
    #: The commit it is about; "" for any.
    commit: str = ""


class WaiverWithdrawn(Record):
    """A waiver holds no longer."""

    rule: str
    subject: str = ""
    reason: str = ""


class SuiteRan(Record):
    """The whole test command ran on a commit, in a checkout of its own."""

    commit: str
    #: Its argument list; for a report of CI that stands for a run, `junit` and the file's name.
    command: tuple[str, ...]
    verdict: Verdict
    summary: str = ""
    seconds: float = 0.0
    evidence: EvidenceHash | None = None


class AuditRan(Record):
    """A tool looked for known weaknesses in dependencies or in the code."""

    #: `pip-audit`, `npm audit`, `osv-scanner`, or the name in a SARIF file.
    tool: str
    #: Unknown when the tool is missing or had no network: nothing was found is then no answer.
    verdict: Verdict
    summary: str = ""
    #: Each finding as `identity severity: package or place, words`, at most a few hundred.
    findings: tuple[str, ...] = ()
    #: Hash of the lock files it was about; "" when it is about code.
    lockfiles: str = ""
    commit: str = ""
    evidence: EvidenceHash | None = None


class SecretFilesAudited(Record):
    """Somebody had git asked which secret files it would ignore, and which are committed."""

    verdict: Verdict
    summary: str = ""
    #: Each finding as `kind: path: words`, at most a few hundred; never a value.
    findings: tuple[str, ...] = ()
    #: How many of them say that a secret is in the repository.
    severe: int = 0
    #: The commit whose rules counted; "" before the first.
    commit: str = ""


class SecretAuditReminded(Record):
    """Somebody was told, or could not be told, that the audit of secret files is due again."""

    #: The day on which it was due.
    due: datetime
    target: str
    #: Why it was not taken; "" when it was.
    problem: str = ""


class ShipRecorded(Record):
    """The decision to ship a commit, with the answer of each rule."""

    commit: str
    version: str
    verdict: Verdict
    answers: tuple[RuleAnswer, ...] = ()
    #: Rules that were passed by a waiver.
    waived: tuple[str, ...] = ()
    evidence: EvidenceHash | None = None


class ShipAbandoned(Record):
    """What was committed to ship is given up, so that the service may leave the gear SHIP."""

    reason: str
