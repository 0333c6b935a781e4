"""andon notify: tell stakeholders, see what is undelivered, try again."""

from __future__ import annotations

import fcntl
import os
import time

from andon.cli.output import finish, print_json, wants_json
from andon.cli.terminal import next_line, one_line, rows
from andon.config.load import cache_directory
from andon.desk.casefile import load
from andon.desk.delivery import announce_by_hand, deliver, remind_of_late_postmortems, waiting
from andon.errors import InvalidInput, Refused, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk

#: Seconds the delivery in the background goes on before it leaves the rest to the next command.
_PATIENCE = 120.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="list | send | retry | deliver")
    verbs.add_parser("list", help="what is undelivered, and why (default)")
    send = verbs.add_parser("send", help="tell the stakeholders something in your words")
    send.add_argument("text", nargs="+", help="what they should know")
    verbs.add_parser("retry", help="try everything that is undelivered now")
    background = verbs.add_parser(
        "deliver", help="deliver what is due until nothing is, as a worker does by itself"
    )
    background.add_argument("--once", action="store_true", help="one round only")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do the form of the command that was asked for."""
    match arguments.verb:
        case "send":
            return _send(desk, arguments)
        case "retry":
            taken, failed = deliver(desk, lambda: desk.notifier, desk.addresses, everything=True)
            return _told(arguments, taken, failed)
        case "deliver":
            return _deliver(desk, arguments)
        case _:
            return _list(desk, arguments)


def _send(desk: Desk, arguments: argparse.Namespace) -> int:
    state = load(desk, getattr(arguments, "incident", None))
    if not desk.targets(state.severity.value):
        raise Refused(
            f"nobody is configured to be told of a {state.severity}",
            where=desk.config.path or "andon.toml",
            rule="notify",
            remedy=f'[notify] {state.severity} = ["mailto://..."] in andon.toml',
        )
    text = " ".join(arguments.text).strip()
    if not text:
        raise InvalidInput("a message needs words", rule="notify", remedy='andon notify send "..."')
    state = announce_by_hand(desk, state, text)
    return finish(arguments, state, desk.clock.now(), "on its way: andon notify")


def _list(desk: Desk, arguments: argparse.Namespace) -> int:
    remind_of_late_postmortems(desk)
    found = waiting(desk, given_up_too=True)
    if wants_json(arguments):
        print_json(
            [
                {"incident": w.incident.id, "message": w.notification.title, **_plain(w.delivery)}
                for w in found
            ]
        )
        return 0
    rows(
        (
            w.incident.id,
            "given up" if w.delivery.given_up else "waiting",
            w.delivery.target,
            f"{w.notification.title}: {w.delivery.reason or 'not tried yet'} ({w.delivery.attempts} tries)",
        )
        for w in found
    )
    if found:
        next_line(f"{len(found)} undelivered; try them now", "andon notify retry")
    else:
        told = any(desk.targets(severity) for severity in ("P0", "P1", "P2", "P3", "P4"))
        step = "nothing is undelivered" if told else "nobody is configured to be told: [notify] in andon.toml"
        next_line(step, "andon status" if told else "andon doctor")
    return 1 if any(w.delivery.given_up for w in found) else 0


def _plain(delivery: object) -> dict[str, object]:
    return {f: getattr(delivery, f) for f in ("target", "attempts", "given_up", "reason", "retry_at")}


def _deliver(desk: Desk, arguments: argparse.Namespace) -> int:
    """Deliver what is due; only one process does this at a time, so that nobody is told twice."""
    lock = _lock(desk.config.service)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if arguments.once else fcntl.LOCK_NB))
    except OSError:
        return _told(arguments, 0, 0)  # another process is at it, and will see what is new
    deadline = time.monotonic() + _PATIENCE
    taken = failed = 0
    try:
        while True:
            remind_of_late_postmortems(desk)
            more, bad = deliver(desk, lambda: desk.notifier, desk.addresses)
            taken, failed = taken + more, failed + bad
            due = [w.delivery.retry_at for w in waiting(desk)]
            if arguments.once or not due or time.monotonic() > deadline:
                return _told(arguments, taken, failed)
            desk.clock.sleep(1.0)
    finally:
        os.close(lock)


def _lock(service: str) -> int:
    directory = cache_directory()
    place = os.path.join(directory, f"delivery-{one_line(service)}.lock") if directory else ""
    try:
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        return os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise Unavailable(
            f"whether somebody else delivers cannot be told: {problem.strerror}",
            where=place,
            rule="nobody-is-told-twice",
            remedy="make the cache directory writable: XDG_CACHE_HOME",
        ) from problem


def _told(arguments: argparse.Namespace, taken: int, failed: int) -> int:
    if wants_json(arguments):
        print_json({"delivered": taken, "failed": failed})
    else:
        next_line(f"{taken} delivered, {failed} not", "andon notify" if failed else "andon status")
    return 1 if failed else 0
