"""May a rollout go on? Smoke tests and logs since a stage began, against what was before the rollout."""

from __future__ import annotations

from andon.incident.words import Verdict
from andon.record import Record
from andon.response.verification import judge_logs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.events import ProbeOutcome
    from andon.response.verification import LogView


class StageSeen(Record):
    """What was seen since a stage began."""

    #: Percent of everybody who has it.
    percent: float
    probes: tuple[ProbeOutcome, ...]
    logs: tuple[LogView, ...]
    #: Smoke tests that passed, and those that failed, before the rollout.
    passing: frozenset[str]
    failing: frozenset[str]
    #: False when the flag system counts who got the variant, and nobody did; None when it does not say.
    was_served: bool | None = None


class StageVerdict(Record):
    """The judgement of a stage."""

    verdict: Verdict
    summary: str
    #: Smoke tests that fail because of it, as far as can be told, and whether one of them is critical.
    broken: tuple[ProbeOutcome, ...] = ()
    #: What the logs show that they did not show before.
    signs: tuple[str, ...] = ()

    @property
    def is_critical(self) -> bool:
        """True when a critical path is broken."""
        return any(probe.critical for probe in self.broken)


def judge_stage(seen: StageSeen) -> StageVerdict:
    """Return the verdict: failed by anything new that is wrong; passed only with enough to say so.

    A smoke test that failed before the rollout says nothing of it. A usual message that is missing is a
    failure while only some have the new variant; at 100 % it may be what the old one used to say: unknown.
    Nobody served, too few messages, nothing that watches: unknown, which never lets a rollout go on.
    """
    broken = tuple(p for p in seen.probes if p.verdict is Verdict.FAILED and p.name in seen.passing)
    signs = tuple(sign for view in seen.logs for sign in view.new_signatures)
    if seen.percent < 100:
        signs += tuple(sign for view in seen.logs for sign in view.vanished)
    if broken or signs:
        told = [f"{p.name} fails and passed before: {p.summary}" for p in broken]
        told += [f"the log shows what it did not before: {sign}" for sign in signs[:3]]
        return StageVerdict(verdict=Verdict.FAILED, summary="; ".join(told), broken=broken, signs=signs)
    doubts = _doubts(seen)
    if doubts:
        return StageVerdict(verdict=Verdict.UNKNOWN, summary="; ".join(doubts))
    return StageVerdict(verdict=Verdict.PASSED, summary=_well(seen))


def _doubts(seen: StageSeen) -> list[str]:
    found = []
    if not seen.probes and not seen.logs:
        return ["nothing watches it: no smoke test and no log is configured"]
    if seen.was_served is False:
        found.append("nobody was served the variant since the stage began, as far as the flag system counts")
    for probe in seen.probes:
        if probe.name in seen.failing or probe.verdict is Verdict.PASSED:
            continue
        before = "" if probe.name in seen.passing else ", and what it did before is not known"
        found.append(f"{probe.name} is {probe.verdict}: {probe.summary}{before}")
    if seen.probes and not any(probe.name in seen.passing for probe in seen.probes):
        found.append("no smoke test passed before, so none can show that something broke")
    if seen.logs:
        verdict, told = judge_logs(seen.logs, can_wait=False)
        if verdict is not Verdict.PASSED:
            found.append(told)
    return found


def _well(seen: StageSeen) -> str:
    good = sum(probe.verdict is Verdict.PASSED for probe in seen.probes)
    told = [f"{good} of {len(seen.probes)} smoke tests pass"] if seen.probes else []
    ignored = sorted(seen.failing.intersection(p.name for p in seen.probes))
    if ignored:
        told.append(f"{', '.join(ignored)} failed before, too, and does not count")
    if seen.logs:
        told.append(judge_logs(seen.logs, can_wait=False)[1])
    return "; ".join(told)
