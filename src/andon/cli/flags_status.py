"""andon flags status: where one flag stands, who has it, and what was done to it; all of them in a list."""

from __future__ import annotations

from shlex import quote

from andon.cli.flags_list import run as run_list
from andon.cli.flags_told import act_for_programs
from andon.cli.output import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.flags.standing import standing_of
from andon.desk.redacting import shown
from andon.incident.timeline import spoken
from andon.incident.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from andon.desk.flags.standing import Standing
    from andon.desk.ports import Desk

#: Lines of the history that are shown to people; programs get all.
_SHOWN = 12


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument("key", nargs="?", default="", help="the flag; without it, the list")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Print where the flag stands; exit code 3 while a process keeps silent or something is unknown."""
    if not arguments.key:
        return run_list(desk, arguments)
    found = shown(desk, standing_of(desk, arguments.key))
    if wants_json(arguments):
        print_json(_plain(found))
    else:
        _show(found, desk.clock.now())
    return 3 if _is_unclear(found) else 0


def _is_unclear(found: Standing) -> bool:
    silent = found.confirmed is not None and found.confirmed.confirmed < found.confirmed.connected
    return silent or found.under_way is not None or bool(found.doubts)


def _plain(found: Standing) -> dict[str, object]:
    return {
        "flag": whole(found.seen),
        "kill": act_for_programs(found.kill) if found.kill else None,
        "under_way": act_for_programs(found.under_way) if found.under_way else None,
        "confirmed": whole(found.confirmed) if found.confirmed else None,
        "usage": [whole(usage) for usage in found.usage],
        "history": [whole(line) for line in found.history],
        "doubts": list(found.doubts),
    }


def _show(found: Standing, now: datetime) -> None:
    seen = found.seen
    state = style(seen.state, "bold", "red") if seen.kill is not None else style(seen.state, "bold")
    print(f"{style(one_line(seen.key), 'bold')}  {one_line(state) if state == seen.state else state}")
    table = [
        ("purpose", " ".join(part for part in (seen.purpose_kind, seen.purpose) if part)),
        ("owner", seen.owner),
        ("covers", seen.covers),
        (
            "defined",
            f"{', '.join(seen.variants)}; without targeting {seen.default_variant or 'the caller decides'}",
        ),
        ("safe", seen.safe_variant or "it does not say: a kill needs --variant"),
        ("since", seen.created),
        ("until", seen.expires),
        ("ticket", seen.ticket),
        *_layers(found, now),
        *((f"{usage.variant or 'default'}", _used(usage.count, usage.last_at, now)) for usage in found.usage),
        *(("DOUBT", doubt) for doubt in found.doubts),
    ]
    rows([(name, text) for name, text in table if text])
    if found.history:
        print(style("  history", "dim"))
        rows([(f"{t.at:%Y-%m-%d %H:%M:%S}", t.actor, t.text) for t in found.history[-_SHOWN:]], indent="    ")
    text, command = _next(found)
    next_line(text, command)


def _layers(found: Standing, now: datetime) -> list[tuple[str, str]]:
    lines = []
    if found.seen.rollout is not None:
        rollout = found.seen.rollout
        lines.append(("rollout", f"{rollout.variant} for {rollout.percent:g} % ({rollout.operation})"))
    kill = found.seen.kill
    if kill is not None:
        where = f" in {kill.incident}" if kill.incident else ""
        why = f": {kill.reason}" if kill.reason else ""
        since = ""
        if found.kill is not None:
            since = f", {_ago(found.kill.planned_at, now)}"
        told = f"everybody gets {kill.variant}; by {kill.by or 'somebody'}{where}{since} ({kill.operation})"
        lines.append(("kill", told + why))
    if found.confirmed is not None:
        who = found.confirmed
        told = f"{who.confirmed} of {counted(who.connected, 'process', 'processes')} have the last change"
        if not who.can_confirm:
            told = who.detail or "the flag system cannot say which processes have it"
        lines.append(("who", told))
        lines += [("silent", name) for name in who.silent]
    return lines


def _used(count: int, last_at: datetime | None, now: datetime) -> str:
    last = f", last {_ago(last_at, now)}" if last_at is not None else ""
    return f"served {counted(count, 'time')}{last}"


def _ago(at: datetime, now: datetime) -> str:
    """Return how long ago something was; what another machine's clock puts after now is told as it is."""
    seconds = (now - at).total_seconds()
    return (
        f"{spoken(max(seconds, 0))} ago"
        if seconds > -1
        else f"at {at:%H:%M:%S}, {spoken(-seconds)} ahead of this clock"
    )


def _next(found: Standing) -> tuple[str, str]:
    key = found.seen.key
    if found.under_way is not None and found.under_way.planned.purpose == "kill":
        return "how its kill ended is not known: finish it", f"andon flags kill {quote(key)}"
    if found.under_way is not None and found.under_way.planned.purpose == "undo":
        undoes = found.under_way.planned.undoes
        return (
            "how the undo ended is not known: finish it",
            f'andon flags undo {quote(undoes)} --reason "..."',
        )
    if found.under_way is not None:
        return "it is coming back", f"andon flags rollout {quote(key)}"
    if found.seen.kill is not None and found.kill is None:
        return "enter the kill into the record", f"andon flags kill {quote(key)}"
    if found.seen.kill is not None:
        return "once it is mended and tested", f"andon flags enable {quote(key)}"
    return "if what it covers breaks", f"andon flags kill {quote(key)}"
