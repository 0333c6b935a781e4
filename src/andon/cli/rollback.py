"""andon rollback: plan, confirm, have the last known good version deployed once, follow it to its end."""

from __future__ import annotations

from andon.cli.amounts import seconds
from andon.cli.followed import follow_to_the_end, show_outcome
from andon.cli.output import finish, print_json, summary, wants_json, whole
from andon.cli.terminal import confirm, next_line, one_line, style
from andon.cli.verify import show_verification
from andon.desk.casefile import load
from andon.desk.interrupted import resume
from andon.desk.recording import record
from andon.desk.rollback import approve, approve_undo, pass_gate, plan_rollback, proposed, undoable
from andon.desk.verify import run_verification
from andon.errors import Refused
from andon.incident.commands import PlanRollback
from andon.incident.words import Choice, Outcome, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.interrupted import Resumed
    from andon.desk.ports import Desk
    from andon.incident.events import RollbackPlanned
    from andon.incident.state import Incident

#: Findings of the migration gate that are shown.
_FINDINGS = 5

EPILOG = """\
The plan and its undo are recorded before anything is touched. Once approved, a worker carries it out,
whatever becomes of this terminal: Ctrl-C only stops the telling. Nothing is ever deployed twice behind
your back."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("--to", default="", metavar="VERSION", help="default: the last known good release")
    parser.add_argument("--plan", action="store_true", help="show the plan and do nothing")
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask")
    parser.add_argument("--ask", action="store_true", help="record the plan; somebody else approves it")
    parser.add_argument("--approve", metavar="OPERATION", help="approve the plan that somebody recorded")
    parser.add_argument("--no-verify", action="store_true", help="verify later: andon verify")
    parser.add_argument("--watch", type=seconds, default=10.0, metavar="SECONDS", help="watch logs this long")
    parser.add_argument(
        "--undo", nargs="?", const="", metavar="OPERATION", help="put the version before back"
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="follow what is under way; find out how it ended if nobody knows",
    )
    parser.add_argument(
        "--outcome", choices=["succeeded", "failed"], help="with --resume: you saw how it ended"
    )


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Carry out the form of the command that was asked for."""
    wanted = getattr(arguments, "incident", None)
    if arguments.resume:
        return _resume(desk, arguments, wanted)
    state = load(desk, wanted)
    wishes = {"verify": not arguments.no_verify, "watch": arguments.watch}
    if arguments.undo is not None:
        act = undoable(state, arguments.undo)
        confirm(f"put {act.from_version} back in place of {act.version}?", yes=arguments.yes)
        return _carried_out(desk, arguments, approve_undo(desk, state, arguments.undo, **wishes))
    plan = proposed(state, arguments.approve) if arguments.approve else _planned(desk, arguments, state)
    if arguments.plan:
        return _show_only(arguments, plan)
    if not wants_json(arguments):
        _show(plan)
    pass_gate(desk, state, plan)  # before anybody is asked; it holds again when the act begins
    if arguments.ask:
        state = record(desk, state, PlanRollback(plan=plan))
        return finish(arguments, state, desk.clock.now(), f"to be approved: {_approval_of(plan)}")
    confirm(f"deploy {plan.to_version} to production?", yes=arguments.yes)
    return _carried_out(desk, arguments, approve(desk, state, plan, **wishes))


def _planned(desk: Desk, arguments: argparse.Namespace, state: Incident) -> RollbackPlanned:
    is_decided = state.decision is not None and state.decision.choice is Choice.ROLLBACK
    if not is_decided and not arguments.plan:
        decided = state.decision.choice.value if state.decision else "nothing yet"
        raise Refused(
            f"a rollback is carried out after it is decided; decided is {decided}",
            where=state.id,
            rule="decide-then-act",
            remedy="andon assess; andon decide rollback",
        )
    return plan_rollback(desk, state, arguments.to)


def _approval_of(plan: RollbackPlanned) -> str:
    return f"andon rollback --approve {plan.operation}"


def _show_only(arguments: argparse.Namespace, plan: RollbackPlanned) -> int:
    if wants_json(arguments):
        print_json(whole(plan))
    else:
        _show(plan)
        next_line("carry it out", f"andon rollback --to {plan.to_version}")
    return 0


def _show(plan: RollbackPlanned) -> None:
    print(style(f"plan: {one_line(plan.from_version) or 'unknown'} -> {one_line(plan.to_version)}", "bold"))
    print(f"  why      {one_line(plan.reason)}")
    for step in plan.steps:
        print(f"  step     {one_line(step)}")
    print(f"  schema   {plan.migrations}: {one_line(plan.migrations_reason)}")
    if len(plan.migrations_answers) > 1:
        print(f"           the way back: {one_line(plan.migrations_route)}")
        for answer in plan.migrations_answers:
            print(f"           {one_line(answer)}")
    for finding in plan.migrations_found[:_FINDINGS]:
        print(f"           {one_line(finding)}")
    if len(plan.migrations_found) > _FINDINGS:
        print(f"           and {len(plan.migrations_found) - _FINDINGS} more: andon rollback --plan --json")
    for risk in plan.risks:
        print(f"  risk     {one_line(risk)}")
    print(f"  undo     {plan.undo}")


def _carried_out(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    """Follow what was approved just now to its end."""
    return follow_to_the_end(desk, arguments, state.id, state.approvals[-1], anew=True)


def _resume(desk: Desk, arguments: argparse.Namespace, wanted: str | None) -> int:
    """Follow what is under way; without that, or when a person knows, find out how the last act ended."""
    stated = Outcome(arguments.outcome) if arguments.outcome else None
    state = load(desk, wanted)
    waiting = state.pending_approval
    if waiting is None:
        return _after(desk, arguments, resume(desk, wanted, stated))
    if stated is not None and state.running_operation is not None:
        resume(desk, wanted, stated)
    return follow_to_the_end(desk, arguments, state.id, waiting)


def _after(desk: Desk, arguments: argparse.Namespace, acted: Resumed) -> int:
    """Show how an act ended whose end nobody had seen; verify a success."""
    told = not wants_json(arguments)
    if told:
        show_outcome(acted.outcome, acted.detail)
    state = acted.incident
    code = {Outcome.SUCCEEDED: 0, Outcome.FAILED: 1, Outcome.UNKNOWN: 3}[acted.outcome]
    verification = None
    if acted.outcome is Outcome.SUCCEEDED and not arguments.no_verify:

        def tell(line: str) -> None:
            if told:
                print(style(f"  {one_line(line)}", "dim"), flush=True)

        verified = run_verification(desk, state, watch=arguments.watch, tell=tell)
        state, verification = verified.incident, verified.verification
        code = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 3}[verification.verdict]
        if told:
            show_verification(verification)
    if not told:
        print_json(
            {
                **summary(state, desk.clock.now()),
                "outcome": acted.outcome.value,
                "detail": acted.detail,
                "verification": whole(verification) if verification else None,
            }
        )
        return code
    finish(arguments, state, desk.clock.now())
    return code
