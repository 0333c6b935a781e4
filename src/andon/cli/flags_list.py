"""andon flags list: every flag, what it does now, and who answers for it."""

from __future__ import annotations

from shlex import quote

from andon.cli.output import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.flag_system import flag_system_of
from andon.desk.redacting import shown
from andon.incident.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.flag_values import FlagSeen
    from andon.desk.ports import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument("key", nargs="?", default="", help="only this one")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Print the flags as the flag system has them now."""
    system = flag_system_of(desk)
    key = getattr(arguments, "key", "")
    found = shown(desk, (system.find(key),) if key else tuple(system.flags()))
    if wants_json(arguments):
        print_json({"system": system.kind, "address": system.address, "flags": [whole(f) for f in found]})
        return 0
    if not found:
        print(f"no flags in {one_line(system.address)}")
        return 0
    rows([_row(flag) for flag in found])
    killed = [flag.key for flag in found if flag.kill is not None]
    if killed:
        next_line(
            f"{counted(len(killed), 'flag')} killed; once mended and tested",
            f"andon flags enable {quote(killed[0])}",
        )
    return 0


def _row(flag: FlagSeen) -> tuple[str, str, str, str]:
    state = style(flag.state, "red") if flag.kill is not None else flag.state
    return flag.key, state, flag.purpose_kind, flag.owner
