"""andon board: a live view for the terminal, redrawn when the journal changes."""

from __future__ import annotations

import sys

from andon.cli.amounts import seconds
from andon.cli.output import print_json, summary, wants_json
from andon.cli.terminal import one_line
from andon.desk.casefile import open_incidents, service_stream
from andon.desk.flags.attention import on_their_way
from andon.incident.checklist import Standing, checklist
from andon.incident.gears import active_gear, fold_declared
from andon.incident.next_step import next_step
from andon.incident.timeline import durations, spoken, timeline
from andon.incident.words import Gear

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from rich.console import ConsoleDimensions, Group
    from rich.panel import Panel
    from rich.text import Text

    from andon.desk.ports import Desk
    from andon.incident.state import Incident

_COLOURS = {"P0": "bold white on red", "P1": "bold red", "P2": "yellow", "P3": "blue", "P4": "dim"}
#: How a rollout is drawn that nobody has to look at; yellow otherwise.
_SPREAD = {"under way": "dim"}
_STANDINGS = {
    Standing.PASSED: ("green", "ok"),
    Standing.SIGNED: ("green", "signed"),
    Standing.SKIPPED: ("yellow", "skipped"),
    Standing.FAILED: ("bold red", "FAILED"),
    Standing.OPEN: ("bold", "open"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("--once", action="store_true", help="draw it once and leave")
    parser.add_argument("--every", type=seconds, default=1.0, metavar="SECONDS", help="redraw (default 1)")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Show the open incidents until Ctrl-C; without a terminal, draw once."""
    if wants_json(arguments):
        now = desk.clock.now()
        print_json({"open": [summary(state, now) for state in open_incidents(desk)]})
        return 0
    from rich.console import Console
    from rich.live import Live

    console = Console(highlight=False)
    if arguments.once or not sys.stdout.isatty():
        console.print(_draw(desk, console.size))
        return 0
    try:
        with Live(_draw(desk, console.size), console=console, screen=True, auto_refresh=False) as live:
            while True:
                desk.clock.sleep(max(arguments.every, 0.2))
                live.update(_draw(desk, console.size), refresh=True)
    except KeyboardInterrupt:
        return 0


def _draw(desk: Desk, size: ConsoleDimensions) -> Group:
    from rich.console import Group
    from rich.text import Text

    now = desk.clock.now()
    found = open_incidents(desk)
    active = active_gear(fold_declared(desk.history(service_stream(desk))), found)
    gear = active.gear.told(desk.config.words)
    is_hotfix = active.gear is Gear.HOTFIX
    title = Text(f" {one_line(desk.config.service)} ", style="bold reverse")
    calm = f"{len(found)} open, no emergency" if found else "nothing burns"
    mood = f"  {gear}: {one_line(active.why)}" if is_hotfix else f"  {gear}: {calm}"
    title.append(mood, style="bold red" if is_hotfix else "green")
    title.append(f"   {now:%H:%M:%S} UTC", style="dim")
    spread = [
        Text(
            f"  {one_line(one.text, 300)}  ->  {one_line(one.command)}",
            style=_SPREAD.get(one.state, "yellow"),
        )
        for one in on_their_way(desk)
    ]
    if not found and spread:
        return Group(title, *spread)
    if not found:
        return Group(title, Text('\n  andon declare "what is broken"', style="dim"))
    size = size._replace(height=max((size.height - 3 - len(spread)) // len(found), 12))
    return Group(title, *spread, *(_panel(desk, state, now, size) for state in found))


def _panel(desk: Desk, state: Incident, now: datetime, size: ConsoleDimensions) -> Panel:
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    clocks = durations(state, now)
    head = Text()
    head.append(f" {state.severity} {state.severity.label} ", style=_COLOURS[state.severity.value])
    head.append(f"  {state.status}", style="bold")
    head.append(f"   impact {spoken(clocks.of_impact)}", style="bold")
    owner = state.owner or "nobody yet"
    head.append(f"   owner {one_line(owner, 24)}")
    step = next_step(state)
    then = Text("next  ", style="bold cyan")
    then.append(one_line(step.text))
    if step.command:
        then.append(f"  ->  {step.command}", style="bold")
    body = [
        head,
        then,
        Text(),
        _items(state, max((size.height - 8) // 2, 4)),
        Text(),
        _story(desk, state, max((size.height - 8) // 2, 4), is_narrow=size.width < 70),
    ]
    return Panel(Group(*body), title=Text(f"{state.id}  {one_line(state.title, 80)}"), title_align="left")


def _items(state: Incident, most: int) -> Text:
    from rich.text import Text

    lines = [line for line in checklist(state) if line.standing is not Standing.NOT_APPLICABLE]
    settled = sum(1 for line in lines if line.standing.settled)
    text = Text(f"{settled} of {len(lines)} items settled\n", style="dim", no_wrap=True, overflow="ellipsis")
    pending = [line for line in lines if not line.standing.settled]
    for line in pending[:most]:
        colour, word = _STANDINGS[line.standing]
        text.append(f"  {word:<8}", style=colour)
        text.append(f"{one_line(line.item.text, 70)}\n")
    text.rstrip()
    return text


def _story(desk: Desk, state: Incident, most: int, *, is_narrow: bool) -> Text:
    from rich.text import Text

    text = Text(no_wrap=True, overflow="ellipsis")
    for entry in timeline(desk.history(state.id))[-most:]:
        text.append(f"{entry.at:%H:%M}  " if is_narrow else f"{entry.at:%H:%M:%S}  ", style="dim")
        text.append("" if is_narrow else f"{one_line(entry.actor, 14):<14}  ")
        text.append(f"{one_line(entry.text, 90)}\n")
    text.rstrip()
    return text
