"""The entries of a regression log and the tests they name, without the Markdown parser, for hooks.

Reads what Andon writes and what people usually write. Anything that needs a real reader (code blocks,
comments, underlined headings, loose lines) is left to `regressions.read_entries`.
"""

from __future__ import annotations

import re

from andon.record import Record
from andon.review.markup import seen, unescaped

#: Code, quotes, HTML, underlined headings, what is indented for a reason.
_ODD = re.compile(
    r"^[ \t]*(?:```|~~~|>)|(?<!\\)<[!/a-zA-Z]|^ {0,3}(?:=+|-+)[ \t]*$|^(?:\t| {4,})\S|^[ \t]+#"
    r"|^[ \t]{2,}\S.*(?:\*\*|__)Tests?\b",
    re.MULTILINE | re.IGNORECASE,
)
_HEADING = re.compile(r"(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_ENTRY = re.compile(r"\[?REG-([0-9]{1,9})\]?(?![\w-])", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?(?:\*\*|__)([^*_]{1,200}?)(?::(?:\*\*|__)|(?:\*\*|__)[ \t]*:)(.*)"
)
_ITEM = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)])(?:[ \t]|$)")


class QuickEntry(Record):
    """An entry of the log."""

    id: str
    #: Line of its heading, from 1.
    line: int
    #: The field `Test` as it stands there; "" when it has none.
    test: str = ""


def quick_entries(text: str) -> tuple[QuickEntry, ...] | None:
    """Return the entries as `read_entries` would; None for a text that needs the real reader."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if _ODD.search(text):
        return None
    found: list[QuickEntry] = []
    level, has_test = 0, False
    lines = text.split("\n")
    for number, line in enumerate(lines):
        heading = _HEADING.fullmatch(line)
        if heading:
            entry = _ENTRY.match((heading[2] or "").strip())
            if entry:
                found.append(QuickEntry(id=f"REG-{int(entry[1])}", line=number + 1))
                level, has_test = len(heading[1]), False
            elif level and len(heading[1]) <= level:
                level = 0
            continue
        label = _LABEL.fullmatch(line)
        if not (level and label and label[1].strip().casefold() in ("test", "tests")) or has_test:
            continue
        value = _value(label[2], lines, number + 1)
        if value is None:
            return None
        has_test = True
        found[-1] = QuickEntry(id=found[-1].id, line=found[-1].line, test=value)
    return tuple(found)


def _value(first: str, lines: list[str], following: int) -> str | None:
    """Return a field with the indented lines below it; None when a line below it may belong to it or not."""
    told = [first]
    for line in lines[following:]:
        if not line.strip() or line.startswith("#") or _ITEM.match(line) or _LABEL.fullmatch(line):
            break
        if not line.startswith("  "):
            return None
        told.append(line)
    kept = (" ".join(seen(line).split()) for line in told)
    return "\n".join(unescaped(line) for line in kept if line)
