"""`andon protocol`: show the incident document as Andon reads it, and say what is wrong with it."""

from __future__ import annotations

import errno
import hashlib
import json
import os

from andon import protocol
from andon.cli.terminal import clean, next_line, one_line
from andon.desk.declare import protocol_path
from andon.errors import InvalidInput
from andon.protocol.bind import bind
from andon.protocol.compile import compile_protocol
from andon.protocol.lint import Finding, lint
from andon.protocol.parse import parse
from andon.protocol.show import data_of, lines_of, policy_told

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.protocol.document import Document

#: The file of the protocol that runs when the team has none of its own.
BUILTIN = os.path.join(os.path.dirname(protocol.__file__), "builtin.md")
#: Bytes; an incident document is a thousandth of this.
LARGEST = 8 * 1024 * 1024

SHOW = "andon protocol show"
EPILOG = "Without FILE: the protocol named in andon.toml, else the built-in one."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the two ways to look at a protocol."""
    ways = parser.add_subparsers(dest="way", required=True, metavar="{show,lint}")
    show = ways.add_parser("show", help="print the document as a tree, with line numbers")
    show.add_argument("file", nargs="?", default="", metavar="FILE", help="a Markdown document")
    show.add_argument("--bindings", action="store_true", help="say for each item which check it binds to")
    show.add_argument(
        "--compiled", action="store_true", help="print the JSON that an incident adopts at its declaration"
    )
    check = ways.add_parser("lint", help="name what binds to nothing, is ambiguous or is missing")
    check.add_argument("file", nargs="?", default="", metavar="FILE", help="a Markdown document")


def run(desk: Desk | None, arguments: argparse.Namespace) -> int:
    """Show or lint; returns 1 when the linter found something."""
    path, name = _place(desk, arguments.file)
    content = _read(path, name)
    document = parse(content.decode("utf-8-sig", "replace"), name)
    as_json = getattr(arguments, "json", False)
    if arguments.way == "lint":
        return _lint(document, given=arguments.file, as_json=as_json)
    if arguments.compiled:
        compiled = compile_protocol(document, hashlib.sha256(content).hexdigest())
        print(json.dumps(compiled.to_json(), indent=1))
        return 0
    bindings = bind(document) if arguments.bindings or as_json else ()
    if as_json:
        print(json.dumps(data_of(document, bindings), indent=2))
        return 0
    for line in lines_of(document, bindings):
        print(_kept(line))
    print(_kept(f"gears: {policy_told(document)}"))
    next_line("see whether it can be run as it is", f"andon protocol lint {arguments.file}".strip())
    return 0


def _place(desk: Desk | None, given: str) -> tuple[str, str]:
    """The file to read and what to call it."""
    if given or desk is None:
        return given or BUILTIN, given or "built-in"
    return protocol_path(desk), desk.config.protocol or "built-in"


def _read(path: str, name: str) -> bytes:
    remedy = f"name a Markdown file, or none for the built-in protocol: {SHOW}"
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise OSError(errno.EINVAL, "it is not a file")
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise InvalidInput(
            f"the protocol cannot be read: {reason}", where=name, rule="protocol", remedy=remedy
        ) from problem
    if len(content) > LARGEST:
        raise InvalidInput(
            f"the protocol is larger than {LARGEST // 1024 // 1024} MiB",
            where=name,
            rule="protocol",
            remedy=remedy,
        )
    return content


def _lint(document: Document, *, given: str, as_json: bool) -> int:
    findings = lint(document)
    if as_json:
        plain = [_plain(finding) for finding in findings]
        print(json.dumps({"file": document.file, "findings": plain}, indent=2))
        return 1 if findings else 0
    for finding in findings:
        print(one_line(f"{finding.file}:{finding.line}: {finding.rule}: {finding.message}"))
        print(_kept(f"    {finding.remedy}"))
    print(_kept(f"gears: {policy_told(document)}"))
    if findings:
        told = f"{len(findings)} to mend in {document.file}; see what each item binds to"
        next_line(told, " ".join(filter(None, (SHOW, given, "--bindings"))))
        return 1
    boxes = len(document.checklist)
    lines = "1 line" if boxes == 1 else f"{boxes} lines"
    next_line(f"{document.file} can be run as it is: {lines} to check off", "andon declare")
    return 0


def _plain(finding: Finding) -> dict[str, object]:
    return {field: getattr(finding, field) for field in finding.__fields__}


def _kept(line: str) -> str:
    """Return a line of the tree for the terminal: its indentation stays, its control characters do not."""
    return clean(line).replace("\n", " ").replace("\t", " ").rstrip()
