"""Whether the fix itself uses what it brings: a helper beside the fix is no feature."""

from __future__ import annotations

import re

from andon.response.guard.places import is_document, is_test
from andon.response.guard.reading import added_lines, removed_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.guard.likeness import Placed
    from andon.response.guard.reading import Sides

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
#: Characters of one line that are searched for names.
_WIDEST = 2000


class Uses:
    """The names on changed lines of code, outside the definitions that came or went."""

    def __init__(self, files: Sequence[Sides], new: Sequence[Placed], gone: Sequence[Placed]) -> None:
        self._known: dict[int, frozenset[str]] = {}
        self._added: set[str] = set()
        self._removed: set[str] = set()
        for sides in files:
            if is_test(sides.path) or is_document(sides.path):
                continue
            came = [(p.symbol.line, p.symbol.end_line) for p in new if p.sides is sides]
            went = [(p.symbol.line, p.symbol.end_line) for p in gone if p.sides is sides]
            self._added |= _words(added_lines(sides.file), came)
            self._removed |= _words(removed_lines(sides.file), went)
        self._follow(new)

    def _follow(self, new: Sequence[Placed]) -> None:
        """Take in what the helpers of the fix use themselves."""
        waiting = [p for p in new if not is_test(p.sides.path)]
        while used := [p for p in waiting if p.symbol.name in self._added]:
            waiting = [p for p in waiting if p.symbol.name not in self._added]
            for placed in used:
                symbol = placed.symbol
                self._added.update(_WORD.findall((placed.sides.file.after or "")[symbol.start : symbol.end]))

    def are_in_fix(self, name: str) -> bool:
        """True when an added line outside of new definitions holds the name."""
        return name in self._added

    def went_with_fix(self, name: str) -> bool:
        """True when a removed line outside of removed definitions held the name."""
        return name in self._removed

    def was_known(self, placed: Placed) -> bool:
        """True when the method fills in: its file held the name before, or it hands on to that name."""
        symbol = placed.symbol
        text = (placed.sides.file.after or "")[symbol.start : symbol.end]
        if "@Override" in symbol.head or re.search(rf"\.{re.escape(symbol.name)}\(", text):
            return True
        key = id(placed.sides)
        if key not in self._known:
            self._known[key] = frozenset(_WORD.findall(placed.sides.file.before or ""))
        return placed.symbol.name in self._known[key]


_CALL = re.compile(r"([A-Za-z_$][\w$]*)[?!]?\s?\(")
_DEFINES = re.compile(r"^\s{0,80}(?:[\w@]+\s+){0,6}(?:def|func|function|fn|fun)\s")


def called(files: Sequence[Sides]) -> frozenset[str]:
    """Return the names that added lines of code call, but do not define."""
    found: set[str] = set()
    for sides in files:
        if is_test(sides.path) or is_document(sides.path):
            continue
        for _, line in added_lines(sides.file):
            if not _DEFINES.match(line[:300]):
                found.update(_CALL.findall(line[:_WIDEST]))
    return frozenset(found)


def _words(lines: list[tuple[int, str]], spans: list[tuple[int, int]]) -> set[str]:
    return {
        word
        for number, line in lines
        if not any(first <= number <= last for first, last in spans)
        for word in _WORD.findall(line[:_WIDEST])
    }
