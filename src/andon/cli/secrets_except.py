"""andon secrets except: write the line of a reviewed exception for a finding; the value is never typed."""

from __future__ import annotations

from andon.cli.as_json import print_json, wants_json, whole
from andon.cli.secrets_scan import look, words_of_a_place
from andon.cli.terminal import next_line, one_line
from andon.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from datetime import date

    from andon.desk.ports import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the verb."""
    parser.add_argument(
        "fingerprint", metavar="FINGERPRINT", help="as the gate and andon secrets scan show it"
    )
    words_of_a_place(parser)
    parser.add_argument("--owner", default="", help="who answers for it")
    parser.add_argument("--reason", default="", help="why it may stay")
    parser.add_argument("--until", default="", metavar="DATE", help="the last day, at most 365 days from now")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Find it again where it is, and write the line."""
    until = _date(arguments.until, desk.clock.now().date())
    search = look(desk, arguments)
    owner = arguments.owner.strip() or desk.actor
    from andon.desk.secret_exempting import exempt  # not for the other verbs

    made = exempt(desk, search, arguments.fingerprint, owner, arguments.reason, until)
    if wants_json(arguments):
        print_json({"file": made.file, "exception": {**whole(made.entry), "until": str(made.entry.until)}})
        return 0
    entry = made.entry
    print(f"{made.file}: {one_line(entry.kind)} in {one_line(entry.path)} may stay until {entry.until}")
    step = f"commit {made.file} alone, have it reviewed and merged; after that commit what it excepts"
    next_line("it counts once it is on the protected branch, and not before", step)
    return 0


def _date(text: str, today: date) -> date:
    from datetime import date, timedelta

    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise InvalidInput(
            f"{text[:40]!r} is no date" if text else "the last day is missing",
            where="--until",
            rule="usage",
            remedy=f"--until {today + timedelta(days=90)}",
        ) from problem
