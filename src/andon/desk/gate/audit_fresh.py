"""Is there a recent audit of what this commit depends on, without anything severe?"""

from __future__ import annotations

from andon.desk.code_facts import code_facts
from andon.response.gates.audits import is_manifest, judge_audits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Hold the newest answer of each tool against the lock files of this commit."""
    desk, commit = context.desk, context.asked.head
    ship = desk.config.ship
    manifests = [path for path in desk.repository.files(commit) if is_manifest(path)]
    return judge_audits(
        context.record.audits,
        tools=ship.audits,
        days=ship.audit_days,
        now=desk.clock.now(),
        commit=commit,
        lockfiles=code_facts(desk, commit).lockfiles,
        manifests=manifests,
        least=getattr(desk.config.gates, "severity", "high"),
    )
