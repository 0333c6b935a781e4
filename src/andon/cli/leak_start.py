"""andon leak start: takes a secret in without ever showing it."""

from __future__ import annotations

import os
import stat
import sys

from andon.cli.output import headline, print_json, say_next, severity_of, summary, wants_json
from andon.cli.terminal import confirm, is_interactive, one_line, rows
from andon.desk.casefile import load
from andon.desk.leak.given import LARGEST, from_finding, from_paths, from_values, together
from andon.desk.leak.start import start
from andon.errors import AndonError, InvalidInput, NotFound, Refused, Unavailable
from andon.incident.words import counted
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from andon.desk.leak.given import Given
    from andon.desk.leak.start import Started
    from andon.desk.ports import Desk

#: Characters that a terminal takes in one line; more is cut off without a word (POSIX, MAX_CANON).
_LONGEST_LINE = 4095


def run_start(desk: Desk, arguments: argparse.Namespace) -> int:
    """Take the secret, declare or find the incident, and say what comes next."""
    given = _given(desk, arguments)
    _confirm_doubtful(given, yes=arguments.yes)
    wanted = getattr(arguments, "incident", None)
    severity = severity_of(arguments.severity) if arguments.severity else None
    state = load(desk, wanted) if wanted else None
    started = start(desk, given, state, severity, is_new=arguments.new)
    return _told(desk, arguments, given, started)


def _given(desk: Desk, arguments: argparse.Namespace) -> Given:
    found: list[Given] = []
    if arguments.alert:
        from andon.desk.leak.alert import LARGEST as LARGEST_ALERT
        from andon.desk.leak.alert import from_alerts

        content = _read(arguments.alert, LARGEST_ALERT)
        found.append(from_alerts(desk, content, os.path.basename(arguments.alert)))
    found += [from_finding(desk, mark, _tell(arguments)) for mark in arguments.finding]
    if arguments.value:
        place = ", ".join(arguments.path)
        found.append(from_values(desk, _ask_for_values(), place))
    if arguments.path:
        try:
            found.append(from_paths(desk, arguments.path, _tell(arguments)))
        except AndonError:
            if not found:
                raise
            found.append(replace(found[0], paths=tuple(arguments.path)))
    if not found:
        raise InvalidInput(
            "which secret got out?",
            where="andon leak start",
            rule="leak-start",
            remedy="andon leak start --finding MARK; --value, and paste it; --path FILE; or --alert FILE",
        )
    return together(*found)


def _tell(arguments: argparse.Namespace) -> Callable[[str], None]:
    def tell(text: str) -> None:
        if not wants_json(arguments) and sys.stderr.isatty():
            print(f"\r\x1b[K  {one_line(text, 100)}", end="", file=sys.stderr, flush=True)

    return tell


def _confirm_doubtful(given: Given, *, yes: bool) -> None:
    """Ask about values that cannot be told from ordinary text: a purge of such a word rewrites everything."""
    doubtful = given.doubtful
    if not doubtful or yes:
        return
    told = "; ".join(f"{c.kind} {c.mark}: {why}" for c, why in doubtful[:5])
    if not is_interactive():
        raise Refused(
            f"it cannot be told from ordinary text: {told}",
            rule="leak-ordinary-word",
            remedy="give the whole secret; or --yes, and it is looked for as a whole word only",
        )
    print(f"  {one_line(told)}")
    confirm("Look for it all the same, as a whole word?", yes=False)


def _told(desk: Desk, arguments: argparse.Namespace, given: Given, started: Started) -> int:
    state = started.incident
    if wants_json(arguments):
        print_json(
            {
                **summary(state, desk.clock.now()),
                "declared": started.declared,
                "why": started.why,
                "credentials": list(started.new),
                "known": list(started.known),
                "left_out": list(given.left_out),
            }
        )
        return 0
    print(headline(state))
    if started.declared:
        print(f"  {state.severity}, as {one_line(started.why)}")
    rows((c.mark, c.kind, c.seen_at or "place not known yet") for c in started.new)
    if started.known:
        print(f"  known already: {', '.join(started.known)}")
    for text in given.left_out:
        print(f"  left out: {one_line(text)}")
    kept = counted(len(given.credentials), "value")
    print(f"  {kept} kept on this machine only, in a private directory, until: andon leak cleanup")
    say_next(state)
    return 0


# ---- taking it in


def _ask_for_values() -> bytes:
    """Return what is piped, or what a person pastes, without showing it; Ctrl-C leaves nothing behind."""
    if sys.stdin is None:
        raise InvalidInput(
            "there is no standard input", rule="leak-start", remedy="andon leak start --alert FILE"
        )
    if not sys.stdin.isatty():
        content = sys.stdin.buffer.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise InvalidInput(
                f"more than {LARGEST} bytes are no list of secrets",
                where="standard input",
                rule="leak-start",
                remedy="andon leak start --path FILE",
            )
        return content
    lines: list[str] = []
    inside_key = False
    print("Paste the secret; nothing is shown. One a line; an empty line ends.", file=sys.stderr)
    while True:
        line = _without_echo("more: " if lines else "secret: ")
        if not line.strip() and not inside_key:
            break
        if len(line) >= _LONGEST_LINE:
            raise InvalidInput(
                "the terminal cuts off what is longer than 4095 characters",
                rule="leak-start",
                remedy="andon leak start --value, with a file as its input; then remove the file",
            )
        inside_key = ("-----BEGIN" in line or inside_key) and "-----END" not in line
        lines.append(line)
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _without_echo(prompt: str) -> str:
    """Return a line that the terminal does not show; raises Unavailable where it would."""
    import getpass
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(prompt, stream=sys.stderr)
    except EOFError:
        return ""
    except getpass.GetPassWarning:
        raise Unavailable(
            "this terminal would show what is typed",
            rule="leak-start",
            remedy="put it into a file: andon leak start --value, with the file as its input; then remove it",
        ) from None


def _read(file: str, largest: int) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(largest + 1)
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as source:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise InvalidInput(
                    "it is no regular file",
                    where=file,
                    rule="leak-alert",
                    remedy="andon leak start --alert -",
                )
            return source.read(largest + 1)
    except FileNotFoundError as problem:
        raise NotFound(
            "there is no such file", where=file, rule="leak-alert", remedy="andon leak start --alert FILE"
        ) from problem
    except OSError as problem:
        raise Unavailable(
            f"it cannot be read: {problem.strerror}",
            where=file,
            rule="leak-alert",
            remedy="check its permissions",
        ) from problem
