"""Entries of a regression log that a fix takes away, with the tests they name."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.guard.reading import Sides

#: How `review.regressions` writes the heading of an entry, and how a test is named in one.
_ENTRY = re.compile(r"(?m)^ {0,3}#{1,6}[ \t]{1,8}\[?REG-0{0,8}(\d{1,9})\]?(?![\w-])", re.IGNORECASE)
_TEST = re.compile(r"[\w./\\-]{1,300}::[\w.\[\]-]{1,300}")


def forgotten(sides: Sides) -> Iterator[tuple[int, str]]:
    """Yield line and words for entries that are gone, and for those that name fewer tests than before."""
    before = sides.file.before or ""
    if "REG-" not in before.upper() or not sides.old_path.lower().endswith((".md", ".markdown")):
        return
    now = _entries(sides.file.after or "")
    for number, tests in _entries(before).items():
        line = _line(sides, number)
        if number not in now:
            yield line, f"entry REG-{number} of the regression log is gone"
        elif len(now[number]) < len(tests):
            gone = sorted(tests - now[number])
            yield line, f"entry REG-{number} of the regression log does not name `{gone[0][:80]}` any more"


def _entries(text: str) -> dict[str, frozenset[str]]:
    """Return the tests that each entry names, by its number."""
    found = list(_ENTRY.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)] if found else []
    return {
        match[1]: frozenset(_TEST.findall(text, match.end(), end))
        for match, end in zip(found, ends, strict=True)
    }


def _line(sides: Sides, number: str) -> int:
    """Return the line of the hunk that touches an entry, after the change."""
    for hunk in sides.file.hunks:
        if any((match := _ENTRY.match(line)) and match[1] == number for line in hunk.removed):
            return max(hunk.new_start, 1)
    return max(sides.file.hunks[0].new_start, 1) if sides.file.hunks else 0
