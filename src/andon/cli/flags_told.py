"""What the verbs that switch a flag have in common: how an act is told to people and to programs."""

from __future__ import annotations

from shlex import quote

from andon.cli.output import wants_json, whole
from andon.cli.terminal import one_line, rows, style
from andon.desk.verify import look_quietly
from andon.incident.flag_state import confirmed_in_words, reached_everybody
from andon.incident.words import Outcome, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import Any

    from andon.desk.ports import Desk
    from andon.incident.flag_state import FlagAct

#: Silent processes that are named one under the other.
_NAMED = 10


def progress(arguments: argparse.Namespace) -> Callable[[str], None]:
    """Return what shows a line of progress to people, and nothing to programs."""

    def tell(line: str) -> None:
        if not wants_json(arguments):
            print(style(f"  {one_line(line)}", "dim"), flush=True)

    return tell


def show_end(act: FlagAct) -> None:
    """Print how an act ended: who confirmed it in how many milliseconds, and who keeps silent."""
    ended = act.ended
    if ended is None:
        print(style("how it ended is not known", "bold", "yellow"))
        return
    told = one_line(confirmed_in_words(ended.__class__(**{**whole(ended), "silent": ()})))
    match ended.outcome:
        case Outcome.SUCCEEDED:
            colour = "green" if reached_everybody(ended) else "yellow"
            print(style(told, "bold", colour))
        case Outcome.FAILED:
            print(f"{style('it was not taken', 'bold', 'red')}: {told}")
        case Outcome.UNKNOWN:
            print(f"{style('whether it was taken is not known', 'bold', 'yellow')}: {told}")
    for name in ended.silent[:_NAMED]:
        print(f"  silent   {one_line(name)}")
    if len(ended.silent) > _NAMED:
        more = len(ended.silent) - _NAMED
        print(f"  silent   and {more} more: andon flags status {quote(one_line(act.planned.flag))}")
    elif ended.silent:
        print(f"  ask them again: andon flags status {quote(one_line(act.planned.flag))}")


def act_for_programs(act: FlagAct) -> dict[str, Any]:
    """Return an act with its plan and its end."""
    return {
        "flag": act.planned.flag,
        "operation": act.id,
        "planned": whole(act.planned),
        "planned_at": act.planned_at,
        "actor": act.actor,
        "ended": whole(act.ended) if act.ended is not None else None,
    }


def smoke_tests(desk: Desk, arguments: argparse.Namespace) -> Verdict:
    """Run the smoke tests outside an incident, show them, and return what they say together."""
    probes, verdict = look_quietly(desk)
    if not wants_json(arguments):
        rows((probe.verdict.value, probe.name, probe.summary) for probe in probes)
        if not probes:
            print("  whether it helped is not known: no smoke tests are configured")
    return verdict
