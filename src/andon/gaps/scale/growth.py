"""Whether an answer grows slow with the rows of a table: the rule and its curve. Pure."""

from __future__ import annotations

from andon.gaps.experiment import Curve
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Row counts at which an answer is timed.
STEPS = (10, 100, 1_000, 10_000)
#: It grows when the last is so many times as slow as the first, and so many seconds slower: a page that
#: takes 1 ms at ten rows and 6 ms at ten thousand troubles nobody.
TIMES, SECONDS = 5.0, 0.02


class Growth(Record):
    """How the seconds of one answer go with the rows of one table."""

    table: str
    #: Rows and the median seconds of the answer.
    points: tuple[tuple[int, float], ...]

    @property
    def times(self) -> float:
        """How many times as slow the last is as the first; 0 for fewer than two points."""
        if len(self.points) < 2 or self.points[0][1] <= 0:
            return 0.0
        return self.points[-1][1] / self.points[0][1]

    @property
    def is_growing(self) -> bool:
        """True when the answer grows slow with the rows."""
        return self.times >= TIMES and self.points[-1][1] - self.points[0][1] >= SECONDS

    @property
    def curve(self) -> Curve:
        """The curve for the report."""
        points = tuple((float(rows), round(seconds * 1000, 2)) for rows, seconds in self.points)
        return Curve(name=f"answer by rows of {self.table}", x="rows", y="ms", points=points)

    @property
    def told(self) -> str:
        """What it shows, as a sentence."""
        if len(self.points) < 2:
            return f"{self.table}: too few measurements"
        (few, first), (many, last) = self.points[0], self.points[-1]
        grows = "grows" if self.is_growing else "does not grow"
        return (
            f"the answer {grows} with the rows of {self.table}: {first * 1000:.0f} ms at {few},"
            f" {last * 1000:.0f} ms at {many}"
        )


def growth(table: str, points: Sequence[tuple[int, float]]) -> Growth:
    """Return the growth over measurements in any order."""
    return Growth(table=table, points=tuple(sorted(points)))


def steps(least: int, most: int) -> tuple[int, ...]:
    """Return the row counts to time, between what the tests have and what production has, both included."""
    between = [rows for rows in STEPS if least < rows < most]
    return tuple(sorted({least, *between, most}))
