"""What experiments measured of a quantity: how often and how slowly the way went at each amount. Pure."""

from __future__ import annotations

from statistics import median

from andon.gaps.experiment import Curve
from andon.gaps.failure import template
from andon.gaps.judging import unit_of
from andon.gaps.scale.growth import growth
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.gaps.experiment import Part, Replay
    from andon.gaps.failure import Failure
    from andon.gaps.verdict import Search
    from andon.gaps.words import Kind

#: What a quantity is called in the name of its curves, by the first word of its place.
_CALLED = {
    "users": "users at once",
    "rows": "rows",
    "browser": "latency of the browser",
    "link": "latency of the link",
}


def with_measured(search: Search, failure: Failure) -> Search:
    """Return a search whose quantity is to blame with its curves, and with what they say of rows.

    Nothing is measured anew: the worlds in which that quantity alone was as in production, and the
    unchanged one, are the points.
    """
    verdict = search.verdict
    if len(verdict.kinds) != 1 or verdict.threshold is None:
        return search
    found = list(_by_amount(search, verdict.kinds[0], verdict.place))
    if len(found) < 2:
        return search
    unit = unit_of(found[0][1])
    name = " ".join((_CALLED.get(verdict.place[0], verdict.place[0]), *verdict.place[1:]))
    shares = tuple((amount, 100 * one.reproduced / one.runs) for amount, _, one in found if one.runs)
    times = tuple((amount, took) for amount, _, one in found if (took := _took(one, failure)) is not None)
    curves = (
        Curve(name=f"fails, by {name}", x=unit, y="% of runs", points=_rounded(shares)),
        Curve(name=f"the failing answer, by {name}", x=unit, y="ms", points=_rounded(times)),
    )
    kept = tuple(curve for curve in curves if len(curve.points) > 1)
    reasons = verdict.reasons
    if verdict.place[0] == "rows" and len(times) > 1:
        told = growth(verdict.place[1], [(int(amount), took / 1000) for amount, took in times]).told
        reasons = (*reasons, told)
    return replace(search, verdict=replace(verdict, reasons=reasons), curves=(*search.curves, *kept))


def _by_amount(search: Search, kind: Kind, place: tuple[str, ...]) -> Iterator[tuple[float, Part, Replay]]:
    """Yield amounts with what that world showed, from the least on, each amount once."""
    found: dict[float, tuple[Part, Replay]] = {}
    for _, replay in search.replays:
        part = next((one for one in replay.parts if (one.kind, one.place) == (kind, place)), None)
        if part is not None and len(replay.parts) == 1 and part.amount is not None:
            found[part.amount] = part, replay
    control = next((one for purpose, one in search.replays if purpose == "control"), None)
    if found and control is not None:
        part = next(iter(found.values()))[0]
        found.setdefault(part.least, (part, control))
    for amount, (part, replay) in sorted(found.items(), key=lambda item: item[0]):
        if replay.runs:
            yield amount, part, replay


def _took(replay: Replay, failure: Failure) -> float | None:
    """Return the milliseconds of the median answer of the failing endpoint; None where none was seen."""
    if not failure.path:
        return None
    wanted = (failure.method.upper(), template(failure.path))
    seen = [one.seconds for one in replay.exchanges if (one.method.upper(), template(one.path)) == wanted]
    return median(seen) * 1000 if seen else None


def _rounded(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    return tuple((amount, round(value, 2)) for amount, value in points)
