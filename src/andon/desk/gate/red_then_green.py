"""Is it shown that the hotfix cures the failure, or by which smoke test will it be seen?"""

from __future__ import annotations

import shlex

from andon.desk.hotfix_test import tested
from andon.desk.verify import failing_signs
from andon.incident.proof import signature
from andon.incident.shortcut_words import is_relaxed
from andon.response.gates.results import unknown
from andon.response.guard.proof import RULE, Proof, RedGreen, red_then_green

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.incident.state import Incident
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Hold what failed on record against the test that ran, the smoke tests there are, and who looked."""
    incident = context.incident
    if incident is None or incident.hotfix is None:
        return unknown(RULE, "no hotfix was started", "andon hotfix start")
    ran = tested(incident, context.asked.base, context.asked.head)
    findings = incident.assessment.broken if incident.assessment else ()
    config = context.desk.config
    proof = Proof(
        failed_probes=tuple(sorted(failing_signs(incident))),
        critical_probes=tuple(p.name for p in config.smoke if p.critical),
        signatures=tuple(f.sign for f in findings if f.source == "log" and f.sign),
        test=None
        if ran is None
        else RedGreen(
            command=shlex.join(ran.command),
            before=ran.before,
            after=ran.after,
            before_ending=ran.summary.partition(", with it ")[0].removeprefix("without the fix "),
            after_ending=ran.summary.partition(", with it ")[2].partition(": ")[0],
            doubt=ran.doubt,
        ),
        seen_by_hand=_seen(incident),
        is_relaxed=is_relaxed(incident),
    )
    return red_then_green(proof)


def _seen(incident: Incident) -> str:
    """Return who signed what they saw since the hotfix began, "" for nobody."""
    signed = signature(incident, "failure-resolved")
    begun = incident.marks.get("HotfixStarted")
    if signed is None or begun is None or signed.mark.seq < begun.seq:
        return ""
    return f"{signed.mark.actor}: {signed.reason}"
