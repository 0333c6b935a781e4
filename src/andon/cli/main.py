"""The door: finds the command's module, parses its words, opens the desk, and turns errors into exit codes.

Exit codes: 0 yes, 1 refused or findings, 2 usage, 3 could not decide, 4 a bug, 130 interrupted.
"""

from __future__ import annotations

import gc
import sys

from andon.cli.commands import COMMANDS, GROUPS
from andon.cli.quick_words import SUPPRESS, Unusual, Words
from andon.errors import AndonError, Conflict, InvalidInput, NotFound, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from types import ModuleType
    from typing import NoReturn

    from andon.wiring.desk import WiredDesk


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code; no exception escapes."""
    as_json = "--json" in argv
    try:
        return _dispatch(argv)
    except AndonError as problem:
        _tell(problem, as_json=as_json)
        return problem.exit_code
    except KeyboardInterrupt:
        told = "interrupted; what was recorded stays recorded"
        if as_json:
            _tell_programs("Interrupted", message=told, remedy="andon status")
        print(f"{told}: andon status", file=sys.stderr)
        return 130
    except Exception as problem:  # noqa: BLE001 - the boundary: whatever escapes is a bug and is kept
        return _bug(problem, argv, as_json=as_json)


def _dispatch(argv: Sequence[str]) -> int:
    if not argv or argv[0] in ("-h", "--help", "help"):
        return _help(argv[1:])
    if argv[0] in ("-V", "--version"):
        from andon import __version__

        print(f"andon {__version__}")
        return 0
    name = argv[0]
    if name not in COMMANDS:
        raise _unknown(name)
    module = _module(name)
    arguments = _quick(name, module, argv[1:]) or _parser(name, module).parse_args(list(argv[1:]))
    gc.freeze()  # what was imported stays
    gc.enable()
    if getattr(module, "NEEDS_NO_DESK", False):
        return int(module.run(None, arguments))
    from andon.wiring.opening import open_desk

    with open_desk(arguments) as desk:
        if getattr(arguments, "command_id", ""):
            return _once(desk, module, arguments)
        return int(module.run(desk, arguments))


def _once(desk: WiredDesk, module: ModuleType, arguments: argparse.Namespace) -> int:
    """Run a command unless one with the same id was recorded before, also by somebody at this very moment."""
    from andon.cli.repeated import answer

    first = desk.journal.recall(desk.command)
    if first is not None:
        return answer(desk, arguments, first)
    try:
        return int(module.run(desk, arguments))
    except (Refused, Conflict, NotFound):
        first = None if desk.has_recorded else desk.journal.recall(desk.command)
        if first is None:
            raise
        return answer(desk, arguments, first)


def _module(name: str) -> ModuleType:
    from importlib import import_module

    return import_module(f"andon.cli.{COMMANDS[name].module}")


def _quick(name: str, module: ModuleType, argv: Sequence[str]) -> argparse.Namespace | None:
    """Return the words when they are plain; None leaves them to argparse, which costs 6 ms."""
    words = Words(f"andon {name}")
    try:
        module.configure(words)
        _common(words, SUPPRESS)
        return words.read(argv)
    except Unusual:
        return None


def _parser(name: str, module: ModuleType) -> argparse.ArgumentParser:
    import argparse

    class Parser(argparse.ArgumentParser):
        """Explains a mistake as every other error is explained."""

        def error(self, message: str) -> NoReturn:
            raise InvalidInput(message, where=self.prog, rule="usage", remedy=f"{self.prog} --help")

    parser = Parser(
        prog=f"andon {name}",
        description=COMMANDS[name].summary,
        epilog=getattr(module, "EPILOG", None),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.configure(parser)
    for group in (parser, *_subparsers(parser)):
        _common(group, argparse.SUPPRESS)  # argparse compares it by identity
    return parser


def _subparsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    import argparse

    found: list[argparse.ArgumentParser] = []
    for action in parser._actions:  # argparse has no public way to list them
        if isinstance(action, argparse._SubParsersAction):
            found.extend(action.choices.values())
            for one in action._choices_actions:  # what the list says of a verb, its own help says too
                verb = action.choices[one.dest]
                verb.description = verb.description or one.help
    return found


def _common(parser: argparse.ArgumentParser | Words, absent: str) -> None:
    """Add what every command understands, before or after a subcommand."""
    common = parser.add_argument_group("everywhere")
    common.add_argument("--json", action="store_true", default=absent, help="print JSON, for programs")
    common.add_argument("--journal", metavar="PLACE", default=absent, help="a path or a PostgreSQL URL")
    common.add_argument("--incident", "-i", metavar="ID", default=absent, help="when several are open")
    common.add_argument("--as", dest="actor", metavar="NAME", default=absent, help="who gives the command")
    common.add_argument(
        "--command-id", metavar="ID", default=absent, help="sent twice with the same id, it happens once"
    )


def _help(words: Sequence[str]) -> int:
    if words and words[0] in COMMANDS:
        _parser(words[0], _module(words[0])).print_help()
        return 0
    lines = ["usage: andon COMMAND [...]        andon COMMAND --help", ""]
    for title, names in GROUPS:
        lines.append(f"{title}:")
        lines.extend(f"  {name:<12} {COMMANDS[name].summary}" for name in names)
        lines.append("")
    lines.append('3 a.m.? andon declare "what is broken"   then do what its last line says.')
    print("\n".join(lines))
    return 0


def _unknown(name: str) -> InvalidInput:
    from difflib import get_close_matches

    close = get_close_matches(name, COMMANDS, 1)
    return InvalidInput(
        f"there is no command {name[:40]!r}" + (f"; did you mean {close[0]}?" if close else ""),
        where="andon",
        rule="usage",
        remedy=f"andon {close[0]} --help" if close else "andon --help lists them",
    )


def _tell(problem: AndonError, *, as_json: bool) -> None:
    from andon.cli.terminal import clean

    kind = type(problem).__name__
    texts = {f: _without_secrets(getattr(problem, f)) for f in ("message", "where", "rule", "remedy")}
    shown = AndonError(**texts)
    spoken = {"InvalidInput": "invalid input", "NotFound": "not found"}.get(kind, kind.lower())
    if as_json:
        _tell_programs(kind, **texts)
    lines = [f"{spoken}: {shown}"]
    if shown.rule:
        lines.append(f"  rule: {shown.rule}")
    if shown.remedy:
        lines.append(f"  way out: {shown.remedy}")
    print(clean("\n".join(lines)), file=sys.stderr)


def _tell_programs(kind: str, **told: str) -> None:
    import json

    print(json.dumps({"error": {"kind": kind, **told}}, indent=2))


def _bug(problem: Exception, argv: Sequence[str], *, as_json: bool) -> int:
    import platform
    import traceback

    from andon import __version__
    from andon.cli.terminal import clean, one_line

    head = (
        f"andon {__version__}, Python {platform.python_version()}, {platform.system()}\ncommand: {argv[:1]}\n"
    )
    text = _without_secrets(head + "".join(traceback.format_exception(problem)))
    place = _keep(text)
    if not place:
        print(clean(text), file=sys.stderr)
    told = (
        f"this is a bug in Andon: {type(problem).__name__}: {one_line(_without_secrets(str(problem)), 300)}"
    )
    if as_json:
        _tell_programs("Bug", message=told, where=place)
    print(told, file=sys.stderr)
    report = f"the report is in {place}" if place else "the report, which could not be kept, stands above"
    print(f"  what was recorded stays recorded; {report}", file=sys.stderr)
    return 4


def _without_secrets(text: str) -> str:
    """Return what an error says without secrets: it may quote what a tool or production answered.

    What cannot be looked through, because that breaks too, is not said.
    """
    if not text:
        return text
    try:
        from andon.secrets.spoken import hidden_anyhow

        return hidden_anyhow(text)
    except Exception as problem:  # noqa: BLE001 - as in main, while something else is being told
        return f"(not shown, because it cannot be searched for secrets: {type(problem).__name__})"


def _keep(text: str) -> str:
    """Write a bug report and return where it is; "" when there is no room for it."""
    import tempfile

    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="andon-bug-", suffix=".log", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as file:
            file.write(text)
            return file.name
    except OSError:
        return ""
