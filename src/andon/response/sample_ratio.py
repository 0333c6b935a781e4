"""Were the variants served as they were meant to be? Pearson's test of the counts against the weights.

Source: K. Pearson, Philosophical Magazine 50 (1900) 157; the tail of the distribution is the regularised
incomplete gamma function, by its series and its continued fraction (Abramowitz and Stegun, 6.5.29, 6.5.31).
"""

from __future__ import annotations

from math import exp, isfinite, lgamma, log

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Below this chance the shares do not differ by accident. Strict, as experiments are looked at often.
UNLIKELY = 0.001
#: Expected counts below which the test says nothing (Cochran, Ann. Math. Statistics 23 (1952) 315).
LEAST = 5.0
_ROUNDS, _CLOSE, _TINY = 1000, 1e-12, 1e-300


class Ratio(Record):
    """How counts differ from what was meant."""

    #: None where there is too little to say, or nothing to compare with.
    chance: float | None
    reason: str = ""

    @property
    def is_off(self) -> bool:
        """True when they differ by more than accident explains."""
        return self.chance is not None and self.chance < UNLIKELY


def compare(counts: Mapping[str, int], shares: Mapping[str, float]) -> Ratio:
    """Return the chance of counts as far from `shares` (which add up to 1) as these, if nothing is wrong."""
    total = sum(counts.values())
    if not shares or abs(sum(shares.values()) - 1) > 1e-6:
        return Ratio(chance=None, reason="which shares were meant is not known")
    strange = sorted(name for name, count in counts.items() if count and not shares.get(name))
    if strange:
        return Ratio(chance=0.0, reason=f"{', '.join(strange)} was served, and was meant for nobody")
    meant = {name: share * total for name, share in shares.items() if share > 0}
    if len(meant) < 2:
        return Ratio(chance=None, reason="there is one variant only")
    if min(meant.values()) < LEAST:
        return Ratio(chance=None, reason=f"too few were counted: {total}")
    squares = sum((counts.get(name, 0) - wanted) ** 2 / wanted for name, wanted in meant.items())
    return Ratio(chance=tail(squares, len(meant) - 1))


def tail(squares: float, freedom: int) -> float:
    """Return the chance that a chi-square of `freedom` degrees is at least `squares`."""
    a, x = freedom / 2, squares / 2
    if x <= 0:
        return 1.0
    if not isfinite(x):
        return 0.0
    scale = exp(-x + a * log(x) - lgamma(a)) if -x + a * log(x) - lgamma(a) > -700 else 0.0
    if x < a + 1:
        term = total = 1 / a
        for n in range(1, _ROUNDS):
            term *= x / (a + n)
            total += term
            if term < total * _CLOSE:
                break
        return max(1 - scale * total, 0.0)
    b, c = x + 1 - a, 1 / _TINY
    d = 1 / b
    fraction = d
    for n in range(1, _ROUNDS):
        factor = -n * (n - a)
        b += 2
        d = 1 / (factor * d + b or _TINY)
        c = b + factor / c or _TINY
        fraction *= d * c
        if abs(d * c - 1) < _CLOSE:
            break
    return scale * fraction
