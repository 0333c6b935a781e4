"""andon evidence: add, list or show evidence."""

from __future__ import annotations

import errno
import os
import stat
import sys

from andon.cli.output import finish, print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, say
from andon.desk.casefile import load
from andon.desk.looking import attachment
from andon.desk.recording import record
from andon.errors import InvalidInput, NotFound, Refused, Unavailable
from andon.incident.commands import AttachEvidence

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.incident.events import EvidenceAttached

#: Bytes read from one file; the store cuts further.
_MOST = 64 * 1024 * 1024
_KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".json": "application/json", ".html": "text/html"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="add | list | show", required=True)
    add = verbs.add_parser("add", help="store a file, or - for standard input, redacted")
    add.add_argument("file", help="its path, or - for standard input")
    add.add_argument("--title", default="", help="what it shows")
    add.add_argument("--kind", default="file", help="log, screenshot, report, ... (default: file)")
    verbs.add_parser("list", help="everything that is stored for the incident")
    show = verbs.add_parser("show", help="print one piece")
    show.add_argument("hash", help="its hash, or enough of its beginning")
    show.add_argument("--raw", action="store_true", help="the bytes as they are stored, for a file or a pipe")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do the form of the command that was asked for."""
    state = load(desk, getattr(arguments, "incident", None), closed_too=True)
    if arguments.verb == "add":
        content, name = _content(arguments.file)
        media_type = _KINDS.get(os.path.splitext(name)[1].lower(), "text/plain")
        stored = desk.evidence.put(content, media_type)
        title = arguments.title or name
        attached = attachment(stored, arguments.kind, title, name)
        state = record(desk, state, AttachEvidence(evidence=attached))
        told = [f"stored {stored.evidence[:19]}… {stored.size} bytes"]
        if stored.redactions:
            told.append(f"{stored.redactions} secret value(s) were redacted")
        if stored.original_size > stored.size:
            told.append(f"cut from {stored.original_size} bytes")
        return finish(arguments, state, desk.clock.now(), *told)
    if arguments.verb == "list":
        if wants_json(arguments):
            print_json([whole(e) for e in state.evidence])
            return 0
        rows((e.evidence[7:19], e.kind, f"{e.size}", e.title) for e in state.evidence)
        if state.evidence:
            next_line("look at one", f"andon evidence show {state.evidence[-1].evidence[7:19]}")
        else:
            next_line("none yet", "andon evidence add FILE")
        return 0
    return _show(desk, _find(state.evidence, arguments.hash), arguments)


def _content(file: str) -> tuple[bytes, str]:
    try:
        if file == "-":
            return sys.stdin.buffer.read(_MOST), "standard input"
        return _read(file), os.path.basename(file)
    except FileNotFoundError as problem:
        raise NotFound("there is no such file", where=file, remedy="andon evidence add FILE") from problem
    except OSError as problem:
        raise Unavailable(
            f"it cannot be read: {problem.strerror}",
            where=file,
            rule="evidence",
            remedy="check its permissions",
        ) from problem


def _read(file: str) -> bytes:
    """Return the beginning of a regular file; anything else may never end, or never begin."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    with open(descriptor, "rb") as source:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file; give its content to: andon evidence add -")
        return source.read(_MOST)


def _find(known: tuple[EvidenceAttached, ...], wanted: str) -> EvidenceAttached:
    digits = wanted.removeprefix("sha256:").lower()
    found = {e.evidence: e for e in known if e.evidence.removeprefix("sha256:").startswith(digits)}
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise InvalidInput(
            f"{len(found)} pieces begin with {wanted!r}", rule="evidence", remedy="give more digits"
        )
    raise NotFound(f"no evidence begins with {wanted!r}", remedy="andon evidence list")


def _show(desk: Desk, attached: EvidenceAttached, arguments: argparse.Namespace) -> int:
    blob = desk.evidence.get(attached.evidence)
    if wants_json(arguments):
        print_json({**whole(attached), **_for_programs(blob.content)})
        return 0
    if arguments.raw and sys.stdout.isatty():
        raise Refused(
            "raw bytes could take over your terminal",
            where=attached.evidence[:19],
            rule="nothing-unescaped",
            remedy=f"andon evidence show {attached.evidence[7:19]} --raw > FILE",
        )
    if arguments.raw:
        sys.stdout.buffer.write(blob.content)
        return 0
    print(f"{attached.evidence}  {attached.kind}  {one_line(attached.title)}")
    if b"\0" in blob.content[:4096]:
        next_line("it is not text", f"andon evidence show {attached.evidence[7:19]} --raw > FILE")
        return 0
    say(blob.content.decode("utf-8", "backslashreplace"))
    return 0


def _for_programs(content: bytes) -> dict[str, str]:
    """Return the content as text, or in base64 when it is not text."""
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        from base64 import b64encode

        return {"base64": b64encode(content).decode()}
