"""andon flags rollout: give a flag's variant to more and more of everybody, killed when it breaks."""

from __future__ import annotations

from andon.cli.output import print_json, wants_json
from andon.cli.rollout_followed import code_of, follow_rollout, plain, show_rollout
from andon.cli.rollout_words import declare_words, refuse_mixed
from andon.cli.terminal import confirm, one_line, style
from andon.desk.flags.rollout import (
    Wishes,
    plan_rollout,
    resume_rollout,
    risks,
    start_rollout,
    stop_rollout,
    take_back_rollout,
)
from andon.desk.flags.rollouts import newest_of
from andon.desk.flags.system import flag_system_of
from andon.incident.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.incident.events import RolloutPlanned
    from andon.incident.rollout_state import Rollout

#: Seconds that a stage stays when nobody says.
EVERY = 600.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument("key", help="the flag")
    declare_words(parser)
    parser.add_argument("--variant", default="", help="what is spread (default: the one that is on)")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Begin a rollout, or show or steer the one that there is."""
    refuse_mixed(arguments)
    key = arguments.key
    if arguments.stages:
        return _begin(desk, arguments)
    rollout = newest_of(desk, key)
    if arguments.stop:
        return told(desk, arguments, stop_rollout(desk, rollout, arguments.reason))
    if arguments.back:
        confirm(f"take the rollout of {key} back, from {rollout.percent:g} %?", yes=arguments.yes)
        return told(desk, arguments, take_back_rollout(desk, rollout, arguments.reason))
    if arguments.resume:
        rollout = resume_rollout(desk, rollout, arguments.reason)
        return carried_on(desk, arguments, rollout)
    if arguments.follow:
        return follow_rollout(desk, arguments, rollout)
    told(desk, arguments, rollout)
    return 0


def _begin(desk: Desk, arguments: argparse.Namespace) -> int:
    wishes = wishes_of(arguments)
    plan = plan_rollout(desk, arguments.key, wishes)
    if not wants_json(arguments):
        seen = flag_system_of(desk).find(arguments.key)
        show_plan(plan, risks(desk, plan, seen))
    if not arguments.ask:
        confirm(f"give {plan.variant} to {plan.stages[0]:g} % of everybody?", yes=arguments.yes)
    rollout = start_rollout(desk, plan)
    if arguments.ask:
        told(desk, arguments, rollout)
        return 0
    return carried_on(desk, arguments, rollout)


def wishes_of(arguments: argparse.Namespace) -> Wishes:
    """Return what the words of a rollout ask for."""
    return Wishes(
        stages=tuple(arguments.stages),
        every=EVERY if arguments.every is None else arguments.every,
        watch=0.0 if arguments.no_watch else arguments.watch,
        patience=arguments.patience,
        variant=getattr(arguments, "variant", ""),
        reason=arguments.reason,
        waits=arguments.ask,
    )


def carried_on(desk: Desk, arguments: argparse.Namespace, rollout: Rollout) -> int:
    """Follow a rollout that a worker now takes up, or have one started and leave."""
    if not arguments.detach:
        return follow_rollout(desk, arguments, rollout)
    told(desk, arguments, rollout, has_worker=bool(desk.start_worker()))
    return 0


def told(desk: Desk, arguments: argparse.Namespace, rollout: Rollout, *, has_worker: bool = False) -> int:
    """Print where a rollout stands, and return the exit code that says it.

    `has_worker`: True when one was started just now, which may not have begun.
    """
    if wants_json(arguments):
        print_json(plain(desk, rollout, has_worker=has_worker))
    else:
        show_rollout(desk, rollout, has_worker=has_worker)
    return code_of(rollout)


def show_plan(plan: RolloutPlanned, found: tuple[str, ...]) -> None:
    """Print what will be done, how it is watched and undone, and what speaks against it."""
    stages = ", ".join(f"{p:g} %" for p in plan.stages)
    print(style(f"plan: {one_line(plan.flag)}: {one_line(plan.variant)} for {stages}", "bold"))
    print(f"  now      {one_line(plan.before)}")
    print(f"  pace     each stage stays {_spoken(plan.every)}; the last one is watched as well")
    if plan.watch:
        some = len(plan.passing)
        tests = f"{counted(some, 'smoke test')} {'passes' if some == 1 else 'pass'} now; " if some else ""
        print(
            f"  watch    {tests}each stage for {_spoken(plan.watch)}, and up to {_spoken(plan.patience)} more"
        )
        print(f"  failing  {one_line(plan.safe)} for everybody at once, and an incident")
    for risk in found:
        print(f"  risk     {one_line(risk)}")
    print(f"  undo     {one_line(plan.undo)}")


def _spoken(seconds: float) -> str:
    from andon.incident.timeline import spoken

    return spoken(seconds)
