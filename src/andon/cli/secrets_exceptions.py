"""andon secrets exceptions: what may stay, who answers for it, until when, and which lines do not count."""

from __future__ import annotations

from andon.cli.as_json import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the verb: none."""
    del parser


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Show the file of the protected branch; return 1 when a line of it does not count."""
    from andon.desk.secret_exempting import standing_exceptions, waiting_exceptions  # not for other verbs
    from andon.secrets.exceptions import NAME

    commit, found = standing_exceptions(desk)
    if wants_json(arguments):
        print_json(
            {
                "commit": commit or None,
                "exceptions": [{**whole(entry), "until": str(entry.until)} for entry in found.entries],
                "problems": [f"{NAME}:{problem}" for problem in found.problems],
            }
        )
        return 1 if found.problems else 0
    rows((str(e.until), e.kind, e.path, f"{e.owner}: {e.reason}") for e in found.entries)
    for problem in found.problems:
        print(f"  {style('does not count', 'yellow')}  {one_line(f'{NAME}:{problem}', 300)}")
    waiting = waiting_exceptions(desk, found)
    for e in waiting:
        print(
            f"  waits     {one_line(e.kind)}  {one_line(e.path)}  here in {NAME}, not on the protected branch"
        )
    if not found.entries and not found.problems:
        where = f"at {commit[:10]}" if commit else "because no protected branch is known here"
        next_line(f"nothing is excepted {where}", "andon secrets except --help")
    else:
        next_line(f"{len(found.entries)} may stay, as {commit[:10]} says", "andon secrets except --help")
    return 1 if found.problems else 0
