"""What now: the one thing the protocol asks for next, and the command for it."""

from __future__ import annotations

from andon.incident.checklist import Standing, open_lines
from andon.incident.hotfix_state import last_check, unmerged_in_words
from andon.incident.production_checks import verification_is_current
from andon.incident.proof import is_only_a_leak, recovery
from andon.incident.shortcut_words import is_justified
from andon.incident.timeline import culprit_in_words
from andon.incident.words import Choice, Outcome, Status, Verdict, counted
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.hotfix_events import HotfixChecked
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
        case _ if state.pending_approval is not None:
            return NextStep(
                text=f"the {state.pending_approval.purpose} is approved and not over: see it to its end",
                command="andon hotfix ship --resume"
                if state.pending_approval.purpose == "hotfix"
                else "andon rollback --resume",
            )
        case _ if state.operations and state.operations[-1].outcome in (None, Outcome.UNKNOWN):
            return NextStep(
                text="find out how the interrupted deployment ended", command="andon rollback --resume"
            )
        case Status.DECLARED if state.leak is not None:
            text, command = _leak_step(state)
            if not text:
                return NextStep(text="somebody must own it", command="andon ack")
            return NextStep(text=f"somebody must own it; {text}", command=f"andon ack; {command}")
        case Status.DECLARED:
            return NextStep(text="somebody must own it", command="andon ack")
        case _ if (leak := _in_leak(state)) is not None:
            return leak
        case Status.ACKNOWLEDGED:
            return _in_response(state)
        case _ if _verified(state) is Verdict.FAILED:
            return NextStep(
                text="the last verification failed: it is not over", command='andon reopen --reason "..."'
            )
        case Status.MITIGATED if not recovery(state):
            return _prove(state, "production was changed since; prove again that the failure is gone")
        case Status.MITIGATED:
            return _cause(state)
        case Status.RESOLVED:
            return _after_resolution(state)


def _leak_step(state: Incident) -> tuple[str, str]:
    from andon.incident.leak_steps import leak_step  # most incidents are none

    return leak_step(state, state.leak) if state.leak is not None else ("", "")


def _in_leak(state: Incident) -> NextStep | None:
    """Return the step that a leak asks for now; None when the incident as a whole asks for something else.

    Until every secret is settled nothing is more urgent. Then the harm has stopped, which is said; and what
    the history still holds comes before the cause.
    """
    leak = state.leak
    if leak is None:
        return None
    text, command = _leak_step(state)
    if leak.waiting_for_revocation or not leak.credentials:
        return NextStep(text=text, command=command)
    if state.status is Status.ACKNOWLEDGED and (recovery(state) or not is_only_a_leak(state)):
        return None
    if not command or (state.status is not Status.RESOLVED and leak.stage.value == "judge"):
        if state.status is Status.ACKNOWLEDGED:
            by_hand = 'andon sign failure-resolved --reason "why nobody can use it"'
            return NextStep(text="secrets still work, and that was accepted; answer for it", command=by_hand)
        return None
    return NextStep(text=text, command=command)


def _cause(state: Incident) -> NextStep:
    """Ask for the cause: after a rollback it is in the commits that were taken out, and a search finds it."""
    by_hand = 'andon resolve --cause "..."'
    if state.culprit is not None:
        return NextStep(
            text=f"the harm has stopped; {culprit_in_words(state.culprit)} broke it; say why", command=by_hand
        )
    if state.operations and state.operations[-1].purpose == "rollback":
        return NextStep(
            text="the harm has stopped; say what broke and why, or find the commit that did it",
            command=f"{by_hand}; or andon bisect --suspects",
        )
    return NextStep(text="the harm has stopped; say what broke and why", command=by_hand)


def _verified(state: Incident) -> Verdict | None:
    """Return the verdict of the verification since the last act on production; None when there is none."""
    return state.verification.verdict if state.verification and verification_is_current(state) else None


def _prove(state: Incident, text: str) -> NextStep:
    by_hand = '; or andon sign failure-resolved --reason "..."' if _verified(state) is Verdict.UNKNOWN else ""
    return NextStep(text=text, command=f"andon verify{by_hand}")


