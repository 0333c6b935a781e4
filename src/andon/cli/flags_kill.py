"""andon flags kill: turn a flag off for everybody, say who has it, and whether the symptom is gone."""

from __future__ import annotations

from shlex import quote

from andon.cli.amounts import seconds
from andon.cli.flags_told import act_for_programs, progress, show_end, smoke_tests
from andon.cli.output import finish, print_json, summary, wants_json, whole
from andon.cli.terminal import confirm, is_interactive, next_line, one_line, style
from andon.cli.verify import show_verification
from andon.desk.casefile import load, open_incidents
from andon.desk.flags.deciding import decide_kill
from andon.desk.flags.kill import carry_out, plan_kill, variant_of
from andon.desk.verify import run_verification
from andon.errors import InvalidInput, Refused
from andon.incident.evolve import fold
from andon.incident.flag_state import reached_everybody
from andon.incident.policy import authority
from andon.incident.words import Choice, Outcome, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.flags.kill import Killed
    from andon.desk.ports import Desk
    from andon.incident.events import VerificationRan
    from andon.incident.state import Incident

EPILOG = """\
The plan and its undo are recorded before the flag system is touched. Whatever dies on the way, the same
command finishes the same act. Exit codes: 0 every process confirmed and the symptom is gone, 1 it failed or
the symptom is still there, 3 a process keeps silent or something cannot be known."""

