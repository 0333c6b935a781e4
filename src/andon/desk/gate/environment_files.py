"""Is no environment or key file committed, and would git ignore one? Only what a commit says counts.

A missing rule or example is a hint, which warns; a file in the repository blocks where the table says so.
"""

from __future__ import annotations

from andon.desk.audit_due import audit_is_due, last_audit
from andon.desk.secret_files import look_at_secret_files
from andon.errors import AndonError
from andon.response.gates.results import Objection, at_most, failed, passed, surest_first, unknown
from andon.response.gates.table import Point
from andon.secrets.ignore_audit import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult

RULE = "environment-files"
#: Objections that are told one by one.
_MOST = 50
_AUDIT = "andon secrets audit"


def check(context: GateContext) -> RuleResult:
    """Object to each secret file of the commit, and hint at what lacks to keep the next one out."""
    found = look_at_secret_files(context.desk, context.asked.head, with_work_tree=False)
    objections = [
        Objection(
            rule=RULE,
            path=finding.path,
            line=finding.line,
            end_line=finding.line,
            text=finding.text,
            snippet=f"{finding.kind} {finding.path or finding.text}",
            is_hint=not finding.is_severe,
        )
        for finding in found.findings
        if finding.kind is not Kind.UNREAD
    ]
    unread = [finding for finding in found.findings if finding.kind is Kind.UNREAD]
    if unread and not found.severe:
        return unknown(RULE, f"{unread[0].path} {unread[0].text}", unread[0].remedy)
    if context.point is Point.SHIP and (told := _age(context)):
        objections.append(Objection(rule=RULE, text=told, snippet="age", is_hint=True))
    if not objections:
        return passed(RULE, found.summary)
    first = surest_first(objections)
    remedy = found.severe[0].remedy if found.severe else _AUDIT
    more = f" and {len(first) - 1} more" if len(first) > 1 else ""
    told = f"{first[0].place} {first[0].text}".strip()
    return failed(RULE, f"{told}{more}", remedy, at_most(_MOST, first))


def _age(context: GateContext) -> str:
    """Return how old the last audit of this machine's files too is, when that is too old; "" otherwise."""
    desk = context.desk
    try:
        last = last_audit(desk)
    except AndonError:
        return ""  # no journal: other rules say so
    if not audit_is_due(desk, last):
        return ""
    return (
        f"the last whole audit is of {last:%Y-%m-%d}: {_AUDIT}"
        if last
        else f"no whole audit is on record: {_AUDIT}"
    )
