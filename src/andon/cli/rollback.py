"""andon rollback: plan, confirm, deploy the last known good version once, verify."""

from __future__ import annotations

from andon.cli.amounts import seconds
from andon.cli.output import finish, print_json, summary, wants_json, whole
from andon.cli.terminal import confirm, next_line, one_line, say, style
from andon.cli.verify import show_verification
from andon.desk.casefile import load
from andon.desk.rollback import execute, pass_gate, plan_rollback, resume, undo, undoable
from andon.desk.verify import run_verification
from andon.errors import Refused
from andon.incident.words import Choice, Outcome, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.desk.rollback import Acted
    from andon.incident.events import RollbackPlanned

#: Findings of the migration gate that are shown.
_FINDINGS = 5

EPILOG = """\
The plan and its undo are recorded before anything is touched. Interrupted? andon rollback --resume looks
how it ended; nothing is ever deployed twice behind your back."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("--to", default="", metavar="VERSION", help="default: the last known good release")
    parser.add_argument("--plan", action="store_true", help="show the plan and do nothing")
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask")
    parser.add_argument("--no-verify", action="store_true", help="verify later: andon verify")
    parser.add_argument("--watch", type=seconds, default=10.0, metavar="SECONDS", help="watch logs this long")
    parser.add_argument(
        "--undo", nargs="?", const="", metavar="OPERATION", help="put the version before back"
    )
    parser.add_argument("--resume", action="store_true", help="find out how an interrupted act ended")
    parser.add_argument(
        "--outcome", choices=["succeeded", "failed"], help="with --resume: you saw how it ended"
    )


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Carry out the form of the command that was asked for."""
    wanted = getattr(arguments, "incident", None)
    if arguments.resume:
        stated = Outcome(arguments.outcome) if arguments.outcome else None
        return _after(desk, arguments, resume(desk, wanted, stated))
    state = load(desk, wanted)
    if arguments.undo is not None:
        act = undoable(state, arguments.undo)
        confirm(f"put {act.from_version} back in place of {act.version}?", yes=arguments.yes)
        return _after(desk, arguments, undo(desk, state, arguments.undo))
    if state.decision is None or state.decision.choice is not Choice.ROLLBACK:
        decided = state.decision.choice.value if state.decision else "nothing yet"
        if not arguments.plan:
            raise Refused(
                f"a rollback is carried out after it is decided; decided is {decided}",
                where=state.id,
                rule="decide-then-act",
                remedy="andon assess; andon decide rollback",
            )
    plan = plan_rollback(desk, state, arguments.to)
    if arguments.plan:
        return _show_only(arguments, plan)
    if not wants_json(arguments):
        _show(plan)
    pass_gate(desk, state, plan)  # before anybody is asked; it holds again when the act begins
    confirm(f"deploy {plan.to_version} to production?", yes=arguments.yes)
    if not wants_json(arguments):
        print(
            style(f"deploying {one_line(plan.to_version)} (operation {plan.operation}) ...", "dim"),
            flush=True,
        )
    return _after(desk, arguments, execute(desk, state, plan))


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


def _after(desk: Desk, arguments: argparse.Namespace, acted: Acted) -> int:
    """Show how the act ended; verify a success."""
    told = not wants_json(arguments)
    if told:
        colour = "green" if acted.outcome is Outcome.SUCCEEDED else "red"
        print(style(f"{acted.outcome}", "bold", colour) + f"  {one_line(acted.detail)}")
        if acted.outcome is not Outcome.SUCCEEDED and acted.output:
            say("\n".join(acted.output.splitlines()[-15:]))
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
