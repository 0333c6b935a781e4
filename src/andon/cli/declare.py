"""andon declare: pull the cord."""

from __future__ import annotations

import os

from andon.cli.output import (
    clock_line,
    finish,
    headline,
    print_json,
    say_next,
    severity_of,
    summary,
    wants_json,
)
from andon.cli.terminal import one_line, style
from andon.desk.declare import declare, read_moment
from andon.errors import AndonError
from andon.incident.events import ImpactConfirmed
from andon.incident.words import Impact

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.incident.state import Incident

EPILOG = """\
examples:
  andon declare "checkout answers 500" --severity P0
  andon declare "mails are late" --severity P2 --impact report --because "three customers called"
  andon declare "login broken" --began 10m --no-capture"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("title", nargs="+", help="what is broken, in a few words")
    parser.add_argument(
        "--severity", "-s", default="P1", help="P0 critical ... P4 (default: P1; in doubt, higher)"
    )
    parser.add_argument("--impact", choices=[i.value for i in Impact], help="what confirms the impact")
    parser.add_argument("--because", default="", metavar="TEXT", help="what was seen: the report, the alert")
    parser.add_argument(
        "--began", default="", metavar="WHEN", help="when the harm began: 10m, 02:14, ISO 8601"
    )
    parser.add_argument("--description", default="", help="more words for stakeholders")
    parser.add_argument("--no-capture", action="store_true", help="record only; capture evidence later")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Record the incident first, then capture evidence."""
    title = " ".join(arguments.title)
    impacts: tuple[ImpactConfirmed, ...] = ()
    if arguments.impact or arguments.because:
        kind = Impact(arguments.impact or "report")
        impacts = (ImpactConfirmed(kind=kind, summary=arguments.because or f"confirmed by {kind}"),)
    began = read_moment(arguments.began, desk.clock.now()) if arguments.began else None
    declared = declare(
        desk,
        title=title,
        severity=severity_of(arguments.severity),
        impacts=impacts,
        began_at=began,
        description=arguments.description,
    )
    state = declared.incident
    if arguments.no_capture or declared.repeated:
        told = ["recorded already: the same command id"] if declared.repeated else []
        told += [*_also_open(state.id, declared.others), *_nowhere(desk)]
        return finish(arguments, state, desk.clock.now(), *told, by_name=bool(declared.others))
    if not wants_json(arguments):
        print(headline(state))
        for line in (*_also_open(state.id, declared.others), *_nowhere(desk)):
            print(f"  {line}")
        print(
            style(f"  on record in {one_line(desk.journal.place)}; capturing evidence ...", "dim"), flush=True
        )
    from andon.desk.capture import capture

    try:
        captured = capture(desk, state)
    except AndonError as problem:
        problem.message = f"{state.id} is declared, but evidence of it is not recorded: {problem.message}"
        raise
    if wants_json(arguments):
        print_json({**summary(captured.incident, desk.clock.now()), "captured": list(captured.lines)})
        return 0
    for line in captured.lines:
        print(f"  {one_line(line)}")
    print(style(f"  {clock_line(captured.incident, desk.clock.now())}", "dim"))
    say_next(captured.incident, by_name=bool(declared.others))
    return 0


def _also_open(this: str, others: tuple[Incident, ...]) -> list[str]:
    return [
        f"{o.id} is open too ({one_line(o.title, 60)}); if it is the same: "
        f"andon close {this} --duplicate-of {o.id}"
        for o in others
    ]


def _nowhere(desk: Desk) -> list[str]:
    """Say so when this is neither a configured service nor a repository: it may be the wrong directory."""
    root = desk.config.root
    if desk.config.path or os.path.exists(os.path.join(root, ".git")):
        return []
    return [f"no andon.toml and no git repository in {one_line(root)}: is this the right directory?"]
