"""Deciding on a hotfix: begun from what runs, tried, checked, planned, brought back to the main line."""

from __future__ import annotations

from andon.errors import Refused
from andon.incident import commands as c
from andon.incident.hotfix_state import last_check
from andon.incident.words import Choice, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias, assert_never

    from andon.incident import events as e
    from andon.incident.state import Incident

    HotfixCommand: TypeAlias = (
        c.StartHotfix | c.RecordHotfixTest | c.CheckHotfix | c.PlanHotfix | c.MergeHotfix
    )
else:

    def assert_never(value):
        raise AssertionError(f"unhandled command {value!r}")


def decide_hotfix(state: Incident, command: HotfixCommand) -> tuple[e.Event, ...]:
    """Return the event of a command about a hotfix; raises Refused."""
    match command:
        case c.StartHotfix():
            refuse_without_hotfix_decision(state)
            return (command.started,)
        case c.RecordHotfixTest():
            started(state)
            return (command.tested,)
        case c.CheckHotfix():
            started(state)
            return (command.checked,)
        case c.PlanHotfix():
            refuse_without_hotfix_decision(state)
            refuse_unchecked(state, command.plan.commit)
            return (command.plan,)
        case c.MergeHotfix():
            begun(state)
            return (command.merged,)
        case _:
            assert_never(command)


def started(state: Incident) -> e.HotfixStarted:
    """Return the hotfix that is under way; raises Refused without one."""
    if state.hotfix is None:
        raise Refused(
            "no hotfix was started", where=state.id, rule="hotfix-branch", remedy="andon hotfix start"
        )
    return state.hotfix


def begun(state: Incident) -> e.HotfixStarted:
    """Return the hotfix with which what production has over the main line begins; raises Refused for none.

    An earlier one than `started` where that was made from it, and where the incident was reopened since.
    """
    return state.hotfix_owed or started(state)


def refuse_without_hotfix_decision(state: Incident) -> None:
    """Raise Refused unless a P0 or P1 is in response, and a hotfix is what was decided."""
    if not state.severity.is_emergency or not state.status.in_response:
        raise Refused(
            f"{state.id} is {state.severity} and {state.status}: a hotfix is for a P0 or P1 in response; "
            "anything else is fixed on the main line, with all its gates",
            where=state.id,
            rule="hotfix-needs-emergency",
            remedy=f'when it is worse than that: andon severity P1 --incident {state.id} --reason "why"',
        )
    if state.decision is None or state.decision.choice is not Choice.HOTFIX:
        decided = state.decision.choice.value if state.decision else "nothing yet"
        before = "" if state.assessment else "andon assess; "
        raise Refused(
            f"a hotfix begins after it is decided; decided is {decided}",
            where=state.id,
            rule="decide-then-act",
            remedy=f"{before}andon decide hotfix",
        )


def refuse_unchecked(state: Incident, commit: str) -> None:
    """Raise Refused unless the guard has passed exactly this commit of this hotfix, and said so last."""
    known = last_check(state, commit)
    if known is None or known.base_commit != started(state).base_commit:
        said = "the guard has not looked at it"
    elif known.verdict is Verdict.PASSED:
        return
    else:
        stopped = ", ".join(a.rule for a in known.answers if a.effect == "blocks")
        said = f"the guard says {known.verdict}: {stopped}"
    raise Refused(
        f"hotfix {commit[:10]} does not go out: {said}",
        where=state.id,
        rule="hotfix-guard",
        remedy="andon hotfix check",
    )


def refuse_unplanned(state: Incident, operation: str) -> None:
    """Raise Refused unless the operation is the newest plan of a hotfix, and the guard still passes it."""
    plan = state.hotfix_plan
    if plan is None or plan.operation != operation:
        raise Refused(
            "no hotfix is deployed without a recorded plan and its way back",
            where=state.id,
            rule="plan-before-act",
            remedy="andon hotfix ship",
        )
    refuse_unchecked(state, plan.commit)
