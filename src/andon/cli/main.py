"""The door: finds the command's module, parses its words, opens the desk, and turns errors into exit codes.

Exit codes: 0 yes, 1 refused or findings, 2 usage, 3 could not decide, 4 a bug, 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import sys

from andon.cli.commands import COMMANDS, GROUPS
from andon.cli.quick_words import SUPPRESS, Unusual, Words
from andon.errors import AndonError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from types import ModuleType


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code; no exception escapes."""
    try:
        return _dispatch(argv)
    except AndonError as problem:
        _tell(problem, as_json="--json" in argv)
        return problem.exit_code
    except KeyboardInterrupt:
        print("interrupted; what was recorded stays recorded: andon status", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as problem:  # noqa: BLE001 - the boundary: whatever escapes is a bug and is kept
        return _bug(problem, argv)


def _dispatch(argv: Sequence[str]) -> int:
    if not argv or argv[0] in ("-h", "--help", "help"):
        return _help(argv[1:])
    if argv[0] in ("-V", "--version"):
        from andon import __version__

        print(f"andon {__version__}")
        return 0
    name = argv[0]
    if name not in COMMANDS:
        return _unknown(name)
    module = _module(name)
    arguments = _quick(name, module, argv[1:]) or _parser(name, module).parse_args(list(argv[1:]))
    gc.freeze()  # what was imported stays
    gc.enable()
    if getattr(module, "NEEDS_NO_DESK", False):
        return int(module.run(None, arguments))
    from andon.wiring import open_desk

    with open_desk(arguments) as desk:
        return int(module.run(desk, arguments))


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

    parser = argparse.ArgumentParser(
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


def _unknown(name: str) -> int:
    from difflib import get_close_matches

    from andon.cli.terminal import one_line

    close = get_close_matches(name, COMMANDS, 1)
    hint = f"did you mean: andon {close[0]}" if close else "andon --help lists them"
    print(f"andon: there is no command {one_line(name, 40)!r}; {hint}", file=sys.stderr)
    return 2


def _tell(problem: AndonError, *, as_json: bool) -> None:
    from andon.cli.terminal import clean

    kind = type(problem).__name__
    if as_json:
        import json

        told = {f: getattr(problem, f) for f in ("message", "where", "rule", "remedy")}
        print(json.dumps({"error": {"kind": kind, **told}}, indent=2))
    lines = [f"{kind.lower()}: {problem}"]
    if problem.rule:
        lines.append(f"  rule: {problem.rule}")
    if problem.remedy:
        lines.append(f"  way out: {problem.remedy}")
    print(clean("\n".join(lines)), file=sys.stderr)


def _bug(problem: Exception, argv: Sequence[str]) -> int:
    import platform
    import tempfile
    import traceback

    from andon import __version__

    text = "".join(traceback.format_exception(problem))
    head = (
        f"andon {__version__}, Python {platform.python_version()}, {platform.system()}\ncommand: {argv[:1]}\n"
    )
    place = "nowhere: it could not be written"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="andon-bug-", suffix=".log", delete=False) as file:
            file.write(head + text)
            place = file.name
    except OSError:
        print(text, file=sys.stderr)
    print(f"this is a bug in Andon: {type(problem).__name__}: {problem}", file=sys.stderr)
    print(f"  what was recorded stays recorded; the report is in {place}", file=sys.stderr)
    return 4
