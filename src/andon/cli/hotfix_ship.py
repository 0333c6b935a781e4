"""andon hotfix ship: the guard again, the plan with its way back, a person's yes, and the way to its end."""

from __future__ import annotations

from andon.cli.followed import follow_to_the_end
from andon.cli.hotfix_check import CODES, plain, show_guard, telling
from andon.cli.output import finish, print_json, summary, wants_json, whole
from andon.cli.terminal import confirm, next_line, one_line, style
from andon.desk.casefile import load
from andon.desk.hotfix_check import check_hotfix
from andon.desk.hotfix_ship import approve_hotfix, plan_hotfix, proposed_hotfix
from andon.desk.recording import record
from andon.errors import Refused
from andon.incident.commands import PlanHotfix
from andon.incident.hotfixing import refuse_without_hotfix_decision
from andon.incident.next_step import next_step
from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.hotfix_check import Guarded
    from andon.desk.ports import Desk
    from andon.incident.events import HotfixPlanned
    from andon.incident.state import Approval, Incident


def run_ship(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    """Carry out the form of the command that was asked for; follow what is approved already."""
    waiting = state.pending_approval
    if waiting is not None and waiting.purpose == "hotfix":
        return _followed(desk, arguments, state, waiting)
    if arguments.resume:
        raise Refused(
            "no hotfix is on its way out",
            where=state.id,
            rule="resume",
            remedy="andon status; for an act whose end nobody saw: andon rollback --resume",
        )
    refuse_without_hotfix_decision(state)
    if arguments.approve:
        plan = proposed_hotfix(desk, state, arguments.approve)
    else:
        guarded = check_hotfix(desk, state, telling(told=not wants_json(arguments)))
        state = guarded.incident
        if guarded.judgement.verdict is not Verdict.PASSED:
            return _stopped(desk, arguments, guarded)
        if not wants_json(arguments):
            print(f"the guard has passed {guarded.commit[:10]}, {one_line(guarded.hotfix.branch)}")
        tell = telling(told=not wants_json(arguments))
        plan = plan_hotfix(desk, state, arguments.version, tell, only_show=arguments.plan)
        state = load(desk, state.id)
    if arguments.plan:
        return _show_only(arguments, plan)
    if not wants_json(arguments):
        _show(plan)
    if arguments.ask:
        state = record(desk, state, PlanHotfix(plan=plan))
        told = f"to be approved: andon hotfix ship --approve {plan.operation}"
        return finish(arguments, state, desk.clock.now(), told)
    confirm(f"deploy {plan.to_version} to production?", yes=arguments.yes)
    wishes = {"verify": not arguments.no_verify, "watch": arguments.watch}
    state = approve_hotfix(desk, state, plan, **wishes)
    return _followed(desk, arguments, state, state.approvals[-1], anew=True)


def _stopped(desk: Desk, arguments: argparse.Namespace, guarded: Guarded) -> int:
    verdict = guarded.judgement.verdict
    if wants_json(arguments):
        print_json({**summary(guarded.incident, desk.clock.now()), **plain(guarded)})
        return CODES[verdict]
    show_guard(guarded)
    print(style("stopped", "bold", "red") + "  nothing was built or deployed")
    step = next_step(guarded.incident)
    next_line(step.text, step.command)
    return CODES[verdict]


def _show_only(arguments: argparse.Namespace, plan: HotfixPlanned) -> int:
    if wants_json(arguments):
        print_json(whole(plan))
    else:
        _show(plan)
        next_line("carry it out", f"andon hotfix ship {one_line(plan.to_version)}")
    return 0


def _show(plan: HotfixPlanned) -> None:
    print(style(f"plan: {one_line(plan.from_version)} -> {one_line(plan.to_version)}", "bold"))
    print(f"  commit   {plan.commit}, which the guard has passed")
    for step in plan.steps:
        print(f"  step     {one_line(step)}")
    for migration in plan.migrations:
        print(f"  schema   it brings a migration: {one_line(migration)}")
    for risk in plan.risks:
        print(f"  risk     {one_line(risk)}")
    print(f"  undo     {one_line(plan.undo)}")


def _followed(
    desk: Desk, arguments: argparse.Namespace, state: Incident, approval: Approval, *, anew: bool = False
) -> int:
    """Follow what was approved to its end; say the way back when it did not cure anything."""
    code = follow_to_the_end(desk, arguments, state.id, approval, anew=anew)
    state = load(desk, state.id)
    last = state.verification
    failed = last is not None and last.operation == approval.operation and last.verdict is Verdict.FAILED
    if failed and not wants_json(arguments):
        back = approval.from_version or "VERSION"
        next_line(
            "it did not cure it; look again, or go back",
            f"andon assess; or andon decide rollback; andon rollback --to {back}",
        )
    return code
