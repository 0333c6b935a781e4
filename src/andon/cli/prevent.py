"""andon prevent: known weaknesses in what the project depends on, and in its code."""

from __future__ import annotations

import sys

from andon.cli.output import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, style
from andon.desk import prevent
from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from andon.desk.ports import Desk
    from andon.desk.prevent import Told

EPILOG = """\
examples:
  andon prevent audit                          ask every tool that fits the lock files of HEAD
  andon prevent audit --import scan.sarif      record what a tool said elsewhere
  andon prevent show                           the newest answer of each tool"""

_SHOWN = {
    Verdict.PASSED: ("clean", "green"),
    Verdict.FAILED: ("WEAK", "red"),
    Verdict.UNKNOWN: ("unknown", "yellow"),
}
#: Known weaknesses that are listed beside the new ones.
_MOST = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    audit = verbs.add_parser("audit", help="ask the audit tools, and record what they say")
    audit.add_argument(
        "--import", dest="files", action="append", default=[], metavar="FILE",
        help="record this answer of a tool instead of asking (SARIF, or the tool's own JSON)",
    )  # fmt: skip
    audit.add_argument("--commit", default="", help="the commit it is about (default: HEAD)")
    audit.add_argument(
        "--timeout",
        type=float,
        default=300.0,
        metavar="SECONDS",
        help="for each run of a tool (default: 300)",
    )
    verbs.add_parser("show", help="the newest answer of each tool")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says; without one, show. Return 0 (clean), 1 (weaknesses) or 3 (unknown)."""
    if arguments.verb != "audit":
        return _tell(prevent.on_record(desk), arguments)
    if arguments.files:
        return _tell(prevent.take_in(desk, arguments.files, arguments.commit), arguments)

    def say(tool: str) -> None:
        if sys.stderr.isatty():
            print(f"asking {one_line(tool)} ...", file=sys.stderr)

    return _tell(prevent.audit(desk, arguments.commit, arguments.timeout, say), arguments)


def _tell(told: Sequence[Told], arguments: argparse.Namespace) -> int:
    verdicts = {one.event.verdict for one in told}
    if wants_json(arguments):
        print_json({"audits": [{**whole(t.event), "new": list(t.new), "at": t.at} for t in told]})
    elif not told:
        print("no audit is on record")
        next_line("is anything known to be weak?", "andon prevent audit")
    else:
        for one in told:
            _show(one)
        _next(verdicts)
    if Verdict.FAILED in verdicts:
        return 1
    return 3 if Verdict.UNKNOWN in verdicts or not told else 0


def _show(told: Told) -> None:
    event = told.event
    word, colour = _SHOWN[event.verdict]
    when = f"  {told.at:%Y-%m-%d %H:%M}" if told.at else ""
    print(f"{style(word, 'bold', colour)}  {one_line(event.tool)}{when}  {one_line(event.summary, 300)}")
    known = [line for line in event.findings if line not in told.new]
    for line in told.new:
        print(f"  {style('new', 'bold')}    {one_line(line, 200)}")
    for line in known[:_MOST]:
        print(f"  known  {one_line(line, 200)}")
    if len(known) > _MOST:
        print(f"  and {len(known) - _MOST} more that are known: andon prevent show --json")
    if told.remedy:
        print(f"  -> {one_line(told.remedy)}")


def _next(verdicts: set[Verdict]) -> None:
    if Verdict.FAILED in verdicts:
        next_line("update what is named, then look again", "andon prevent audit")
    elif Verdict.UNKNOWN in verdicts:
        next_line("unknown is not clean: mend what is named, then look again", "andon prevent audit")
    else:
        next_line("nothing that is known; it counts for the SHIP gate", "andon prevent show")
