"""SQL files that hold both ways, told apart by comment lines: dbmate, goose, sql-migrate, Liquibase.

A mark inside a quoted text would be taken for one by these tools too; they read line by line, as this does.
"""

from __future__ import annotations

import re

from andon.record import Record


class Section(Record):
    """A part of a file."""

    text: str
    #: Line of the file on which it begins, counted from 1.
    line: int


class Sections(Record):
    """The two ways of one file."""

    #: The name of the framework, as `Framework` writes it.
    framework: str
    up: Section | None
    down: Section | None


_MARKS = (
    ("dbmate", re.compile(r"(?i)^--\s*migrate:(up|down)\b.*$")),
    ("goose", re.compile(r"(?i)^\s*--\s*\+goose\s+(up|down)\b.*$")),
    ("sql-migrate", re.compile(r"(?i)^\s*--\s*\+migrate\s+(up|down)\b.*$")),
)
_LIQUIBASE = re.compile(r"(?im)^\s*--\s*liquibase\s+formatted\s+sql\b")
_CHANGESET = re.compile(r"(?i)^\s*--\s*changeset\b")
_ROLLBACK = re.compile(r"(?i)^\s*--\s*rollback\b(.*)$")


def has_lone_return(text: str) -> bool:
    """True for a carriage return that is not part of a line's end: PostgreSQL ends a comment there."""
    return "\r" in text.replace("\r\n", "\n").rstrip("\r")


def split_sections(text: str) -> Sections | None:
    """Return the ways up and down of a file that holds both; None when it has no such marks.

    Lines of the other way become empty, so that a line number within a section is right from its beginning.
    """
    if _LIQUIBASE.match(text):
        return _liquibase(text)
    lines = text.split("\n")
    for framework, mark in _MARKS:
        marks = [
            (number, match[1].lower()) for number, line in enumerate(lines) if (match := mark.match(line))
        ]
        if marks:
            return _marked(framework, lines, marks)
    return None


def _marked(framework: str, lines: list[str], marks: list[tuple[int, str]]) -> Sections:
    """Cut at the marks; text before the first one that says something is taken for a part of the way up.

    The tools themselves refuse or skip it. But a file may have the mark by chance, and be run as a whole.
    """
    ways: dict[str, list[tuple[int, int]]] = {"up": [], "down": []}
    if any(line.strip() and not line.lstrip().startswith("--") for line in lines[: marks[0][0]]):
        ways["up"].append((0, marks[0][0]))
    for place, (number, way) in enumerate(marks):
        end = marks[place + 1][0] if place + 1 < len(marks) else len(lines)
        ways[way].append((number + 1, end))
    cut: dict[str, Section | None] = {}
    for way, spans in ways.items():
        if not spans:
            cut[way] = None
            continue
        first, last = spans[0][0], spans[-1][1]
        inside = {n for begin, end in spans for n in range(begin, end)}
        kept = [lines[n] if n in inside else "" for n in range(first, last)]
        cut[way] = Section(text="\n".join(kept), line=first + 1)
    return Sections(framework=framework, up=cut["up"], down=cut["down"])


def _liquibase(text: str) -> Sections:
    """Changesets one after the other; their `--rollback` lines make the way down, the last one first."""
    up: list[str] = []
    changesets: list[list[tuple[int, str]]] = [[]]
    for number, line in enumerate(text.split("\n"), 1):
        if _CHANGESET.match(line):
            changesets.append([])
        match = _ROLLBACK.match(line)
        if match:
            changesets[-1].append((number, match[1].strip()))
            up.append("")
        else:
            up.append(line)
    with_rollback = [c for c in changesets[1:] if c]
    without = len(changesets) - 1 - len(with_rollback)
    down = None
    if with_rollback and not without:
        statements = [said for c in reversed(with_rollback) for _, said in c]
        down = Section(text="\n".join(statements), line=with_rollback[0][0][0])
    return Sections(framework="Liquibase", up=Section(text="\n".join(up), line=1), down=down)
