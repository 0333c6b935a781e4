"""andon timeline: who did what when."""

from __future__ import annotations

from andon.cli.output import clock_line, headline, print_json, wants_json
from andon.cli.terminal import next_line, one_line, style
from andon.desk.casefile import which
from andon.incident.evolve import fold
from andon.incident.next_step import next_step
from andon.incident.timeline import spoken, timeline

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("id", nargs="?", help="the incident (default: the open one, else the newest)")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Print the story."""
    wanted = arguments.id or getattr(arguments, "incident", None)
    history = desk.history(which(desk, wanted, closed_too=True))
    entries = timeline(history)
    state = fold(history)
    if wants_json(arguments):
        print_json({"incident": state.id, "entries": list(entries)})
        return 0
    print(headline(state))
    day = ""
    for entry in entries:
        if f"{entry.at:%Y-%m-%d}" != day:
            day = f"{entry.at:%Y-%m-%d}"
            print(style(f"  {day} UTC", "dim"))
        back = f"  [the clock went back {spoken(entry.clock_went_back)}]" if entry.clock_went_back else ""
        print(f"  {entry.at:%H:%M:%S}  {one_line(entry.actor, 16):<16}  {one_line(entry.text)}{back}")
    now = desk.clock.now()
    print(style(f"  {clock_line(state, now)}", "dim"))
    step = next_step(state)
    next_line(step.text, step.command)
    return 0
