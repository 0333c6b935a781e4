"""Is there a safe way back from this commit? The migration gate is asked as if it had just been deployed."""

from __future__ import annotations

from andon.desk.gate.running import running_commit
from andon.desk.risks import risks_of_going_back
from andon.desk.way_back import way_back
from andon.errors import AndonError, Refused
from andon.incident.ledger import same_commit, with_next
from andon.record import replace
from andon.response.gates.results import unknown
from andon.response.gates.way_back import RULE, WayBack, judge_way_back

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.deployments import Production
    from andon.desk.gate.context import GateContext
    from andon.desk.ports import Desk
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Choose the release that a rollback would go to, and say what it would need."""
    production = context.production
    if not production.running:
        return unknown(
            RULE,
            "which release runs now is not known, so where a rollback would go is not either",
            'andon deployed VERSION; or, for the very first: andon ship waive rollback-plan --reason "..."',
        )
    return judge_way_back(_way(context.desk, _planned(context), production.running))


def _planned(context: GateContext) -> Production:
    """Return production as it would be with this commit running; as it is, when it runs already."""
    production, commit = context.production, context.asked.head
    running = running_commit(context)
    if running and same_commit(running, commit):
        return production
    name = f"commit {commit[:10]}"
    ledger = with_next(production.ledger, name, commit, context.desk.clock.now())
    return replace(production, ledger=ledger, running=name)


def _way(desk: Desk, production: Production, live: str) -> WayBack:
    good = way_back(desk, production, None)
    if not good.version:
        return WayBack(good=good)
    refusal, doubt, undo = "", "", f"by hand, then: andon deployed {good.version} --rollback"
    if desk.deployer is not None:
        undo = f"andon rollback --to {good.version}"
        if good.version != live:  # what runs now can be deployed: it was
            try:
                desk.deployer.preflight(good.version)
            except Refused as problem:
                refusal = str(problem)
            except AndonError as problem:
                doubt = str(problem)
    looked = risks_of_going_back(desk, production.ledger, good.version, production.running)
    loud = tuple(str(risk) for risk in looked.risks if risk.is_loud)
    return WayBack(good=good, refusal=refusal, doubt=doubt, undo=undo, risks=loud)
