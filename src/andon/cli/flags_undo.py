"""andon flags undo: take a kill back exactly, for a reason."""

from __future__ import annotations

from shlex import quote

from andon.cli.flags_told import act_for_programs, progress, show_end
from andon.cli.output import print_json, wants_json
from andon.cli.terminal import confirm, next_line
from andon.desk.flags.acts import read_acts
from andon.desk.flags.undo import plan_undo, take_away, undoable
from andon.incident.words import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk

_CODES = {Outcome.SUCCEEDED: 0, Outcome.FAILED: 1, Outcome.UNKNOWN: 3}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument("operation", help="the kill, as andon flags status shows it")
    parser.add_argument("--reason", "-r", default="", help="why")
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Take the kill away, so that what was below it counts again."""
    known = read_acts(desk)
    begun = any(a.planned.undoes == arguments.operation and not a.is_over for a in known.all)
    if not begun and arguments.reason.strip():
        kill = undoable(known, arguments.operation)
        question = (
            f"{kill.planned.flag} becomes what it was before ({kill.planned.before}): take the kill back?"
        )
        confirm(question, yes=arguments.yes)
    act = take_away(desk, plan_undo(desk, arguments.operation, reason=arguments.reason), progress(arguments))
    code = _CODES[act.ended.outcome] if act.ended is not None else 3
    if wants_json(arguments):
        print_json(act_for_programs(act))
        return code
    show_end(act)
    if code == 0 and act.planned.incident:
        next_line("production has changed: verify", "andon verify")
    else:
        next_line("see where it stands", f"andon flags status {quote(act.planned.flag)}")
    return code