def _in_response(state: Incident) -> NextStep:
    if recovery(state):
        return NextStep(text="it is proven; say that the harm has stopped", command="andon mitigate")
    if not state.impacts and "impact-confirmed" not in state.signed:
        return NextStep(
            text="confirm that production is hurt",
            command='andon note --impact report "..."; or andon assess',
        )
    failed = _seq(state, "VerificationRan") if _verified(state) is Verdict.FAILED else 0
    if state.assessment is None:
        return NextStep(
            text="find out what broke, when, and which way back is fastest", command="andon assess"
        )
    if _seq(state, "AssessmentMade") < failed:
        return NextStep(text="it is still broken; look again", command="andon assess")
    if state.decision is None or _seq(state, "ResponseDecided") < failed:
        return NextStep(text="choose the response", command=f"andon decide{_or_kill(state)}")
    return _act(state, state.decision.choice)


def _or_kill(state: Incident) -> str:
    """Return the command that decides and carries out a kill switch at once, where one flag covers it all."""
    found = state.assessment
    if found is None or not found.flag or found.flag_off[:3] != ("andon", "flags", "kill"):
        return ""
    from shlex import quote  # a flag's key comes from a file

    return f"; or, at once, andon flags kill {quote(found.flag)}"


def _seq(state: Incident, event: str) -> int:
    return state.marks[event].seq if event in state.marks else 0


def _act(state: Incident, choice: Choice) -> NextStep:
    last = state.operations[-1] if state.operations else None
    decided = _seq(state, "ResponseDecided")
    acted = last is not None and last.outcome is Outcome.SUCCEEDED and last.seq > decided
    match choice:
        case Choice.ROLLBACK if not acted:
            return NextStep(text="roll back to the last known good version", command="andon rollback")
        case Choice.HOTFIX if not acted:
            return _fix(state)
        case Choice.KILL_SWITCH:
            from andon.incident.flag_checks import kill_step  # most incidents touch no flag

            text, command = kill_step(state)
            if command:
                return NextStep(text=text, command=command)
            if state.flag_acts:
                return _prove(state, "the feature is off; prove that the symptom is gone")
            return _prove(state, "turn the feature off, then prove that the symptom is gone")
        case Choice.WORKAROUND:
            return _prove(state, "work around the dependency, then prove that the symptom is gone")
        case _:
            return _prove(state, "prove that the failure is gone")


def _fix(state: Incident) -> NextStep:
    """The way of a hotfix from the branch to production."""
    last = last_check(state)
    if state.hotfix is None:
        return NextStep(
            text="write the smallest correct fix, on a branch from the release that runs",
            command="andon hotfix start",
        )
    if last is None:
        return NextStep(
            text=f"commit the smallest correct fix on {state.hotfix.branch}; then the guard looks at it",
            command="andon hotfix check",
        )
    if last.verdict is not Verdict.PASSED:
        return NextStep(text=_stopped(state, last), command="andon hotfix check")
    return NextStep(
        text="the guard has passed it: deploy it, in steps that survive this terminal",
        command="andon hotfix ship",
    )


def _stopped(state: Incident, last: HotfixChecked) -> str:
    """Say what the guard waits for: a repair, an answer it could not find, or only to be asked again."""
    stops = [a for a in last.answers if a.effect == "blocks"]
    failed = [a.rule for a in stops if a.verdict is Verdict.FAILED]
    unknown = [a.rule for a in stops if a.verdict is not Verdict.FAILED]
    owed = [o for o in last.objections if o.rule in failed and not is_justified(state, o.rule, o.fingerprint)]
    unmended = [r for r in failed if any(o.rule == r for o in owed) or _has_no_place(last, r)]
    if unmended:
        return f"the guard stops the hotfix ({', '.join(unmended)}): mend it, commit"
    if unknown:
        return f"the guard could not decide ({', '.join(unknown)}): take the way out it names"
    return "what stopped it is justified; ask the guard again"


def _has_no_place(last: HotfixChecked, rule: str) -> bool:
    return all(o.rule != rule for o in last.objections)


def _after_resolution(state: Incident) -> NextStep:
    if unmerged := unmerged_in_words(state):
        return NextStep(text=unmerged, command="andon hotfix finish")
    if state.needs_postmortem and state.published is None:
        if "PostmortemDrafted" not in state.marks:
            if state.tests_had_passed and (state.gap is None or state.gap.ended is None):
                text = "all tests had passed: find the difference that they missed"
                return NextStep(text=text, command="andon gap; or andon postmortem draft")
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
            text=f"{counted(len(left), 'open item')}, first: {line.item.text} ({line.summary})",
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
        **dict.fromkeys(("gap-missed", "gap-why", "gap-tests-improved"), "andon gap prevent"),
    }.get(check, "andon gap" if check.startswith("gap-") else "")
