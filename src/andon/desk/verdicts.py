"""Verdicts on releases that a verification gives: what passed is good, what was taken out for it is bad."""

from __future__ import annotations

from andon.desk.deployments import block_release, judge, survey
from andon.desk.way_back import lineage
from andon.incident.words import CommandId, Outcome, ReleaseVerdict, Verdict
from andon.response.bad_ranges import bad_ranges, in_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.ledger import Ledger, Release
    from andon.incident.state import Incident
    from andon.incident.words import EvidenceHash

#: The smoke test that stands for the copies a deployer is to have ready.
CAPACITY = "capacity"


def judge_running(
    desk: Desk, state: Incident, evidence: EvidenceHash | None, *, under: CommandId | None = None
) -> None:
    """Judge what a passing verification says: the release that runs is good, the one it replaced was not.

    The one it replaced is blocked as well, and it is told when the failure began: whatever ran from then on
    has the fault too. `under`: each verdict is recorded once, under an id made from it.
    """
    last = state.operations[-1] if state.operations else None
    if last is None or last.outcome is not Outcome.SUCCEEDED:
        return
    if any(act.seq > last.seq for act in state.flag_acts):
        return  # what helped was the flag, or both; no release is known to be good or bad by it
    production = survey(desk)
    release = production.ledger.find(production.running)
    is_back = production.running != last.version or last.purpose != "undo"
    if is_back and release is not None and production.ledger.block_on(release.version) is not None:
        return  # it came back by itself; that its fault does not show now is no reason
    if release is not None and release.verdict is not ReleaseVerdict.GOOD:
        reason = f"verified in {state.id}: smoke tests and logs"
        judge(
            desk,
            release.version,
            ReleaseVerdict.GOOD,
            reason,
            incident=state.id,
            evidence=evidence,
            command=_named(under, "good"),
        )
    replaced = production.ledger.find(last.from_version)
    if last.purpose == "undo" or replaced is None or production.running != last.version:
        return
    if replaced.verdict is ReleaseVerdict.BAD:
        return
    made = state.assessment
    reason = f"{state.id}: the failure was gone with {last.version}"
    judge(
        desk,
        replaced.version,
        ReleaseVerdict.BAD,
        reason,
        incident=state.id,
        evidence=evidence,
        broke_at=made.broke_at if made is not None and made.broke_at_is_known else None,
        command=_named(under, "bad"),
    )
    block_release(desk, replaced.version, state.id, reason, command=_named(under, "block"))


def _named(under: CommandId | None, what: str) -> CommandId | None:
    return CommandId(f"{under}/{what}") if under else None


def doubt_running(desk: Desk, state: Incident, *, under: CommandId | None = None) -> None:
    """Take the good verdict from a release with which the failure was still there.

    Not that it is bad: the cause may lie elsewhere. But nobody knows any more, and no way back leads there
    until a verification passes. Copies that are missing are no fault of the release.
    """
    last, seen = state.operations[-1] if state.operations else None, state.verification
    if last is None or last.outcome is not Outcome.SUCCEEDED or last.purpose != "rollback" or seen is None:
        return
    failed = any(p.verdict is Verdict.FAILED and p.critical and p.name != CAPACITY for p in seen.probes)
    if not failed and Verdict.FAILED not in (seen.failure_gone, seen.logs):
        return
    production = survey(desk)
    release = production.ledger.find(last.version)
    if production.running != last.version or release is None or release.verdict is not ReleaseVerdict.GOOD:
        return
    judge(
        desk,
        release.version,
        ReleaseVerdict.UNKNOWN,
        f"{state.id}: the failure was still there with {release.version}",
        incident=state.id,
        evidence=seen.evidence,
        command=_named(under, "doubt"),
    )


def can_be_proven(desk: Desk, ledger: Ledger, release: Release | None) -> bool:
    """True when passing smoke tests outside an incident may call a release good.

    Not one that an incident found bad, nor one with the same fault: smoke tests had not seen that, or it
    would not have gone out.
    """
    if release is None or release.verdict is ReleaseVerdict.BAD:
        return False
    found = in_range(bad_ranges(ledger, lineage(desk, ledger)), release.version)
    return found is None or release.first_deployed_at > found.opened_at
