"""What can have happened to a feature flag: killed, given back, rolled out stage by stage.

Acts stand in the incident that they belong to and in the service's own stream; rollouts only in the latter.
"""

from __future__ import annotations

from andon.incident.words import EvidenceHash, Outcome, Verdict
from andon.record import Record

# ---- acts on a flag system


class FlagActPlanned(Record):
    """What will be done to a flag and how it is undone, recorded before the flag system is touched."""

    operation: str
    #: `kill`, `enable`, `rollout`, `undo`.
    purpose: str
    #: The flag system by its kind: `andon`, `file`, `unleash`, `launchdarkly`.
    system: str
    flag: str
    #: The variant that everybody gets by a kill; that a rollout spreads; "" when a flag is given back.
    variant: str
    #: In short, what the flag system said of the flag before, to which the undo returns.
    before: str
    #: The command that takes it back.
    undo: str
    reason: str = ""
    #: What of production the flag switches, as the smoke tests call it; "" when that is not known.
    covers: str = ""
    #: The incident it belongs to; "" outside of one.
    incident: str = ""
    #: Who or what did it, where that is not whoever gave the command: a rollout that kills its flag.
    by: str = ""
    #: The kill that is taken back; "" for a kill.
    undoes: str = ""
    #: What mended the feature before it is enabled again: a commit, a version, an action item; "" for none.
    fix: str = ""
    #: What was left out on purpose before it is enabled again: `fix`, `tests`, `rollout`.
    skipped: tuple[str, ...] = ()


class FlagActEnded(Record):
    """The flag system took it, or did not, and which processes confirmed it."""

    operation: str
    outcome: Outcome
    #: Processes that were connected, and those that said that they have it.
    connected: int = 0
    confirmed: int = 0
    #: The processes that kept silent, by name; some of them where there are many.
    silent: tuple[str, ...] = ()
    #: Milliseconds from the flag system's acceptance to the last confirmation, and whose that was.
    milliseconds: float = 0.0
    slowest: str = ""
    #: False where the flag system cannot say who has it: then nothing is known about the processes.
    can_confirm: bool = True
    detail: str = ""
    evidence: EvidenceHash | None = None


# ---- rollouts


class RolloutPlanned(Record):
    """A flag is to be spread in stages, each watched; its undo is recorded before the first."""

    operation: str
    system: str
    flag: str
    variant: str
    #: Percent of the targeting keys at each stage, rising.
    stages: tuple[float, ...]
    #: Seconds for which a stage stays before the next.
    every: float
    #: Seconds the logs are looked at after a stage has begun, at most; 0 when nothing is watched.
    watch: float
    before: str
    undo: str
    covers: str = ""
    reason: str = ""
    #: The kill that this rollout ends, when it does.
    after_kill: str = ""


class RolloutStageJudged(Record):
    """A stage was looked at: the next one may begin, or the flag is killed."""

    operation: str
    percent: float
    verdict: Verdict
    summary: str
    evidence: EvidenceHash | None = None


class RolloutEnded(Record):
    """The rollout is over."""

    operation: str
    #: `completed`, `killed`, `stopped`.
    how: str
    percent: float
    reason: str = ""
    #: The incident that was declared because of it.
    incident: str = ""
