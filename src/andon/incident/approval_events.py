"""What can have happened around an act on production: it was approved, and it came to its end."""

from __future__ import annotations

from andon.incident.words import Outcome, Verdict
from andon.record import Record

# ---- approved acts


class OperationApproved(Record):
    """A person wants the planned act carried out; from here on a worker sees to it, whoever may die."""

    operation: str
    #: `rollback` or `undo`.
    purpose: str
    from_version: str
    version: str
    undo: str
    #: True when smoke tests and logs are looked at afterwards.
    verify: bool = True
    #: Seconds the logs are watched at most.
    watch: float = 10.0


class OperationEnded(Record):
    """The approved act is over, with everything that belongs to it; nobody works on it any more."""

    operation: str
    #: How the deployment ended; None when nothing was deployed.
    outcome: Outcome | None
    #: What the verification said; None when there was none.
    verdict: Verdict | None = None
    #: Why it was stopped, or what else is worth knowing.
    reason: str = ""
