"""When counts rose: the minute from which a series of error counts runs at a higher rate.

It locates a break that something else has detected. It must not be used to detect one: the load of a day
alone makes it find "steps" in a series in which nothing is wrong.
"""

from __future__ import annotations

from itertools import accumulate
from math import log

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Counts on each side that are compared, in minutes. The load of a day hardly changes in an hour; over half a
#: day its slope looks like a step (bench/change_point.py measures both). Where the load is known, it explains
#: the slope, and the whole series is compared.
REACH = 60
#: A rise below this is a slope, not a step, and is not looked at.
_SLOPE = 1.5
#: A step below these is no answer to "when did it break": the rate did not double, or so little was seen that
#: chance explains it (twice the gain is about chi-square with one degree of freedom: 8 is one in fifteen
#: thousand at one place, about one in a hundred anywhere in half a day).
LEAST_TIMES, LEAST_GAIN = 2.0, 8.0


class ChangePoint(Record):
    """A step upwards in a series."""

    #: Index of the first count that belongs to the higher rate.
    index: int
    #: Counts per unit of exposure (per minute without one) close before and close after.
    before: float
    after: float
    #: By how much two rates explain the neighbourhood better than one, as a logarithm of likelihoods.
    gain: float

    @property
    def times(self) -> float:
        """How many times as high the rate is after the step; infinite from nothing."""
        return self.after / self.before if self.before else float("inf")

    @property
    def is_clear(self) -> bool:
        """True when the step is high enough, and seen often enough, to date something by it."""
        return self.times >= LEAST_TIMES and self.gain >= LEAST_GAIN


def change_point(
    counts: Sequence[int], exposure: Sequence[float] | None = None, reach: int | None = None
) -> ChangePoint | None:
    """Return the step upwards that explains the counts best; None where no rate rises by half.

    The generalised likelihood ratio of two Poisson rates against one, over `reach` minutes on both sides of
    every place: S1 ln(S1/E1) + S2 ln(S2/E2) - S ln(S/E) with the sums of counts and exposure (Hinkley 1970
    for the principle). `exposure` says how much could have gone wrong in each minute, such as the messages
    written; without it every minute counts alike. Prefix sums: 720 minutes take below a millisecond.
    """
    size = len(counts)
    reach = reach or (REACH if exposure is None else size)
    if size < 2 or (exposure is not None and (len(exposure) != size or min(exposure) < 0)):
        return None
    sums: list[float] = [0, *accumulate(counts)]
    sizes = [*map(float, range(size + 1))] if exposure is None else [0.0, *accumulate(exposure)]
    best, gain = _best(sums, sizes, reach)
    if not best:
        return None
    # A step that is over again within the reach shows better in a narrower neighbourhood.
    begin, near = max(best - reach, 0), max(reach // 2, 1)
    part = slice(begin, best + reach + 1)
    narrow, narrow_gain = _best(sums[part], sizes[part], near) if reach < size else (0, 0.0)
    if narrow and narrow_gain > gain:
        best, gain, reach = begin + narrow, narrow_gain, near
    low, high = max(best - reach, 0), min(best + reach, size)
    return ChangePoint(
        index=best,
        before=(sums[best] - sums[low]) / (sizes[best] - sizes[low]),
        after=(sums[high] - sums[best]) / (sizes[high] - sizes[best]),
        gain=gain,
    )


def _best(sums: list[float], sizes: list[float], reach: int) -> tuple[int, float]:
    """Return the place with the largest gain and that gain; 0 where nothing rises by half."""
    best, gain = 0, 0.0
    total = size = joint = count = weight = 0.0
    following = (sums[1:], sizes[1:])
    places = zip(*_around(sums, reach), *_around(sizes, reach), *following, strict=False)
    for index, (low, here, high, begin, middle, end, next_sum, next_size) in enumerate(places):
        count_before, weight_before, count, weight = count, weight, next_sum - here, next_size - middle
        # The best place is one where the rate goes up from the minute before to this one: else moving the
        # place by a minute would gain. That saves half of the logarithms.
        if count * weight_before <= count_before * weight:
            continue
        earlier, later, left, right = here - low, high - here, middle - begin, end - middle
        if left <= 0 or right <= 0 or later * left <= _SLOPE * earlier * right:
            continue
        if high - low != total or end - begin != size:  # the same at every place when all is compared
            total, size = high - low, end - begin
            joint = total * log(total / size)
        found = later * log(later / right) - joint
        if earlier:
            found += earlier * log(earlier / left)
        if found > gain:
            best, gain = index, found
    return best, gain


def _around(sums: list[float], reach: int) -> tuple[list[float], list[float], list[float]]:
    """Return, place by place, the sums `reach` before it, at it and `reach` after it."""
    after = sums[reach:] + [sums[-1]] * min(reach, len(sums))
    return [sums[0]] * reach + sums, sums, after
