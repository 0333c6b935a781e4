"""Where a change could fall into two: the weak places between its pieces, and what speaks for a cut there."""

from __future__ import annotations

import math

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.guard.pieces import Piece

Links = list[list[float]]


class Cut(Record):
    """Two sides of a change, by the numbers of their pieces; `small` is the one with fewer lines."""

    small: tuple[int, ...]
    large: tuple[int, ...]


def cuts(pieces: Sequence[Piece], links: Links, among: tuple[int, ...]) -> Iterator[Cut]:
    """Return each way to cut some pieces in two that is worth a look.

    One for each edge of the tree of strongest links (Prim, 1957), and one that takes each file from the rest.
    """
    seen: set[tuple[int, ...]] = set()
    for first in (*_by_links(links, among), *_by_files(pieces, among)):
        rest = tuple(n for n in among if n not in first)
        side = tuple(sorted(first))
        if not rest or not side:
            continue
        if (_lines(pieces, side), len(side), side) > (_lines(pieces, rest), len(rest), rest):
            side, rest = rest, side
        if side not in seen:
            seen.add(side)
            yield Cut(small=side, large=rest)


def _by_links(links: Links, among: tuple[int, ...]) -> Iterator[set[int]]:
    edges = _tree(links, among)
    for left_out in range(len(edges)):
        near: dict[int, list[int]] = {n: [] for n in among}
        for number, (a, b) in enumerate(edges):
            if number != left_out:
                near[a].append(b)
                near[b].append(a)
        yield _reached(near, edges[left_out][1])


def _by_files(pieces: Sequence[Piece], among: tuple[int, ...]) -> Iterator[set[int]]:
    for path in sorted({pieces[n].path for n in among}):
        yield {n for n in among if pieces[n].path == path}


def _tree(links: Links, among: tuple[int, ...]) -> list[tuple[int, int]]:
    edges = []
    best = {n: (links[among[0]][n], among[0]) for n in among[1:]}
    while best:
        nearest = max(best, key=lambda n: (best[n][0], -n))
        edges.append((best.pop(nearest)[1], nearest))
        for n, (strength, _) in best.items():
            if links[nearest][n] > strength:
                best[n] = (links[nearest][n], nearest)
    return edges


def _reached(near: dict[int, list[int]], start: int) -> set[int]:
    seen = {start}
    open_ = [start]
    while open_:
        for n in near[open_.pop()]:
            if n not in seen:
                seen.add(n)
                open_.append(n)
    return seen


def _lines(pieces: Sequence[Piece], side: Sequence[int]) -> int:
    return sum(pieces[n].size for n in side)


def signs(cut: Cut, pieces: Sequence[Piece], links: Links, bearings: Sequence[float]) -> dict[str, float]:
    """Return what speaks for and against two sides being two things, each as a number."""
    small, large = [pieces[n] for n in cut.small], [pieces[n] for n in cut.large]
    across = sorted((links[a][b] for a in cut.small for b in cut.large), reverse=True)
    best = across[:3]
    both = (small, large)
    return {
        "constant": 1.0,
        "strongest link": across[0],
        "three strongest links": sum(best) / len(best),
        "lines of the smaller": math.log1p(_lines(pieces, cut.small)),
        "lines of the larger": math.log1p(_lines(pieces, cut.large)),
        "pieces of the larger": math.log1p(len(large)),
        "same file": float(bool({p.path for p in small} & {p.path for p in large})),
        "only comments": float(any(all(p.is_comment for p in side) for side in both)),
        "only imports": float(any(all(p.is_import for p in side) for side in both)),
        "only documents": float(any(all(p.role == "document" for p in side) for side in both)),
        "only tests": float(any(all(p.role == "test" for p in side) for side in both)),
        "new functions": math.log1p(sum(p.new_symbols for p in (*small, *large))),
        "new functions in the smaller": float(any(p.new_symbols for p in small)),
        "files": math.log(len({p.path for p in (*small, *large) if p.role == "source"}) or 1),
        "lines": math.log1p(_lines(pieces, (*cut.small, *cut.large))),
        "bearing on one side only": abs(
            max(bearings[n] for n in cut.small) - max(bearings[n] for n in cut.large)
        ),
    }


def likeness_to_a_fix(side: Sequence[Piece], bearings: Sequence[float]) -> dict[str, float]:
    """Return what makes one side of a cut look like the fix rather than like what came with it."""
    lines = sum(p.size for p in side) or 1
    edits = [token for p in side for token in p.edit]
    return {
        "bearing": max(bearings, default=0.0),
        "lines": math.log1p(lines),
        "conditions": float(any(t in _CONDITIONS for t in edits)),
        "new functions": float(any(p.new_symbols for p in side)),
        "only comments or imports": float(all(p.is_comment or p.is_import for p in side)),
        "no source": float(all(p.role != "source" for p in side)),
        "pieces": math.log1p(len(side)),
        "files": math.log(len({p.path for p in side}) or 1),
        "only removes": float(not any(p.hunk.added for p in side)),
    }


#: What a fix adds more often than anything else does: a case that nobody thought of.
_CONDITIONS = frozenset(
    (
        "+if", "+elif", "+unless", "+not", "+is", "+None", "+nil", "+null", "+undefined", "+try", "+except",
        "+catch", "+rescue", "+raise", "+throw", "+and", "+or", "+in",
    )
)  # fmt: skip
