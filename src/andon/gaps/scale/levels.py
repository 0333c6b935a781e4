"""What a ramp of load showed: where more users stop getting more answers, and where answers turn into errors.

Pure. The rule for a knee: two doublings running that bring less than 25 % more good answers, the median
answer half as slow again over them, and the slowest twentieth at a quarter of a second. Without the last two
a fast application that merely keeps the generator busy would seem to have one.
"""

from __future__ import annotations

from andon.gaps.experiment import Curve
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: A doubling of users that brings less than this factor more is no gain.
GAIN = 1.25
#: The median must grow by this factor over the two doublings, and the slowest twentieth reach these seconds.
SLOWER, SLOW = 1.5, 0.25
#: A level is at the plateau when it has this share of its answers a second.
PLATEAU = 0.88
#: Share of errors that counts, over the share that the first level had.
ERRORS = 0.01
#: Share of the generator's own ceiling up to which a rate says something about the application.
CEILING = 0.4
#: Factor between the two looks at the generator beyond which the machine was too restless.
RESTLESS = 2.0
#: Up to this share of the lower of both looks, a restless machine does not matter: the generator could
#: have sent ten times as much in its worst moment.
PLENTY = 0.1


class Level(Record):
    """What so many users at once got."""

    users: int
    #: Seconds that it lasted, answers that came in them, and how many of those were errors.
    seconds: float
    answers: int
    errors: int = 0
    #: Seconds of the median answer and of the slowest twentieth.
    p50: float = 0.0
    p95: float = 0.0

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return (self.answers - self.errors) / self.seconds if self.seconds > 0 else 0.0

    @property
    def error_share(self) -> float:
        """Share of answers that were errors; 0 without answers."""
        return self.errors / self.answers if self.answers else 0.0


class Ramp(Record):
    """A ramp with the two looks at the generator itself, before and after."""

    levels: tuple[Level, ...]
    #: Requests a second that the generator makes against a server that does nothing, by users.
    before: tuple[Level, ...] = ()
    after: tuple[Level, ...] = ()
    #: Why it ended early; "" when it did not.
    ended: str = ""
    #: All requests that were sent to the application.
    requests: int = 0


class Judged(Record):
    """What a ramp comes to."""

    #: Users at which more users get no more answers; None for no such level.
    knee: int | None = None
    #: Users from which on answers are errors; None for none.
    errors_from: int | None = None
    #: Why nothing can be said of a knee; "" when something can.
    inconclusive: str = ""
    told: str = ""


def judge(ramp: Ramp) -> Judged:
    """Say where the knee is and where errors begin; errors are told even when the knee is not known."""
    knee, errors = knee_of(ramp.levels), errors_from(ramp.levels)
    doubt = why_inconclusive(ramp, knee)
    if doubt:
        knee = None
    return Judged(knee=knee, errors_from=errors, inconclusive=doubt, told=_told(ramp, knee, errors, doubt))


def knee_of(levels: Sequence[Level]) -> int | None:
    """Return the users from which on more users get no more good answers; None for no knee."""
    for i in range(len(levels) - 2):
        first, second, third = levels[i : i + 3]
        if not _stalls(first, second) or not _stalls(second, third):
            continue
        if third.p50 < SLOWER * first.p50 or third.p95 < SLOW:
            continue
        plateau = max(level.rate for level in (first, second, third))
        return next(level.users for level in levels if level.rate >= PLATEAU * plateau)
    return None


def _stalls(fewer: Level, more: Level) -> bool:
    return fewer.rate > 0 and more.rate < GAIN * fewer.rate


def errors_from(levels: Sequence[Level]) -> int | None:
    """Return the users from which on answers are errors that the first level did not have; None for none."""
    if not levels:
        return None
    usual = levels[0].error_share if levels[0].users == 1 else 0.0
    for level in levels:
        if level.errors >= 2 and level.error_share > usual + ERRORS:
            return level.users
    return None


def why_inconclusive(ramp: Ramp, knee: int | None) -> str:
    """Return why a ramp says nothing of a knee: the generator was the limit, or the machine was restless."""
    if not ramp.before or not ramp.after:
        return ""
    before, after = _ceiling(ramp.before), _ceiling(ramp.after)
    if min(before, after) <= 0:
        return "the load generator got no answer from a server that does nothing"
    top = max((level.rate for level in ramp.levels if knee is None or level.users <= knee), default=0.0)
    if top > PLENTY * min(before, after) and max(before, after) > RESTLESS * min(before, after):
        return (
            f"the machine was restless: the load generator alone made {before:.0f} requests a second before"
            f" and {after:.0f} after"
        )
    if top > CEILING * min(before, after):
        return (
            f"the application answered {top:.0f} a second and the load generator makes no more than"
            f" {min(before, after):.0f}: too near to tell them apart"
        )
    return ""


def _ceiling(levels: Sequence[Level]) -> float:
    return max((level.rate for level in levels), default=0.0)


def _told(ramp: Ramp, knee: int | None, errors: int | None, doubt: str) -> str:
    if not ramp.levels:
        return f"no load was sent: {ramp.ended}" if ramp.ended else "no load was sent"
    most = ramp.levels[-1].users
    parts = []
    if knee is not None:
        at = next(level for level in ramp.levels if level.users == knee)
        parts.append(f"from {knee} users on, more users get no more answers ({at.rate:.0f} a second)")
    elif doubt:
        parts.append(f"no knee can be told: {doubt}")
    else:
        parts.append(f"no knee up to {most} users")
    if errors is not None:
        share = max(level.error_share for level in ramp.levels if level.users >= errors)
        parts.append(f"errors from {errors} users on, up to {share:.0%}")
    if ramp.ended:
        parts.append(f"ended early: {ramp.ended}")
    return "; ".join(parts)


def curves(name: str, levels: Sequence[Level]) -> tuple[Curve, ...]:
    """Return the curves of a ramp for the report: answers a second, two latencies, errors."""
    return (
        _curve(f"{name}: good answers", "a second", [(level.users, level.rate) for level in levels]),
        _curve(f"{name}: median answer", "ms", [(level.users, level.p50 * 1000) for level in levels]),
        _curve(f"{name}: slowest twentieth", "ms", [(level.users, level.p95 * 1000) for level in levels]),
        _curve(f"{name}: errors", "%", [(level.users, level.error_share * 100) for level in levels]),
    )


def _curve(name: str, unit: str, points: Sequence[tuple[int, float]]) -> Curve:
    return Curve(name=name, x="users", y=unit, points=tuple((float(x), round(y, 2)) for x, y in points))


def level(users: int, seconds: float, latencies: Sequence[float], errors: int) -> Level:
    """Return a level from the seconds of each of its answers, errors included."""
    ordered = sorted(latencies)
    return Level(
        users=users,
        seconds=seconds,
        answers=len(ordered),
        errors=errors,
        p50=_quantile(ordered, 0.5),
        p95=_quantile(ordered, 0.95),
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
