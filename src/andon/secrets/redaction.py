"""The seam through which all text passes before it is stored, sent or shown: secrets become markers.

A marker such as `[redacted:jwt:3fa9c1]` tells the kind, and the same secret always gets the same six digits,
which nobody can compute without the key beside the journal.
"""

from __future__ import annotations

import re

from andon.secrets import patterns
from andon.secrets.key_file import read_or_make_key
from andon.secrets.known_values import forms, forms_in_base64, known_values_from_env_file
from andon.secrets.needles import Needles
from andon.secrets.spans import KNOWN, merged, outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from andon.secrets.spans import Span

__all__ = ["PatternRedactor", "known_values_from_env_file"]

#: What a redacted secret looks like.
MARKER = re.compile(rb"\[redacted:[a-z0-9-]{1,40}:[0-9a-f]{6}\]")
_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_")
#: A value shorter than this is a word that is everywhere; whoever gave it cannot have meant it.
_SHORTEST_KNOWN = 4
#: Bytes that are read together, and of what follows them: the longest secret that is always found whole.
BLOCK, LOOK = 1 << 20, 1 << 16
#: Bytes before a block that an expression may look back at, and of the beginning of a secret without end.
_CONTEXT = 256
_LONGEST_MARKER = 64
#: Bytes of a content that is read again as a whole after something in it was replaced.
_SMALL = 1 << 14
#: Bytes before and after a new marker, at most to the ends of its line, that are read again in a larger one.
_AROUND = 1 << 12


