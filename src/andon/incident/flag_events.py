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
    #: The version of the flags that has it, by which the processes can be asked again; "" when not taken.
    version: str = ""


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
    #: `flag`, or `release` for a version that a deployer spreads by weight; `flag` then names the workload.
    target: str = "flag"
    #: What everybody gets when a stage fails: the flag's safe variant, the version that ran before.
    safe: str = ""
    #: Seconds beyond `watch` for which a stage waits until enough is known of it.
    patience: float = 0.0
    #: Smoke tests that passed, and those that failed already, before the first stage.
    passing: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    #: True for a plan that does nothing until somebody says that it goes on.
    waits: bool = False
    #: Incidents in response in spite of which it was planned, for `reason`.
    despite: tuple[str, ...] = ()


class RolloutStageJudged(Record):
    """A stage was looked at: the next one may begin, the flag is killed, or it is held for a signature."""

    operation: str
    percent: float
    verdict: Verdict
    summary: str
    #: Smoke tests that passed before and fail, whether one is critical, and what is new in the logs.
    broken: tuple[str, ...] = ()
    is_critical: bool = False
    signs: tuple[str, ...] = ()
    evidence: EvidenceHash | None = None


class RolloutResumed(Record):
    """Somebody signed that a rollout goes on which was held, or waited to be approved."""

    operation: str
    #: The stage at which it was held; 0 before the first.
    percent: float
    reason: str
    #: As in the plan, of now; empty when a stage was in force already: the plan's hold.
    passing: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    despite: tuple[str, ...] = ()


class RolloutEnded(Record):
    """The rollout is over."""

    operation: str
    #: `completed`, `killed`, `stopped`, `taken back`; `failed` when it could not be turned off.
    how: str
    percent: float
    reason: str = ""
    #: The incident that was declared because of it.
    incident: str = ""