_CODES = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 3}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.epilog = EPILOG
    parser.add_argument("key", nargs="*", default=[], help="the flag")
    parser.add_argument("--variant", default="", help="what everybody gets; default: the flag's safe variant")
    parser.add_argument("--reason", "-r", default="", help="why; needed alone, and to overrule a decision")
    parser.add_argument(
        "--no-incident", action="store_true", help="not part of an incident: the service's own history has it"
    )
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask")
    parser.add_argument("--ask", action="store_true", help="record the plan; the same command carries it out")
    parser.add_argument("--resume", action="store_true", help="finish the kill that somebody began")
    parser.add_argument("--no-verify", action="store_true", help="verify later: andon verify")
    parser.add_argument("--watch", type=seconds, default=10.0, metavar="SECONDS", help="watch logs this long")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Decide where that is needed, plan, kill, wait for the confirmations, verify."""
    key = arguments.key = _one(arguments) or _begun(desk, arguments)
    state = _incident(desk, arguments)
    reason = _reason(desk, arguments, state)
    variant = variant_of(desk, key, arguments.variant)
    if not arguments.ask:
        confirm(f"give everybody {variant or 'the safe variant'} of {key}?", yes=arguments.yes)
    if state is not None and not arguments.ask:
        state = decide_kill(desk, state, key, reason)
    place = state.id if state is not None else ""
    planned = plan_kill(desk, key, arguments.variant, incident=place, reason=reason)
    if not wants_json(arguments):
        _show_plan(planned, state)
    if arguments.ask:
        return _asked(arguments, planned)
    done = carry_out(desk, planned, incident=place, tell_progress=progress(arguments))
    return _told(desk, arguments, done, state)


def _one(arguments: argparse.Namespace) -> str:
    """Return the flag that is named; raises InvalidInput for several: each is an act of its own."""
    keys: list[str] = list(dict.fromkeys(arguments.key))
    if len(keys) > 1:
        each = "; ".join(f"andon flags kill {quote(key)}" for key in keys)
        raise InvalidInput(
            "one flag at a time: each is recorded, confirmed, verified and undone by itself",
            where="andon flags kill",
            rule="which-flag",
            remedy=each,
        )
    return keys[0] if keys else ""


def _begun(desk: Desk, arguments: argparse.Namespace) -> str:
    """Return the flag whose kill is under way; raises InvalidInput when none, or several, could be meant."""
    from andon.desk.flags.acts import read_acts

    begun = [a for a in read_acts(desk).all if not a.is_over and a.planned.purpose == "kill"]
    keys = list(dict.fromkeys(act.planned.flag for act in begun))
    if arguments.resume and len(keys) == 1:
        return keys[0]
    told = f"kills are under way of: {', '.join(keys)}" if keys else "no kill is under way"
    raise InvalidInput(
        told if arguments.resume else f"which flag? {told}",
        where="andon flags kill",
        rule="which-flag",
        remedy="andon flags kill KEY; andon flags list shows them",
    )


def _incident(desk: Desk, arguments: argparse.Namespace) -> Incident | None:
    """Return the incident that the kill belongs to: the named or the only open one; None without one."""
    wanted = getattr(arguments, "incident", None)
    if arguments.no_incident:
        burning = [i for i in open_incidents(desk) if i.severity.is_emergency and i.status.in_response]
        if burning and not arguments.reason.strip():
            raise Refused(
                f"{burning[0].id} is in response; a kill beside it says why it is no part of it",
                where=burning[0].id,
                rule="decide-then-act",
                remedy=f'andon flags kill {quote(arguments.key)} --no-incident --reason "why"',
            )
        return None
    if not wanted and not open_incidents(desk):
        return None
    return load(desk, wanted)


def _reason(desk: Desk, arguments: argparse.Namespace, state: Incident | None) -> str:
    """Return the reason: the given one, or the answer of the person who has to give one."""
    reason = str(arguments.reason)
    is_decided = state is None or (state.decision is not None and state.decision.choice is Choice.KILL_SWITCH)
    if is_decided or arguments.ask:
        return reason
    try:
        authority(desk.people, desk.actor, reason)
    except Refused:
        if not is_interactive() or wants_json(arguments):
            raise
        print("  whoever decides alone or for somebody else writes down why")
        reason = input("why? ").strip()
        authority(desk.people, desk.actor, reason)
    return reason


def _show_plan(planned: Killed, state: Incident | None) -> None:
    act = planned.act
    if planned.remark:
        print(one_line(planned.remark))
    else:
        variant = act.planned.variant or "its safe variant"
        print(style(f"{one_line(act.planned.flag)}: everybody gets {one_line(variant)}", "bold"))
        print(f"  before   {one_line(act.planned.before)}")
        print(f"  undo     {one_line(act.planned.undo)}")
    if state is None:
        print("  no incident is open or meant: the service's own history has it")


def _asked(arguments: argparse.Namespace, planned: Killed) -> int:
    command = f"andon flags kill {quote(planned.act.planned.flag)}"
    if wants_json(arguments):
        print_json({**act_for_programs(planned.act), "next": {"text": "carry it out", "command": command}})
    else:
        next_line("planned, not done; whoever may decide carries it out", command)
    return 0


def _told(desk: Desk, arguments: argparse.Namespace, done: Killed, state: Incident | None) -> int:
    """Say who has it, verify, and return the exit code."""
    ended = done.act.ended
    code = 3
    if ended is not None and ended.outcome is Outcome.FAILED:
        code = 1
    elif ended is not None and ended.outcome is Outcome.SUCCEEDED and reached_everybody(ended):
        code = 0
    if not wants_json(arguments):
        show_end(done.act)
    verification: VerificationRan | None = None
    outside: Verdict | None = None
    is_taken = ended is not None and ended.outcome is Outcome.SUCCEEDED
    if is_taken and not arguments.no_verify and state is not None:
        state = fold(desk.history(state.id))
        verified = run_verification(desk, state, watch=arguments.watch, tell=progress(arguments))
        state, verification = verified.incident, verified.verification
        code = _worse(code, _CODES[verification.verdict])
        if not wants_json(arguments):
            show_verification(verification)
    elif is_taken and not arguments.no_verify:
        outside = smoke_tests(desk, arguments)
        code = _worse(code, _CODES[outside])
    return _ended(desk, arguments, done, state, verification, outside, code)


def _worse(one: int, other: int) -> int:
    """Return the exit code that counts: a failure before what is not known, that before a yes."""
    return 1 if 1 in (one, other) else max(one, other)


def _ended(
    desk: Desk,
    arguments: argparse.Namespace,
    done: Killed,
    state: Incident | None,
    verification: VerificationRan | None,
    outside: Verdict | None,
    code: int,
) -> int:
    if state is not None:
        state = fold(desk.history(state.id))
    if wants_json(arguments):
        now = desk.clock.now()
        print_json(
            {
                **(summary(state, now) if state is not None else {"incident": None}),
                **act_for_programs(done.act),
                "is_new": done.is_new,
                "remark": done.remark or None,
                "verification": whole(verification) if verification else None,
                "smoke_tests": outside.value if outside else None,
            }
        )
    elif state is not None:
        finish(arguments, state, desk.clock.now())
    else:
        next_line(*_next(done, code))
    return code


def _next(done: Killed, code: int) -> tuple[str, str]:
    """Return what comes next outside of an incident, as a sentence and a command."""
    flag, ended = quote(done.act.planned.flag), done.act.ended
    if ended is None or ended.outcome is not Outcome.SUCCEEDED:
        return "once its system answers, the same again", f"andon flags kill {flag}"
    if code == 0:
        return "once it is mended and tested", f"andon flags enable {flag}"
    if ended.can_confirm and not reached_everybody(ended):
        return "see who has it", f"andon flags status {flag}"
    return "see whether it helped; if it hurts, somebody must know", "andon declare"
