"""andon gap without a verb: tell the plan, ask for consent, search, tell the verdict."""

from __future__ import annotations

import os
import sys
import threading
import time

from andon.cli.gap_last import keep_last
from andon.cli.gap_told import again, tell_found, tell_plan
from andon.cli.output import wants_json
from andon.cli.terminal import clean, is_interactive, one_line, style
from andon.desk.casefile import load, open_ids
from andon.desk.gap.consent import PACE, Consents, asked, missing
from andon.desk.gap.failure import Told
from andon.desk.gap.find import Wanted, find, planned, prepare
from andon.desk.gap.proposal import proposed
from andon.errors import InvalidInput, Unavailable
from andon.gaps.words import Kind
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.gap.find import Prepared
    from andon.desk.ports import Desk
    from andon.incident.state import Incident


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Find the gap, or tell the plan; return 0 (found), 1 (no gap between the worlds) or 3 (not known)."""
    state = _incident(desk, arguments)
    try:
        prepared = prepare(desk, state, _wanted(arguments))
    except InvalidInput as problem:
        if problem.rule == "gap-configured" and not wants_json(arguments):
            print(clean(f"# a block to begin with, for andon.toml:\n\n{proposed(desk.config.root)}"))
        raise
    if arguments.plan:
        return tell_plan(arguments, planned(desk, prepared))
    prepared = _with_consents(desk, arguments, prepared)
    with _Progress(quiet=wants_json(arguments), minutes=prepared.minutes) as progress:
        found = find(desk, state, prepared, progress)
    keep_last(desk, found)
    if arguments.report:
        _write(arguments.report, found.page)
    return tell_found(desk, arguments, found)


def _incident(desk: Desk, arguments: argparse.Namespace) -> Incident | None:
    """Return the incident that is meant; None when none is open and none is named."""
    named = getattr(arguments, "incident", None)
    return load(desk, named) if named or open_ids(desk) else None


def _wanted(arguments: argparse.Namespace) -> Wanted:
    if arguments.url and arguments.from_probe:
        raise InvalidInput(
            "the request is given twice: --url and --from-probe",
            where="andon gap",
            rule="usage",
            remedy="give one of them",
        )
    if arguments.minutes < 0 or arguments.slower_than < 0:
        raise InvalidInput("a time is below zero", where="andon gap", rule="usage", remedy="--minutes 10")
    told = Told(
        url=arguments.url,
        method=arguments.method,
        body=_body(arguments.body),
        content_type=arguments.content_type,
        status=arguments.status,
        text=arguments.text,
        absent=arguments.absent,
        slower_than=arguments.slower_than,
        probe=arguments.from_probe,
    )
    return Wanted(
        told=told,
        artefacts=tuple(arguments.artefacts),
        only=tuple(Kind(word) for word in dict.fromkeys(arguments.only)),
        observe=arguments.observe,
        minutes=arguments.minutes,
        consents=tuple(arguments.i_own_this),
        plan=arguments.plan,
        again=again(arguments),
    )


def _body(text: str) -> str:
    if not text.startswith("@"):
        return text
    try:
        with open(text[1:], encoding="utf-8") as file:
            return file.read(1 << 20)
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is no text"
        raise InvalidInput(
            f"the body cannot be read: {why}", where=text[1:], rule="usage", remedy="--body @FILE"
        ) from problem


def _with_consents(desk: Desk, arguments: argparse.Namespace, prepared: Prepared) -> Prepared:
    """Ask for each host that nobody consented to yet, where somebody can be asked."""
    if arguments.yes or not is_interactive() or wants_json(arguments):
        return prepared
    hosts = asked(desk.config, prepared.may)
    given = list(prepared.may.given)
    for host in missing(hosts):
        uses = "; ".join(one.what for one in hosts if one.host == host)
        print(
            clean(f"{host} is not this machine. It would be read, at most {PACE} requests a second: {uses}")
        )
        try:
            answer = input(clean(f"is {host} yours, and may it be asked? [y/N] "))
        except EOFError:
            answer = ""
        if answer.strip().lower() in ("y", "yes"):
            given.append(host)
    return replace(prepared, may=Consents(given))


class _Progress:
    """What runs now and how much time is left: one line on a terminal, silent elsewhere."""

    def __init__(self, *, quiet: bool, minutes: float) -> None:
        self._quiet = quiet or not sys.stderr.isatty()
        self._until = time.monotonic() + minutes * 60
        self._columns = 100 if self._quiet else _columns()
        self._number = 0
        self._text = ""
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, text: str) -> None:
        if self._quiet:
            return
        self._number += 1
        self._text = text
        self._tell()

    def _tell(self) -> None:
        left = max(self._until - time.monotonic(), 0.0)
        end = f"  ({left:.0f} s left)"
        line = f"{self._number:>3}  {one_line(self._text, max(self._columns - len(end) - 6, 20))}{end}"
        print(f"\r\x1b[K{style(line, 'dim')}", end="", file=sys.stderr, flush=True)

    def _tick(self) -> None:
        while not self._over.wait(1.0):
            if self._text:
                self._tell()

    def __enter__(self) -> _Progress:
        if not self._quiet:
            self._thread = threading.Thread(target=self._tick, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        if self._text:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _columns() -> int:
    """Return how wide the terminal is that the progress is shown on."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return 80


def _write(path: str, page: str) -> None:
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(page)
    except OSError as problem:
        raise Unavailable(
            f"the report cannot be written: {problem.strerror}",
            where=path,
            rule="gap-report",
            remedy="andon gap report --out FILE writes it from the record of an incident",
        ) from problem
