"""Finding what looks like a secret: a literal of its kind, then the expression where it stands. Pure."""

from __future__ import annotations

from andon.secrets.formats import FORMATS
from andon.secrets.needles import Needles

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from andon.secrets.formats import Format

#: One of these is in every secret that FORMATS know, in lower case.
NEEDLES = tuple(dict.fromkeys(needle.decode() for rule in FORMATS for needle in rule.needles))

_HARMLESS = frozenset(
    b"none null nil true false undefined required missing invalid expired incorrect wrong empty unset"
    b" changeme change-me redacted hidden masked string password secret token example your-password".split()
)


def is_harmless(value: bytes) -> bool:
    """True for what stands in a secret's place without being one: nothing, a word, a variable, a mask."""
    if len(value) > 64:
        return False
    plain = value.strip().strip(b".)").lower()
    if len(plain) < 4 or plain in _HARMLESS or len(set(plain)) == 1:
        return True
    if plain[:1] in b"$%" or plain[:2] == b"{{" or (plain[:1] == b"<" and plain[-1:] == b">"):
        return True
    return plain.isdigit() and len(plain) < 6


class Finder:
    """Finds what rows of a table describe."""

    def __init__(self, rows: tuple[Format, ...]) -> None:
        """Take the rows; an expression is compiled when its needle is first seen."""
        self._rows = rows
        self._by_needle: dict[bytes, list[int]] = {}
        for number, row in enumerate(rows):
            for needle in row.needles:
                self._by_needle.setdefault(needle, []).append(number)
        #: The literals at which it looks, in lower case.
        self.needles = Needles(self._by_needle, folded=True)
        self._matchers: dict[int, Callable[[bytes, int], re.Match[bytes] | None]] = {}

    def find(self, content: bytes) -> Iterator[tuple[int, int, str]]:
        """Yield (start, end, kind) of what looks like a secret, row by row; they may overlap."""
        yield from self.find_at(content, self.needles.find(content))

    def find_at(self, content: bytes, found: dict[bytes, list[int]]) -> Iterator[tuple[int, int, str]]:
        """Do what `find` does when it is known where the literals, and perhaps others, stand."""
        rows = self._by_needle
        for number in sorted({number for needle in found for number in rows.get(needle, ())}):
            yield from self._of_row(number, found, content)

    def _of_row(
        self, number: int, found: dict[bytes, list[int]], content: bytes
    ) -> Iterator[tuple[int, int, str]]:
        row = self._rows[number]
        match = self._matchers.get(number)
        if match is None:
            import re  # not when only the literals are wanted: it costs 7 ms of start-up

            match = self._matchers[number] = re.compile(row.expression).match
        for needle in row.needles:
            resume = 0
            for at in found.get(needle, ()):
                if at < resume:
                    continue
                resume = at + len(needle)
                matched = match(content, at)
                if matched is not None:
                    start, end = matched.span(matched.lastindex or 0)
                    start -= row.lead
                    if not (row.may_be_harmless and is_harmless(content[start:end])):
                        yield start, end, row.kind
                        resume = max(resume, end)


FINDER = Finder(FORMATS)


def find(content: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, kind) of what looks like a secret, kind by kind as in FORMATS; they may overlap."""
    return FINDER.find(content)
