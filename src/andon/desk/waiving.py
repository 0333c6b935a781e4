"""Answering for a rule that says no: granting a waiver, withdrawing it, and seeing which there are."""

from __future__ import annotations

from andon.desk.casefile import service_stream
from andon.errors import InvalidInput, NotFound
from andon.incident.events import WaiverGranted, WaiverWithdrawn
from andon.incident.gate_record import fold_gates
from andon.response.gates.waiving import check_subject, refuse_unwaivable, until
from andon.review.lint import complain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.gate_record import Waiver

#: Characters of a reason: what is longer belongs into an issue that it names.
_LONGEST = 500


def grant(desk: Desk, rule: str, reason: str, day: str = "", subject: str = "") -> WaiverGranted:
    """Record that the actor answers for passing a rule, or one objection of it, until a day.

    Raises Refused for a rule that can never be waived, NotFound for one that there is none of, InvalidInput
    for a reason that says nothing and for a day that is past or too far away.
    """
    rule, subject = _meant(rule, subject)
    refuse_unwaivable(rule)
    event = WaiverGranted(
        rule=rule,
        reason=checked_reason(reason, f'andon ship waive {rule} --reason "why it may pass for now"'),
        until=until(day, desk.clock.now()),
        subject=subject,
    )
    appended = desk.append(service_stream(desk), (event,))
    recorded = appended.recorded[0].event  # as it was recorded, without secrets
    return recorded if isinstance(recorded, WaiverGranted) else event


def withdraw(desk: Desk, rule: str, reason: str = "", subject: str = "") -> WaiverWithdrawn:
    """Record that a waiver holds no longer; raises NotFound when there is none."""
    rule, subject = _meant(rule, subject)
    held = [w for w in granted(desk) if (w.granted.rule, w.granted.subject) == (rule, subject)]
    if not any(holds(desk, w) for w in held):
        raise NotFound(
            f"no waiver of {rule[:60]}" + (f" for {subject}" if subject else "") + " holds",
            where=desk.config.service,
            rule="waiver",
            remedy="andon ship waivers",
        )
    event = WaiverWithdrawn(rule=rule, subject=subject, reason=reason.strip()[:_LONGEST])
    desk.append(service_stream(desk), (event,))
    return event


def _meant(rule: str, subject: str) -> tuple[str, str]:
    """Return rule and fingerprint, which may come together as the table shows them: RULE:FINGERPRINT."""
    name, _, fingerprint = rule.strip().lower().partition(":")
    return name, check_subject(subject or fingerprint)


def granted(desk: Desk) -> tuple[Waiver, ...]:
    """Return every waiver that was not withdrawn, oldest first, those that ended too."""
    return fold_gates(desk.history(service_stream(desk))).waivers


def holds(desk: Desk, waiver: Waiver) -> bool:
    """True until its last day is over."""
    return desk.clock.now() < waiver.granted.until


def checked_reason(reason: str, remedy: str) -> str:
    """Return a reason in one line; raises InvalidInput for one that says nothing, or is a whole document."""
    words = " ".join(reason.split())
    why = complain(words)
    if why or len(words) > _LONGEST:
        told = f"too little: {why}" if why else f"too much: more than {_LONGEST} characters"
        raise InvalidInput(f"the reason says {told}", rule="evidence-or-a-name", remedy=remedy)
    return words
