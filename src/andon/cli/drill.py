"""andon drill: break a small real production and go the whole way through."""

from __future__ import annotations

from andon.cli.output import print_json, wants_json
from andon.cli.terminal import next_line, rows
from andon.errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk

NEEDS_NO_DESK = True
EPILOG = """\
Everything happens in a temporary directory on the loopback address, and everything is stopped at the end,
also on Ctrl-C. Nothing of yours is read or changed.

examples:
  andon drill                                  a release breaks the checkout
  andon drill dependency-down --interactive    you decide; the score comes at the end
  andon drill leak                             keys were published: replaced, purged, kept out
  andon drill --keep                           leaves repository, journal and documents behind"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("scenario", nargs="?", default="bad-release", help="default: bad-release")
    parser.add_argument("--list", action="store_true", dest="list_them", help="name the scenarios")
    parser.add_argument("--interactive", action="store_true", help="you take the decisions")
    parser.add_argument("--fast", action="store_true", help="no pauses for reading")
    parser.add_argument("--keep", action="store_true", help="leave the directory behind and print it")


def run(_desk: Desk | None, arguments: argparse.Namespace) -> int:
    """List the scenarios or run one."""
    from andon.drill import run as drill

    if arguments.list_them:
        return _list(wants_json(arguments))
    if not wants_json(arguments):
        return drill.main(
            arguments.scenario,
            fast=arguments.fast,
            interactive=arguments.interactive,
            keep=arguments.keep,
        )
    if arguments.interactive:
        raise Refused(
            "a person who decides needs to see the story",
            rule="interactive",
            remedy="andon drill --interactive, without --json",
        )
    import os

    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        return drill.main(
            arguments.scenario, fast=True, keep=arguments.keep, output=nowhere, report=print_json
        )


def _list(as_json: bool) -> int:
    from andon.drill.scenarios import SCENARIOS

    if as_json:
        print_json([{"scenario": s.name, "summary": s.summary} for s in SCENARIOS.values()])
        return 0
    rows((s.name, s.summary) for s in SCENARIOS.values())
    next_line("watch one", "andon drill bad-release")
    return 0
