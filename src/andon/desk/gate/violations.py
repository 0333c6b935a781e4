"""Recording that a rule of a gate said no: once for the same thing, and never at the cost of a hook."""

from __future__ import annotations

from andon.errors import AndonError
from andon.incident.digest import digest
from andon.incident.words import CommandId, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.judge import GateRow, Judgement

#: Rules that say nothing about what somebody did.
_NOT_COUNTED = ("configuration", "gear-known", "range-known", "readable")

#: Points at which a rule only hints: whose branch it is gets clear where it is pushed.
_HINTS = (("pre-commit", "only-the-hotfix"),)


def note_violations(context: GateContext, judgement: Judgement) -> None:
    """Record every rule that said no, in the service's stream; what cannot be recorded is let go.

    Hints are no violation. The same objections are one, however often and under whichever commit they come
    back.
    """
    from andon.desk.casefile import service_stream

    desk, stands = context.desk, context.standing
    if stands.problem or not _has_journal(context):
        return
    for row in judgement.rows:
        if row.result.verdict is not Verdict.FAILED or row.result.rule in _NOT_COUNTED:
            continue
        if row.result.is_only_hints or (judgement.point.value, row.result.rule) in _HINTS:
            continue  # nobody has broken a rule by a helper, or by what only warns before a commit
        from andon.incident.gate_events import RuleViolated

        subject = subject_of(row, context)
        event = RuleViolated(
            rule=row.result.rule,
            point=judgement.point.value,
            gear=judgement.gear.value,
            subject=subject,
            effect=row.effect.value,
            summary=row.result.evidence[:200],
            incident=stands.incident_id,
        )
        words = "\0".join((event.rule, event.point, subject))
        command = CommandId(f"violation-{digest(words.encode('utf-8', 'backslashreplace'))[:24]}")
        try:
            if desk.journal.recall(command) is None:
                desk.append(service_stream(desk), (event,), command=command)
        except AndonError:
            return  # a journal that cannot be written: the gate has spoken all the same


def _has_journal(context: GateContext) -> bool:
    """False where nothing was ever recorded: a gate makes no journal."""
    try:
        return bool(context.desk.journal.heads())
    except AndonError:
        return False


def subject_of(row: GateRow, context: GateContext) -> str:
    """Return what a violation is about: the one place, the places together, else the commit or the index."""
    marks = sorted({objection.fingerprint for objection in row.result.objections})
    if len(marks) == 1:
        return f"objection {marks[0]}"
    if marks:
        return f"objections {digest(' '.join(marks).encode())[:12]}"
    return context.asked.head or f"on {context.asked.branch or 'no branch'}"
