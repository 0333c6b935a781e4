"""andon flags enable: turn a killed flag on again, mended, tested in both states, in watched stages."""

from __future__ import annotations

from shlex import quote

from andon.cli.flags_told import act_for_programs, progress, show_end
from andon.cli.output import print_json, wants_json
from andon.cli.rollout_followed import follow_rollout
from andon.cli.rollout_words import percent, span
from andon.cli.terminal import confirm, next_line, one_line
from andon.desk.flags.enable import EVERY, STAGES, EnableWishes, enable, finish_enabling, prepare
from andon.desk.flags.ready import FIX, PARTS, ROLLOUT, TESTS
from andon.incident.words import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.flags.enable import Enabled
    from andon.desk.ports import Desk

_CODES = {Outcome.SUCCEEDED: 0, Outcome.FAILED: 1, Outcome.UNKNOWN: 3}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument("key", help="the flag")
    parser.add_argument(
        "--fix", default="", help="the commit, version or finished action item (default: the merged hotfix)"
    )
    parser.add_argument(
        "--stages", nargs="+", type=percent, default=list(STAGES), metavar="PERCENT", help="5%% 25%% 100%%"
    )
    parser.add_argument("--every", type=span, default=EVERY, metavar="TIME", help="how long each stage stays")
    parser.add_argument(
        "--variant", default="", help="what is spread; default: the flag's variant that is on"
    )
    parser.add_argument(
        "--without", action="append", choices=PARTS, default=[], help="leave a part out; asks for --reason"
    )
    parser.add_argument("--at-once", action="store_true", help="the same as --without rollout")
    parser.add_argument("--reason", "-r", default="", help="why something is left out, or why now")
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask")
    parser.add_argument("--detach", action="store_true", help="do not follow the rollout")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Check what must be there, record it, and begin the rollout that takes the kill away."""
    without = tuple(dict.fromkeys([*arguments.without, *([ROLLOUT] if arguments.at_once else [])]))
    wishes = EnableWishes(
        fix=arguments.fix,
        without=without,
        reason=arguments.reason,
        stages=tuple(arguments.stages),
        every=arguments.every,
        variant=arguments.variant,
    )
    first = "everybody at once" if ROLLOUT in without else f"{arguments.stages[0]:g} % first"
    ready = prepare(desk, arguments.key, wishes)  # what is missing is told before anybody is asked
    confirm(f"turn {arguments.key} on again, for {first}?", yes=arguments.yes)
    done = enable(desk, arguments.key, wishes, progress(arguments), ready=ready)
    if done.rollout is None:
        return _at_once(arguments, done)
    if not wants_json(arguments):
        _show(done)
    if arguments.detach:
        desk.start_worker()
        if wants_json(arguments):
            print_json({**act_for_programs(done.act), "rollout": done.rollout.id})
        else:
            next_line(
                "a worker carries it out; follow it",
                f"andon flags rollout {quote(done.act.planned.flag)} --follow",
            )
        return 0
    code = follow_rollout(desk, arguments, done.rollout)
    finish_enabling(desk, arguments.key)
    return code


def _show(done: Enabled) -> None:
    planned = done.act.planned
    print(f"  {FIX:<8} {one_line(planned.fix) or 'left out'}")
    print(f"  {TESTS:<8} {f'both states passed at {done.tested_at[:10]}' if done.tested_at else 'left out'}")
    if done.rollout is not None:
        stages = ", ".join(f"{p:g} %" for p in done.rollout.planned.stages)
        print(f"  {ROLLOUT:<8} {stages}; the first takes {one_line(planned.undoes)} away")
    if planned.skipped:
        where = f"tracked in {planned.incident}" if planned.incident else "on record"
        print(f"  left out {', '.join(planned.skipped)}: {one_line(planned.reason)} ({where})")
    print(f"  undo     {one_line(planned.undo)}")


def _at_once(arguments: argparse.Namespace, done: Enabled) -> int:
    code = _CODES[done.act.ended.outcome] if done.act.ended is not None else 3
    if wants_json(arguments):
        print_json({**act_for_programs(done.act), "rollout": None})
        return code
    _show(done)
    show_end(done.act)
    next_line("watch it; if it breaks again", done.act.planned.undo)
    return code
