"""Command lines of Andon that are quoted somewhere: in documents, and in the program's own texts."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from andon.cli.commands import COMMANDS
from andon.errors import InvalidInput
from tests.docs.commands_part import parser_of
from tests.docs.marked import ROOT

#: Where a command line ends and prose goes on.
_PROSE = re.compile(r"\s{2,}|;|\s\(|\s->|\s>|,\s|:\s|\sor\s(?=andon)|`|\)|\s*$")
#: Stands for what is filled in when the program runs.
_FILLED = "FILLED-IN"
#: A command that is named, not quoted whole: what is there is right, something is missing.
_INCOMPLETE = re.compile(r"the following arguments are required|expected (one|at least one) argument")


class Quoted(NamedTuple):
    """A command line and where it stands."""

    where: str
    line: str
    #: False when it may be only a command's name in a sentence.
    whole: bool


def in_document(path: Path) -> Iterator[Quoted]:
    """Yield the command lines in a Markdown file: in code blocks, and in code that begins with `andon`."""
    text = path.read_text(encoding="utf-8")
    place = path.relative_to(ROOT)
    fence = ""
    lines = iter(enumerate(text.splitlines(), start=1))
    for number, line in lines:
        mark = re.match(r"\s*(```+)", line)
        if mark and (not fence or mark[1] == fence):
            fence = "" if fence else mark[1]
            continue
        if fence:
            while line.endswith("\\"):
                line = f"{line[:-1].rstrip()} {next(lines)[1].strip()}"
            command = re.match(r"\s*(?:\$ )?(?:\./dev )?(andon .*)", line)
            if command and not line.lstrip().startswith("usage:"):
                yield Quoted(f"{place}:{number}", re.split(r"\s{2,}(?=\S)", command[1])[0], True)
        else:
            for code in re.findall(r"(?<!`)`([^`]+)`(?!`)", line):
                if code.startswith("andon "):
                    yield Quoted(f"{place}:{number}", code, False)


def in_source(path: Path) -> Iterator[Quoted]:
    """Yield the command lines in the texts of a Python file, docstrings left out."""
    text = path.read_text(encoding="utf-8")
    if "andon " not in text:
        return
    tree = ast.parse(text)
    skipped = {id(part) for node in ast.walk(tree) for part in _silent(node)}
    for node in ast.walk(tree):
        if id(node) not in skipped and isinstance(node, (ast.Constant, ast.JoinedStr)):
            for line in _commands(_text(node)):
                yield Quoted(f"{path.relative_to(ROOT)}:{node.lineno}", line, False)


def _silent(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is no text for people: docstrings, and the pieces of a formatted text."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.JoinedStr):
        yield from (part for part in ast.walk(node) if part is not node)


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(str(p.value) if isinstance(p, ast.Constant) else _FILLED for p in node.values)


def _commands(text: str) -> Iterator[str]:
    text = re.sub(r"\\\n\s*", "", text)
    for found in re.finditer(r"(?<![\w/.-])andon (?=[a-z]+\b)", text):
        rest = text[found.end() :]
        if rest.split()[0].strip("`;,.:") in COMMANDS:
            yield " ".join(f"andon {_until_prose(rest)}".split())


def _until_prose(rest: str) -> str:
    quoted = False
    for position, sign in enumerate(rest):
        if sign == '"':
            quoted = not quoted
        if not quoted and _PROSE.match(rest, position):
            return rest[:position]
    return rest


def complaint(line: str, *, whole: bool) -> str:
    """Return why the program would not take a command line; "" when it would.

    Unless it is quoted `whole`, arguments may be missing and a sentence may go on behind it.
    """
    problem = _problem(line)
    if whole or not problem:
        return problem
    if _INCOMPLETE.search(problem) or _FILLED in problem:
        return ""
    prose = re.fullmatch(r"(andon \S+.*?)( [a-z]+){2,}", line)  # two words and more
    return problem if prose is None else complaint(prose[1], whole=True)


_parser_of = cache(parser_of)


def _problem(line: str) -> str:
    try:
        words = shlex.split(_plain(line), comments=True)[1:]
    except ValueError as problem:
        return str(problem)
    if not words or words[0] in ("COMMAND", "help", "--help", "--version"):
        return ""
    if words[0] not in COMMANDS:
        return f"there is no command {words[0]}"
    if "--help" in words:
        return ""
    try:
        _parser_of(words[0]).parse_args(words[1:])
    except InvalidInput as problem:
        return str(problem)
    return ""


def _plain(line: str) -> str:
    """Take the usual notation out: `[OPTIONAL]`, `one|other`, and numbers where words stand for them."""
    outside = re.split(r'("[^"]*")', line)
    for place in range(0, len(outside), 2):
        text = outside[place].replace("[", "").replace("]", "").replace("...", "")
        text = re.sub(r"(\S+?)\|\S+", r"\1", text)
        outside[place] = re.sub(r"\b(N|SECONDS)\b", "1", text)
    return "".join(outside)
