"""What now: the one thing the protocol asks for next, and the command for it."""

from __future__ import annotations

from andon.incident.checklist import Standing, open_lines
from andon.incident.checks import verification_is_current
from andon.incident.words import Choice, Outcome, Status, Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.state import Incident


class NextStep(Record):
    """A sentence and the command that does it; no command when nothing is left to do."""

    text: str
    command: str = ""


def next_step(state: Incident) -> NextStep:
    """Return the next step of the protocol for this incident."""
    match state.status:
        case Status.CLOSED:
            return NextStep(text="closed; nothing left to do")
        case Status.RESOLVED:
            return _after_resolution(state)
        case Status.MITIGATED:
            return NextStep(
                text="the harm has stopped; say what broke and why", command='andon resolve --cause "..."'
            )
        case Status.DECLARED:
            return NextStep(text="somebody must own it", command="andon ack")
        case _:
            return _in_response(state)


def _in_response(state: Incident) -> NextStep:
    running = state.running_operation
    if running is not None or (state.operations and state.operations[-1].outcome is Outcome.UNKNOWN):
        return NextStep(
            text="find out how the interrupted deployment ended", command="andon rollback --resume"
        )
    if not state.impacts and "impact-confirmed" not in state.signed:
        return NextStep(
            text="confirm that production is hurt",
            command='andon note --impact report "..."; or andon assess'
        )
    if state.decision is None:
        if state.assessment is None:
            return NextStep(
                text="find out what broke, when, and which way back is fastest", command="andon assess"
            )
        return NextStep(text="choose the response", command="andon decide")
    if verification_is_current(state) and state.verification is not None:
        if state.verification.verdict is Verdict.PASSED:
            return NextStep(text="verified; say that the harm has stopped", command="andon mitigate")
        if state.verification.verdict is Verdict.FAILED:
            return NextStep(text="it is still broken; look again", command="andon assess")
    return _act(state, state.decision.choice)


def _act(state: Incident, choice: Choice) -> NextStep:
    acted = bool(state.operations) and state.operations[-1].outcome is Outcome.SUCCEEDED
    match choice:
        case Choice.ROLLBACK if not acted:
            return NextStep(text="roll back to the last known good version", command="andon rollback")
        case Choice.HOTFIX if not acted:
            return NextStep(
                text="write the smallest correct fix, deploy it, and record it",
                command="andon deployed VERSION --hotfix",
            )
        case Choice.KILL_SWITCH:
            return NextStep(
                text="turn the feature off, then prove that the symptom is gone", command="andon verify"
            )
        case Choice.WORKAROUND:
            return NextStep(
                text="work around the dependency, then prove that the symptom is gone", command="andon verify"
            )
        case _:
            return NextStep(text="prove that the failure is gone", command="andon verify")


def _after_resolution(state: Incident) -> NextStep:
    if state.needs_postmortem and state.published is None:
        if "PostmortemDrafted" not in state.marks:
            return NextStep(text="draft the postmortem from the events", command="andon postmortem draft")
        return NextStep(
            text="complete and publish the postmortem",
            command="andon postmortem edit; andon postmortem publish",
        )
    left = open_lines(state) if state.needs_postmortem else ()
    if left:
        line = left[0]
        verb = "skip" if line.standing is Standing.FAILED else "sign"
        return NextStep(
            text=f"{len(left)} items are open; next: {line.item.text} ({line.summary})",
            command=_command_for(line.item.check) or f'andon {verb} {line.item.key} --reason "..."',
        )
    if not state.logged_in:
        return NextStep(text="append the incident to the team's log", command="andon log export")
    return NextStep(text="everything is settled; close it", command="andon close")


def _command_for(check: str) -> str:
    return {
        "regressions-updated": "andon regressions add",
        "follow-ups-created": 'andon actions add "..."',
        "test-added": "andon actions",
        "monitoring-added": "andon actions",
    }.get(check, "")
