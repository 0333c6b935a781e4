"""What was decided and done about it, how it was verified, and who answers for what was not."""

from __future__ import annotations

from andon.incident.parts import Fact, ProbeOutcome
from andon.incident.words import Authority, Choice, EvidenceHash, Outcome, Verdict
from andon.record import Record

# ---- deciding and acting


class ResponseDecided(Record):
    """Rollback, hotfix, kill switch or workaround, with the rule and the right by which it was chosen."""

    choice: Choice
    rule: str
    #: What the rule table recommended; differs from `choice` when a person overruled it.
    recommended: Choice
    facts: tuple[Fact, ...]
    authority: Authority
    decided_by: str
    reason: str = ""


class RollbackPlanned(Record):
    """What will be done and how it is undone, recorded before anything is touched."""

    operation: str
    from_version: str
    to_version: str
    steps: tuple[str, ...]
    #: The command that puts the present version back.
    undo: str
    #: Verdict of the migration gate over the range, with its reason.
    migrations: Verdict
    migrations_reason: str = ""
    #: The way back as far as the database goes: `code only`, `way down first`, `forward fix` ...
    migrations_route: str = ""
    #: The gate's questions with their answers, as `question: verdict, text`.
    migrations_answers: tuple[str, ...] = ()
    #: What the gate found, as `path:line reason`.
    migrations_found: tuple[str, ...] = ()
    #: Why this version is the last known good.
    reason: str = ""
    #: Everything that was looked at and is worth knowing.
    risks: tuple[str, ...] = ()


class MigrationsTried(Record):
    """The migrations between two releases were run up, down and up again on a disposable copy."""

    #: The release that ran, and the one that a rollback would go back to.
    from_version: str
    to_version: str
    verdict: Verdict
    summary: str
    migrations: tuple[str, ...] = ()
    #: What differs after the way down, as far as it is listed.
    differences: tuple[str, ...] = ()
    seconds: float = 0.0
    evidence: EvidenceHash | None = None


class DeployStarted(Record):
    """An act on production began; exactly one start per operation."""

    operation: str
    #: `rollback`, `hotfix`, `undo`.
    purpose: str
    from_version: str
    version: str
    undo: str
    #: Whose operations directory holds what the deployment leaves behind; "" when a person deployed by hand.
    host: str = ""


class DeployFinished(Record):
    """The act ended, or nobody saw its end."""

    operation: str
    outcome: Outcome
    #: Version that runs now according to the deployer; "" when it cannot say.
    running_version: str = ""
    detail: str = ""
    #: Seconds the act took, on a clock that does not jump.
    seconds: float = 0.0
    evidence: EvidenceHash | None = None


class VerificationRan(Record):
    """Smoke tests and logs after a change."""

    #: The operation that is verified; "" for a verification on its own.
    operation: str
    verdict: Verdict
    probes: tuple[ProbeOutcome, ...]
    #: Did the tests that had failed pass now?
    failure_gone: Verdict
    #: Are the critical paths that had worked still working?
    critical_paths: Verdict
    #: Are the logs free of new errors?
    logs: Verdict
    logs_summary: str = ""
    summary: str = ""
    evidence: EvidenceHash | None = None


class ItemChecked(Record):
    """A machine check that had to look at the world gave its verdict on an item."""

    check: str
    verdict: Verdict
    summary: str
    evidence: EvidenceHash | None = None


class ItemSigned(Record):
    """A person vouches for an item."""

    item: str
    reason: str


class ShortcutTaken(Record):
    """An item was skipped; the follow-up is opened by the same command."""

    item: str
    reason: str
    #: Id of the action item that pays it back.
    action: str
    #: True when the protocol allows this shortcut during HOTFIX.
    pre_justified: bool
