"""The shape of a message: its words, without what changes from one occurrence to the next.

First everything that holds a digit is masked, then shapes that differ in one position only become one. The
second step looks at all shapes of a log at once, so that two stretches are compared by their unmerged shapes,
or by a merging that was made from one of them (`Merging`).
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

#: What stands for whatever changes.
HOLE = "<*>"
#: Different values a position must take before it counts as changing, and the same where they look like names
#: of things rather than words of a sentence. Chosen on eight of the sixteen systems of Loghub and tried on
#: the others (bench/log_signatures.py, docs/reference/figures.md).
VALUES, NAMES = 6, 3
#: Positions of a message at which a merging is tried.
POSITIONS = 40

#: A word that holds a digit, from its beginning or from the last `=` or `(` before the digit. Possessive: a
#: plain `\S*\d\S*` takes quadratic time on a long word (https://docs.python.org/3/library/re.html).
_CHANGING = re.compile(r"(?<![^\s=(])[^\s\d=(]*+\d\S*+")
_CHANGING_BYTES = re.compile(rb"(?<![^\s=(])[^\s\d=(]*+\d\S*+")
_RUN = re.compile(r"<\*>(?:[ ,]+<\*>)+")
#: What a name of a thing holds and a word of a sentence does not.
_NAME = re.compile(r"[./_@\"'\\$<]|[a-z][A-Z]")
_WORD = re.compile(r"[A-Za-z]{2}")
_WORDS = re.compile(r"[A-Za-z]{2,}")


def shape(message: str) -> str:
    """Return a message with what changes masked, at most 400 characters."""
    return gathered(_CHANGING.sub(HOLE, message[:4000]))[:400]


def masked(lines: bytes) -> bytes:
    """Mask what changes in many lines at once: the fast half of `shape`."""
    return _CHANGING_BYTES.sub(b"<*>", lines)


def gathered(text: str) -> str:
    """Return a masked text where any list of changing things is one: the other half of `shape`."""
    return _RUN.sub(HOLE, text) if f"{HOLE} " in text or f"{HOLE}," in text else text


def resemble(one: str, other: str) -> bool:
    """Say whether two shapes have at least half of all their words in common, in any order."""
    if one == other:
        return True
    words, others = set(_WORDS.findall(one)), set(_WORDS.findall(other))
    return bool(words) and len(words & others) * 2 >= len(words | others)


class Merging:
    """Which shapes are one, told from a set of them."""

    __slots__ = ("_open", "_to")

    def __init__(self, to: Mapping[str, str], opened: frozenset[tuple[int, int, str, str]]) -> None:
        """Keep the merged shape of each shape, and the contexts in which a position changes."""
        self._to, self._open = to, opened

    def of(self, shape: str) -> str:
        """Return the merged shape; one that was not there is merged where its context is known to change."""
        known = self._to.get(shape)
        if known is not None:
            return known
        for place in _places(shape):
            if place in self._open:
                return _joined(place)
        return shape


def merging(shapes: Collection[str]) -> Merging:
    """Find the positions that take many values in otherwise equal shapes.

    Never the first one, where a message says what it is about, and never without a word beside it.
    """
    alike: dict[tuple[int, int, str, str], list[str]] = {}
    for one in shapes:
        for place in _places(one):
            alike.setdefault(place, []).append(one)
    ranked = sorted(
        (item for item in alike.items() if len(item[1]) >= NAMES), key=lambda i: (-len(i[1]), i[0])
    )
    to: dict[str, str] = {}
    opened: set[tuple[int, int, str, str]] = set()
    for place, found in ranked:
        left = [one for one in found if one not in to]
        if len(left) < 2 or not _WORD.search(place[2].replace(HOLE, "") + place[3].replace(HOLE, "")):
            continue
        if len(left) < _needed([one.split(" ")[place[0]] for one in left]):
            continue
        opened.add(place)
        to.update(dict.fromkeys(left, _joined(place)))
    return Merging(to, frozenset(opened))


def _places(one: str) -> Iterable[tuple[int, int, str, str]]:
    """Yield each position but the first, with how many there are and what stands before and after it."""
    words = one.split(" ")
    for at in range(1, min(len(words), POSITIONS)):
        yield at, len(words), " ".join(words[:at]), " ".join(words[at + 1 :])


def _joined(place: tuple[int, int, str, str]) -> str:
    return " ".join(part for part in (place[2], HOLE, place[3]) if part)


def _needed(values: Collection[str]) -> int:
    words = sum(1 for value in values if HOLE not in value and not _NAME.search(value))
    return NAMES if words <= len(values) / 2 else VALUES
