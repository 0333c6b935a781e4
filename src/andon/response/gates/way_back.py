"""Whether there is a safe way back from a release that does not run yet."""

from __future__ import annotations

from andon.incident.words import Verdict
from andon.record import Record
from andon.response.gates.results import failed, passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.response.gates.results import RuleResult
    from andon.response.last_known_good import LastKnownGood

RULE = "rollback-plan"
_WAIVE = 'andon ship waive rollback-plan --reason "how we would undo it"'
#: Releases that are named with why nobody would go back to them.
_NAMED = 3


class WayBack(Record):
    """What a rollback from the next release would be."""

    good: LastKnownGood
    #: What the deployer would refuse; "" for nothing.
    refusal: str = ""
    #: The command, or deed, that goes back.
    undo: str = ""
    #: What it would bring along beyond the database, the loudest first.
    risks: tuple[str, ...] = ()
    #: What could not be asked; "" for nothing.
    doubt: str = ""


def judge_way_back(way: WayBack) -> RuleResult:
    """Say whether the safety gate lets the way back be gone. Risks are told; they do not close it."""
    good = way.good
    if not good.version:
        named = "; ".join(good.passed_over[:_NAMED])
        told = f"no release to go back to: {good.reason}" + (f": {named}" if named else "")
        return failed(RULE, told, f"andon verify, while what runs is well; or {_WAIVE}")
    if way.refusal:
        return failed(RULE, f"back to {good.version} the deployer would refuse: {way.refusal}", _WAIVE)
    told = f"back to {good.version}, {good.gate}: {good.gate_reason}"
    if good.gate is Verdict.FAILED:
        return failed(RULE, told, f"split the release so that its migrations go first; or {_WAIVE}")
    if good.gate is Verdict.UNKNOWN:
        return unknown(RULE, told, f"andon migrations; or {_WAIVE}")
    if way.doubt:
        return unknown(RULE, f"{told}; {way.doubt}", "andon doctor")
    risks = f"; it would bring along: {'; '.join(way.risks[:_NAMED])}" if way.risks else ""
    return passed(RULE, f"back to {good.version}: {good.gate_reason}; undo: {way.undo}{risks}")
