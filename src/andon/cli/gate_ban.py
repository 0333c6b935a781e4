"""andon gate ban, lift: what must not come back into this repository."""

from __future__ import annotations

import sys

from andon.cli.as_json import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows
from andon.desk.leak import ban
from andon.errors import NotFound
from andon.incident.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.secrets.bans import Ban

#: Bytes of a list that is taken over.
_LARGEST = 1 << 26
_MOST = 40


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Show the list, add another list to it, or take something off it."""
    if arguments.point == "lift":
        return _lift(desk, arguments)
    if arguments.first:
        return _take_over(desk, arguments)
    bans = ban.list_of(desk)
    if wants_json(arguments):
        print_json({"place": desk.bans.place, "banned": [_plain(one) for one in bans]})
        return 0
    if not bans:
        print("nothing is banned from this repository")
        next_line("a list is made where a leak was purged", "andon leak ban --export FILE")
        return 0
    # a value has a line for each way it is written
    told = list(
        dict.fromkeys((b.kind, b.mark or b.subject[:12], b.since, one_line(b.why, 120)) for b in bans)
    )
    rows(told[:_MOST])
    if len(told) > _MOST:
        print(f"and {len(told) - _MOST} more: --json shows all")
    next_line("something may come back after all", 'andon gate lift SUBJECT --reason "why"')
    return 0


def _plain(one: Ban) -> dict[str, object]:
    """Return what a program may know: never the key."""
    return {k: v for k, v in whole(one).items() if k in ("kind", "subject", "mark", "since", "why")}


def _take_over(desk: Desk, arguments: argparse.Namespace) -> int:
    done = ban.take_over(desk, _text(arguments.first))
    if wants_json(arguments):
        print_json(whole(done))
        return 0
    told = f"{counted(done.objects, 'object')} and {counted(done.values, 'value')}: new on the list"
    print(f"{told}; {counted(done.total, 'line')} on it in all")
    next_line("a push is checked for them by the hook", "andon hooks status")
    return 0


def _lift(desk: Desk, arguments: argparse.Namespace) -> int:
    gone = ban.lift(desk, (arguments.first or "").strip(), arguments.reason)
    if wants_json(arguments):
        print_json({"lifted": [_plain(one) for one in gone]})
        return 0
    for one in gone:
        print(f"may come back: {one_line(one.told, 200)}")
    next_line("what is still banned", "andon gate ban")
    return 0


def _text(name: str) -> str:
    try:
        if name == "-":
            return sys.stdin.buffer.read(_LARGEST).decode("utf-8", "replace")
        with open(name, "rb") as file:
            return file.read(_LARGEST).decode("utf-8", "replace")
    except OSError as problem:
        raise NotFound(f"the list cannot be read: {problem.strerror}", where=name) from problem