class PatternRedactor:
    """The port `Redactor`: knows values by heart, and what secrets of many kinds look like."""

    def __init__(
        self,
        *,
        known: Iterable[bytes] = (),
        key_file: str = "",
        key: bytes = b"",
        block: int = BLOCK,
        look: int = LOOK,
    ) -> None:
        """Take the values known to be secret and the key for markers, or the file that keeps it.

        Neither key nor file: the digits are the same within this process only. `block` and `look` are bytes
        that are read together and ahead.
        """
        self._known: dict[bytes, tuple[bytes, bool]] = {}
        for value in dict.fromkeys(known):
            if len(value) >= _SHORTEST_KNOWN:
                for form in forms(value):
                    self._known.setdefault(form, (value, False))
                for form in forms_in_base64(value):
                    self._known.setdefault(form, (value, True))
        self._needles = Needles(self._known)
        self._key_file = key_file
        self._key = key
        self._block = block
        self._look = max(look, *(len(form) + 8 for form in self._known), 0)

    def redact(self, content: bytes) -> tuple[bytes, int]:
        """Return `content` without secrets and how many were replaced. Idempotent; keeps markers whole."""
        if len(content) <= self._block:
            return self._clean(content, 0, len(content), self._spans(content, 0))
        clean, counts = zip(*self._in_blocks((content,)), strict=True)
        return b"".join(clean), sum(counts)

    def redact_stream(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what `redact` makes of the whole, however it is cut into pieces, in bounded memory.

        A secret is seen whole when it is not longer than what is read ahead (64 KiB, or the longest known
        value); of a longer one, what follows goes the same way as its beginning for as long as it lasts.
        """
        for clean, _ in self._in_blocks(pieces):
            yield clean

    def mark(self, value: bytes) -> str:
        """Return the digits of a secret in its marker."""
        from hashlib import blake2s  # only when there is something to redact: it costs 3 ms

        if not self._key:
            self._key = read_or_make_key(self._key_file) if self._key_file else _random_key()
        return blake2s(value, key=self._key[:32], digest_size=3).hexdigest()

    # -- block by block

    def _in_blocks(self, pieces: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
        """Yield (clean, replaced) of each block; where a block ends depends on nothing but the content."""
        window = self._block + self._look
        source, waiting, is_whole = _small(pieces, self._block), bytearray(), False
        before, is_inside = b"", False
        while True:
            while not is_whole and len(waiting) <= window:
                piece = next(source, None)
                is_whole = piece is None
                waiting += piece or b""
            if not waiting:
                return
            is_last = len(waiting) <= window
            skip, text = len(before), before + waiting[:window]
            spans = self._spans(text, 0 if is_inside else skip)
            if is_inside:  # of a secret whose marker was yielded: nothing of it is
                cut = next((end for start, end, _, _ in spans if start < skip < end), skip)
                is_inside = cut == len(text) and not is_last
                before = before if is_inside else b"\x01"
            else:
                cut, is_inside = (len(text), False) if is_last else self._cut(text, skip, spans)
                clean, count = self._clean(text, skip, cut, spans)
                yield clean, count
                start = spans[0][0] if is_inside else 0
                before = text[max(0, start - _CONTEXT) : start + _CONTEXT] if is_inside else _end(clean)
            del waiting[: cut - skip]

    def _cut(self, text: bytes, skip: int, spans: list[Span]) -> tuple[int, bool]:
        """Return where a block ends: at the end of a line if it has any, and never inside of a secret.

        True for a secret that fills the block and goes on after it.
        """
        limit = skip + self._block
        cut = text.rfind(b"\n", skip + self._block // 2, limit) + 1 or limit
        first, last = _edge(text, cut)
        cut = first if first > skip else last
        for start, end, _, _ in reversed(spans):
            if not start < cut < end:
                continue
            if start > skip:
                cut = max(text.rfind(b"\n", skip, start) + 1, skip)
                cut = cut if cut > skip else start
            elif end < len(text):
                cut = end
            else:
                return len(text), True
        return cut, False

    def _clean(self, text: bytes, skip: int, cut: int, spans: list[Span]) -> tuple[bytes, int]:
        """Return `text[skip:cut]` without its secrets, and without those that show up when they are gone."""
        inside = [span for span in spans if span[0] < cut]
        if not inside:
            return text[skip:cut], 0
        clean, places = self._replaced(text, skip, cut, inside)
        total = len(inside)
        if len(clean) <= _SMALL:
            clean, more = self._settled(clean, text[:skip])
            return clean, total + more
        pieces, position = [], 0
        for low, high in _around(clean, places):
            before = clean[low - 1 : low] if low else text[:skip]
            settled, more = self._settled(clean[low:high], before)
            pieces += [clean[position:low], settled]
            position, total = high, total + more
        return b"".join((*pieces, clean[position:])), total

    def _settled(self, content: bytes, before: bytes) -> tuple[bytes, int]:
        """Return the content when nothing is found in it any more, and how much was replaced on the way.

        Every round turns something into a marker and nothing back, so there is a last one.
        """
        total, skip = 0, len(before)
        while spans := self._spans(before + content, skip):
            content, _ = self._replaced(before + content, skip, skip + len(content), spans)
            total += len(spans)
        return content, total

    # -- what is a secret in it

    def _spans(self, content: bytes, skip: int) -> list[Span]:
        """Return what is to be replaced after `skip` bytes, which were judged before."""
        markers = [found.span() for found in MARKER.finditer(content)] if b"[redacted:" in content else []
        found = self._find(content, _masked(content) if markers else content)
        if skip:
            found = ((max(start, skip), end, kind, value) for start, end, kind, value in found if end > skip)
        return merged(outside(found, markers))

    def _find(self, content: bytes, masked: bytes) -> Iterator[Span]:
        for form, places in self._needles.find(masked).items():
            value, is_base64 = self._known[form]
            for start in places:
                end = start + len(form)
                yield start, _end_of_base64(masked, end) if is_base64 else end, KNOWN, value
        for start, end, kind in patterns.find(masked):
            yield start, end, kind, content[start:end]

    def _replaced(
        self, text: bytes, skip: int, cut: int, spans: list[Span]
    ) -> tuple[bytes, list[tuple[int, int]]]:
        """Return `text[skip:cut]` with markers for the spans, and where the markers stand in it."""
        pieces: list[bytes] = []
        places, position, size = [], skip, 0
        for start, end, kind, value in spans:
            marker = b"[redacted:%s:%s]" % (kind.encode(), self.mark(value).encode())
            size += start - position
            places.append((size, size + len(marker)))
            size += len(marker)
            pieces += [text[position:start], marker]
            position = end
        return b"".join((*pieces, text[position:cut])), places


def _small(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        for place in range(0, len(piece), size):
            yield piece[place : place + size]


def _end(clean: bytes) -> bytes:
    """Return what an expression may look back at from what follows."""
    if clean.endswith(b"\n"):
        return b"\n"
    return _masked(clean[-_CONTEXT - _LONGEST_MARKER :])[-_CONTEXT:]


def _around(content: bytes, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the lines around new markers, cut to _AROUND bytes on each side, never inside of a marker."""
    regions: list[tuple[int, int]] = []
    for start, end in places:
        low = max(content.rfind(b"\n", max(start - _AROUND, 0), start) + 1, start - _AROUND, 0)
        stop = content.find(b"\n", end, end + _AROUND)
        high = stop + 1 if stop >= 0 else min(end + _AROUND, len(content))
        low, high = _edge(content, low)[0], _edge(content, high)[1]
        if regions and low <= regions[-1][1]:
            before = regions.pop()
            low, high = min(before[0], low), max(before[1], high)
        regions.append((low, high))
    return regions


def _edge(content: bytes, place: int) -> tuple[int, int]:
    """Return the ends of the marker in which a place is; the place itself when it is in none."""
    if 0 < place < len(content) and content[place - 1] != 10:
        for marker in MARKER.finditer(content, max(place - _LONGEST_MARKER, 0), place + _LONGEST_MARKER):
            if marker.start() < place < marker.end():
                return marker.span()
    return place, place


def _masked(content: bytes) -> bytes:
    """Return `content` with markers made unreadable, for their own words look like names of secrets."""
    return MARKER.sub(lambda marker: b"\x01" * len(marker[0]), content)


def _end_of_base64(content: bytes, end: int) -> int:
    """Return `end` moved over the few characters that hold the last bits of the value."""
    limit = min(len(content), end + 4)
    while end < limit and content[end] in _BASE64:
        end += 1
    return end


def _random_key() -> bytes:
    import os

    return os.urandom(32)
