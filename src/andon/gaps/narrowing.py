"""The smallest part of a difference that still fails: delta debugging, bisection over amounts. Pure.

Delta debugging after A. Zeller, R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    T = TypeVar("T")


def smallest(parts: Sequence[T], fails: Callable[[Sequence[T]], bool], likely: int = 0) -> tuple[T, ...]:
    """Return a subset that fails of which no single part can be left out.

    All of `parts` together are known to fail. The first `likely` of them are tried alone before anything is
    cut in halves: what was observed usually names the culprit. `fails` is asked O(n log n) times where one
    part is to blame.
    """
    parts = tuple(parts)
    if len(parts) == 1:
        return parts
    for part in parts[:likely]:
        if fails((part,)):
            return (part,)
    pieces = 2
    while len(parts) > 1:
        cuts = _cut(parts, pieces)
        found = _subset(parts, cuts, fails)
        if found is not None:
            parts, is_piece = found
            pieces = 2 if is_piece else max(pieces - 1, 2)
        elif pieces >= len(parts):
            break
        else:
            pieces = min(2 * pieces, len(parts))
    return parts


def _subset(
    parts: tuple[T, ...], cuts: list[tuple[T, ...]], fails: Callable[[Sequence[T]], bool]
) -> tuple[tuple[T, ...], bool] | None:
    """Return a piece that fails (and True), or what is left without one (and False); None for neither."""
    for piece in cuts:
        if fails(piece):
            return piece, True
    if len(cuts) > 2:
        for piece in cuts:
            rest = tuple(part for part in parts if part not in piece)
            if fails(rest):
                return rest, False
    return None


def _cut(parts: tuple[T, ...], pieces: int) -> list[tuple[T, ...]]:
    size, more = divmod(len(parts), pieces)
    found, start = [], 0
    for number in range(pieces):
        end = start + size + (number < more)
        found.append(parts[start:end])
        start = end
    return [piece for piece in found if piece]


def threshold(
    least: float,
    most: float,
    fails: Callable[[float], bool],
    *,
    is_whole: bool,
    near: float = 1.1,
    floor: float = 1.0,
    guess: float | None = None,
) -> tuple[float, float]:
    """Return the least amount that was seen to fail and the greatest that was seen not to.

    `most` is known to fail and `least` not to. A whole `guess` of the least that fails is asked first, and
    then what is next to it and a little farther: two questions where it is right. Amounts are halved by their
    ratio where they are far apart, and by their distance else. It ends where the two are nearer than the
    factor `near`; whole amounts up to a hundred where they are neighbours. Below `floor` nothing is told
    apart.
    """
    low, high = least, most
    if guess is not None and is_whole and low < guess < high:
        low, high = _around(low, high, round(guess), fails)
    while (high - low > 1) if is_whole else (high > max(low, floor) * near):
        if is_whole and high > 100 and high <= low * near:
            break
        middle = (max(low, floor) * high) ** 0.5 if high > 4 * max(low, floor) else (low + high) / 2
        if is_whole:
            middle = min(max(round(middle), int(low) + 1), int(high) - 1)
        if fails(middle):
            high = middle
        else:
            low = middle
    return high, low


def _around(low: float, high: float, guess: float, fails: Callable[[float], bool]) -> tuple[float, float]:
    """Return amounts that pass and fail, as near to a guess as a few steps that double tell."""
    at = guess
    for step in (1, 2, 4, 0):
        if not low < at < high:
            break
        if fails(at):
            high, at = at, at - step
        else:
            low, at = at, at + step
    return low, high
