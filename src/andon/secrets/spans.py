"""Places of secrets in a content: ordering them, joining overlapping ones, keeping markers whole. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    #: Start, end, kind, and what the marker's digits are made from.
    Span: TypeAlias = tuple[int, int, str, bytes]

#: The kind of a value known by heart; it goes before what something only looks like.
KNOWN = "known-value"


def outside(spans: Iterable[Span], markers: list[tuple[int, int]]) -> Iterator[Span]:
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


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, overlapping ones made one: of the known kind if any, else the longest's."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span[:2]):
        if joined and span[0] < joined[-1][1]:
            before = joined.pop()
            best = max(before, span, key=lambda s: (s[2] == KNOWN, s[1] - s[0]))
            joined.append((before[0], max(before[1], span[1]), best[2], best[3]))
        else:
            joined.append(span)
    return joined
