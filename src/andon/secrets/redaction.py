"""The seam through which all text passes before it is stored, sent or shown: secrets become markers.

A marker such as `[redacted:jwt:3fa9c1]` tells the kind, and the same secret always gets the same six digits,
which nobody can compute without the key beside the journal.
"""

from __future__ import annotations

import re

from andon.secrets import patterns
from andon.secrets.key_file import read_or_make_key
from andon.secrets.known_values import forms, forms_in_base64, known_values_from_env_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    #: Start, end, kind, and what the marker's digits are made from.
    Span: TypeAlias = tuple[int, int, str, bytes]

__all__ = ["PatternRedactor", "known_values_from_env_file"]

#: What a redacted secret looks like.
MARKER = re.compile(rb"\[redacted:[a-z0-9-]+:[0-9a-f]{6}\]")
KNOWN = "known-value"
_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_")
#: A value shorter than this is a word that is everywhere; whoever gave it cannot have meant it.
_SHORTEST_KNOWN = 4


class PatternRedactor:
    """The port `Redactor`: knows values by heart, and what secrets of many kinds look like."""

    def __init__(self, *, known: Iterable[bytes] = (), key_file: str = "", key: bytes = b"") -> None:
        """Take the values known to be secret and the key for markers, or the file that keeps it.

        Neither key nor file: the digits are the same within this process only.
        """
        self._known = tuple(
            (value, forms(value), forms_in_base64(value))
            for value in dict.fromkeys(known)
            if len(value) >= _SHORTEST_KNOWN
        )
        self._key_file = key_file
        self._key = key

    def redact(self, content: bytes) -> tuple[bytes, int]:
        """Return `content` without secrets and how many were replaced. Idempotent; keeps markers whole."""
        total = 0
        while True:
            markers = [found.span() for found in MARKER.finditer(content)]
            spans = _merged(_outside(self._find(content, _masked(content) if markers else content), markers))
            if not spans:
                return content, total
            # Every round turns something into a marker and nothing back, so there is a last one.
            content = self._replaced(content, spans)
            total += len(spans)

    def _find(self, content: bytes, masked: bytes) -> Iterator[Span]:
        yield from self._find_known(masked)
        for start, end, kind in patterns.find(masked):
            yield start, end, kind, content[start:end]

    def _find_known(self, content: bytes) -> Iterator[Span]:
        for value, plain, in_base64 in self._known:
            for start, end in _find_all(content, plain):
                yield start, end, KNOWN, value
            for start, end in _find_all(content, in_base64):
                yield start, _end_of_base64(content, end), KNOWN, value

    def _replaced(self, content: bytes, spans: list[Span]) -> bytes:
        pieces, position = [], 0
        for start, end, kind, value in spans:
            pieces += [
                content[position:start],
                b"[redacted:%s:%s]" % (kind.encode(), self.mark(value).encode()),
            ]
            position = end
        return b"".join((*pieces, content[position:]))

    def mark(self, value: bytes) -> str:
        """Return the digits of a secret in its marker."""
        from hashlib import blake2s  # only when there is something to redact: it costs 3 ms

        if not self._key:
            self._key = read_or_make_key(self._key_file) if self._key_file else _random_key()
        return blake2s(value, key=self._key[:32], digest_size=3).hexdigest()


def _find_all(content: bytes, wanted: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    for form in wanted:
        at = content.find(form)
        while at >= 0:
            yield at, at + len(form)
            at = content.find(form, at + len(form))


def _masked(content: bytes) -> bytes:
    """Return `content` with markers made unreadable, for their own words look like names of secrets."""
    return MARKER.sub(lambda marker: b"\x01" * len(marker[0]), content)


def _outside(spans: Iterable[Span], markers: list[tuple[int, int]]) -> Iterator[Span]:
    """Yield the spans that hold more than markers, grown to cover the markers they touch."""
    if not markers:
        yield from spans
        return
    from bisect import bisect_right

    starts = [start for start, _ in markers]
    for start, end, kind, value in spans:
        first = max(0, bisect_right(starts, start) - 1)
        covered, low, high = 0, start, end
        for marker_start, marker_end in markers[first:]:
            if marker_start >= end:
                break
            if marker_end > start:
                covered += min(end, marker_end) - max(start, marker_start)
                low, high = min(low, marker_start), max(high, marker_end)
        if covered < end - start:
            yield low, high, kind, value


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, overlapping ones made one: of the known kind if any, else the longest's."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: span[:2]):
        if merged and span[0] < merged[-1][1]:
            before = merged.pop()
            best = max(before, span, key=lambda s: (s[2] == KNOWN, s[1] - s[0]))
            merged.append((before[0], max(before[1], span[1]), best[2], best[3]))
        else:
            merged.append(span)
    return merged


def _end_of_base64(content: bytes, end: int) -> int:
    """Return `end` moved over the few characters that hold the last bits of the value."""
    limit = min(len(content), end + 4)
    while end < limit and content[end] in _BASE64:
        end += 1
    return end


def _random_key() -> bytes:
    import os

    return os.urandom(32)
