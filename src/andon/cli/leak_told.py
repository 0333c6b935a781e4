"""How the stages of a leak are told: progress while they work, places, and what is next."""

from __future__ import annotations

import shlex
import sys
import time

from andon.cli.output import finish, headline, named, print_json, say_next, summary, wants_json
from andon.cli.terminal import next_line, one_line, rows, say
from andon.incident.next_step import next_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence
    from typing import Any

    from andon.desk.ports import Desk
    from andon.incident.parts import LeakPlace
    from andon.incident.state import Incident

#: Seconds after which a stage says what it is doing.
_PATIENCE = 1.0
#: Characters of an id, and places, that are shown.
_SHORT, SHOWN = 12, 20


class Progress:
    """One line on a terminal that tells how far a stage got; silent elsewhere, and gone at the end."""

    def __init__(self, *, quiet: bool = False) -> None:
        """Begin; nothing is shown in the first second."""
        self._shown = False
        self._quiet = quiet or not sys.stderr.isatty()
        self._began = time.monotonic()

    def __call__(self, text: str) -> None:
        """Take one line about how far something got."""
        if self._quiet or time.monotonic() - self._began < _PATIENCE:
            return
        print(f"\r\x1b[K  {one_line(text, 100)}", end="", file=sys.stderr, flush=True)
        self._shown = True

    def __enter__(self) -> Progress:
        """Return itself."""
        return self

    def __exit__(self, *_problem: object) -> None:
        """Wipe the line."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def progress(arguments: argparse.Namespace) -> Progress:
    """Return what tells how far a stage got, for people only."""
    return Progress(quiet=wants_json(arguments))


def tell_places(places: Sequence[LeakPlace], *, whole: bool) -> None:
    """Print where the secrets are: each object with its commit, or in short each path with its count."""
    if not whole:
        _tell_paths(places)
        return
    rows(
        (
            p.mark,
            p.kind + ("" if p.is_reachable else " (unreachable)"),
            p.encoding,
            p.commit[:_SHORT] or "-",
            f"{p.at:%Y-%m-%d}" if p.at else "-",
            ", ".join(p.paths[:3]) or p.name[:60],
        )
        for p in places
    )


def _tell_paths(places: Sequence[LeakPlace]) -> None:
    """Print each path or name once: what holds it there, how often, from when to when, and which secrets."""
    found: dict[tuple[str, str], list[LeakPlace]] = {}
    for place in places:
        where = ", ".join(place.paths[:3]) or place.name[:60]
        what = place.kind + ("" if place.is_reachable else " (unreachable)")
        found.setdefault((where, what), []).append(place)
    rows(
        (
            where,
            what,
            f"{len({p.name for p in those})} x",
            _days(those),
            ", ".join(sorted({p.encoding for p in those})),
            " ".join(sorted({p.mark for p in those})),
        )
        for (where, what), those in list(found.items())[:SHOWN]
    )
    rest = f"{len(found) - SHOWN} more, and " if len(found) > SHOWN else ""
    print(f"  {rest}each object with its commit: andon leak locate --all")


def _days(places: Sequence[LeakPlace]) -> str:
    days = sorted(f"{p.at:%Y-%m-%d}" for p in places if p.at)
    return "-" if not days else days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def ended(
    desk: Desk, arguments: argparse.Namespace, state: Incident, told: Iterable[str] = (), **more: Any
) -> int:
    """End a stage: its lines and the next step, or all of it as JSON; return exit code 0."""
    if wants_json(arguments):
        print_json({**summary(state, desk.clock.now()), **more})
        return 0
    return finish(arguments, state, desk.clock.now(), *told)


def text_ended(
    desk: Desk, arguments: argparse.Namespace, state: Incident, text: str, code: int = 0, **more: Any
) -> int:
    """End a stage whose account is a text of several lines; return `code`.

    What was only told, and is what comes next, is done by the same command with --yes.
    """
    if wants_json(arguments):
        print_json({**summary(state, desk.clock.now()), "text": text, **more})
        return code
    print(headline(state))
    for line in text.rstrip("\n").split("\n"):
        say(f"  {line}".rstrip())
    by_name = bool(getattr(arguments, "incident", ""))
    step = next_step(state)
    if not getattr(arguments, "yes", True) and step.command == f"andon leak {arguments.verb}":
        command = f"{step.command} --yes"
        if getattr(arguments, "remote", ""):
            command += f" --remote {shlex.quote(arguments.remote)}"
        words = step.text.partition("; ")[0]
        next_line(f"this was told only; {words}", named(command, state.id) if by_name else command)
        return code
    say_next(state, by_name=by_name)
    return code
