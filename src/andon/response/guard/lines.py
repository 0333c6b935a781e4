"""Which changed lines count: blank lines, comments, and lines that only moved are no work."""

from __future__ import annotations

import re
from collections import Counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.change import ChangedFile, Hunk
    from andon.response.guard.reading import Sides
    from andon.response.guard.structure import Structure

#: How a comment begins where the structure is not known.
_COMMENT = re.compile(r"\s*(?:#(?![!\[])|//|/\*|\*(?:\s|/|$)|--\s|;;|%%|<!--|\"\"\"|''')")
#: Lines on which nothing stands but what closes or opens: another style of setting has more or fewer of them.
_BRACKETS = re.compile(r"[\s{}()\[\];,:]*$")


def is_silent(structure: Structure, number: int, line: str) -> bool:
    """True for a line that is blank or nothing but a comment; `number` is its number in its text."""
    if not line.strip():
        return True
    if structure.unread or number > len(structure.starts):
        return bool(_COMMENT.match(line))
    start = structure.starts[number - 1]
    first = start + len(line) - len(line.lstrip())
    last = start + len(line.rstrip()) - 1
    return structure.is_comment(first) and structure.is_comment(last)


def code_lines(sides: Sides, hunk: Hunk) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the removed and the added lines of a hunk that are code, with their numbers."""
    return (
        [(n, t) for n, t in _numbered(hunk.old_start, hunk.removed) if not is_silent(sides.before, n, t)],
        [(n, t) for n, t in _numbered(hunk.new_start, hunk.added) if not is_silent(sides.after, n, t)],
    )


def _numbered(start: int, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    return enumerate(lines, start=start)


def squeezed(line: str) -> str:
    """Return a line without its blanks: what stays when it is indented otherwise."""
    return "".join(line.split())


def is_import(structure: Structure, number: int) -> bool:
    """True for a line, by its number, that is part of an import."""
    spans, starts = structure.imports, structure.starts
    if not spans or number > len(starts):
        return False
    begin = starts[number - 1]
    end = starts[number] if number < len(starts) else begin + 1
    return any(a < end and b > begin for a, b in spans)


def _telling(structure: Structure, lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Leave out imports and lone brackets: they follow from other lines, which count."""
    return [(n, t) for n, t in lines if not _BRACKETS.match(t) and not is_import(structure, n)]


class Tally:
    """Counts changed lines of code over many files; a line removed here and added there is a move."""

    def __init__(self) -> None:
        self.total: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()
        self.added: Counter[str] = Counter()
        self.silent = 0

    def take(self, sides: Sides) -> int:
        """Count one file; returns how many of its lines are code."""
        count = 0
        for hunk in sides.file.hunks:
            removed, added = code_lines(sides, hunk)
            self.silent += hunk.size - len(removed) - len(added)
            removed, added = _telling(sides.before, removed), _telling(sides.after, added)
            count += len(removed) + len(added)
            self.removed.update(squeezed(line) for _, line in removed)
            self.added.update(squeezed(line) for _, line in added)
        return count

    @property
    def moved(self) -> int:
        """How many lines, on both sides together, are the other side of a move or another indentation."""
        return 2 * sum(min(number, self.added[line]) for line, number in self.removed.items())


def is_only_silent(sides: Sides, file: ChangedFile) -> bool:
    """True when no hunk of the file touches code."""
    return all(not any(code_lines(sides, hunk)) for hunk in file.hunks)
