"""A logistic regression in plain Python: small models are learned here, and stand as tables in the code."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = tuple[list[float], int, float]


def learned(rows: Sequence[Row], *, ridge: float = 1.0, rounds: int = 12) -> list[float]:
    """Return the weights that make the labels likeliest (Newton's method).

    A row holds its signs, its label (0 or 1) and how much it counts; `ridge` holds weights small.
    """
    size = len(rows[0][0])
    weights = [0.0] * size
    for _ in range(rounds):
        slope = [-ridge * w for w in weights]
        bend = [[ridge if i == j else 0.0 for j in range(size)] for i in range(size)]
        for signs, label, counts in rows:
            total = sum(w * x for w, x in zip(weights, signs, strict=True) if x)
            chance = 1 / (1 + math.exp(-max(min(total, 30.0), -30.0)))
            error, spread = counts * (label - chance), counts * chance * (1 - chance)
            filled = [(i, x) for i, x in enumerate(signs) if x]
            for i, x in filled:
                slope[i] += error * x
                row, share = bend[i], spread * x
                for j, y in filled:
                    row[j] += share * y
        step = solved(bend, slope)
        weights = [w + s for w, s in zip(weights, step, strict=True)]
        if max(abs(s) for s in step) < 1e-3:
            break
    return weights


def solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve linear equations (Gauss, with pivots)."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for at in range(size):
        pivot = max(range(at, size), key=lambda n: abs(rows[n][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for below in range(at + 1, size):
            share = rows[below][at] / rows[at][at]
            if share:
                rows[below] = [x - share * y for x, y in zip(rows[below], rows[at], strict=True)]
    found = [0.0] * size
    for at in reversed(range(size)):
        found[at] = (rows[at][size] - sum(rows[at][n] * found[n] for n in range(at + 1, size))) / rows[at][at]
    return found
