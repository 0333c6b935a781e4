"""andon flags list: every flag, what it does now, and who answers for it."""

from __future__ import annotations

from shlex import quote

from andon.cli.output import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.flags.system import flag_system_of
from andon.desk.redacting import shown
from andon.errors import AndonError
from andon.incident.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.flags.values import FlagSeen
    from andon.desk.ports import Desk
    from andon.desk.ports_flags import FlagSystem


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument("key", nargs="?", default="", help="only this one")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Print the flags as the flag system has them now; exit code 3 when it says that something is wrong."""
    system = flag_system_of(desk)
    key = getattr(arguments, "key", "")
    found = shown(desk, (system.find(key),) if key else tuple(system.flags()))
    problems = shown(desk, _problems(system))
    if wants_json(arguments):
        told = {"system": system.kind, "address": system.address, "flags": [whole(f) for f in found]}
        print_json({**told, "problems": list(problems)})
        return 3 if problems else 0
    for problem in problems:  # what the list says may then not be what processes do
        print(f"{style('DOUBT', 'bold', 'red')}  {one_line(problem, 600)}")
    if not found:
        print(f"no flags in {one_line(system.address)}")
        return 3 if problems else 0
    rows([_row(flag) for flag in found])
    killed = [flag.key for flag in found if flag.kill is not None]
    if killed:
        next_line(
            f"{counted(len(killed), 'flag')} killed; once mended and tested",
            f"andon flags enable {quote(killed[0])}",
        )
    return 3 if problems else 0


def _problems(system: FlagSystem) -> tuple[str, ...]:
    try:
        return system.health().problems
    except AndonError as problem:
        return (f"how the flag system is could not be asked: {problem}",)


def _row(flag: FlagSeen) -> tuple[str, str, str, str]:
    state = style(flag.state, "red") if flag.kill is not None else flag.state
    return flag.key, state, flag.purpose_kind, flag.owner
