"""When it broke: a person's word, the first of a new error, the rise of a known one, or a bound."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.response.situation import ErrorSign, Situation


class Break(Record):
    """When the harm began, and how that is known."""

    at: datetime
    source: str
    #: False when it is only the latest moment it can have been.
    is_known: bool


def break_of(seen: Situation) -> Break:
    """Return when it broke.

    What a person said counts most. Of the kinds of errors the densest dates it: by its first one when it is
    new, by the minute in which it rose when it was there before. Without any it is the declaration, as the
    latest possible moment.
    """
    if seen.began_at is not None:
        return Break(at=seen.began_at, source="it was declared so", is_known=True)
    dated = [e for e in seen.errors if not e.is_background and (at := _began(e)) and at <= seen.declared_at]
    if not dated:
        told = "the declaration: it broke then or earlier"
        return Break(at=seen.declared_at, source=told, is_known=False)
    densest = max(dated, key=lambda e: e.density)
    began = _began(densest) or seen.declared_at
    if densest.risen_at is not None:
        told = f"an error that was there before rose in {densest.log}: {densest.sample[:80]}"
        return Break(at=began, source=told, is_known=True)
    told = f"first of {densest.count} errors in {densest.log}"
    if not densest.may_be_older:
        return Break(at=began, source=told, is_known=True)
    return _risen(seen, densest) or Break(
        at=began, source=f"{told}, where the log begins: it broke then or earlier", is_known=False
    )


def _began(error: ErrorSign) -> datetime | None:
    return error.risen_at or error.first_seen


def _risen(seen: Situation, error: ErrorSign) -> Break | None:
    """Return the minute in which the errors of a log rose, for one that may be older than the log."""
    for rates in seen.rates:
        rise = rates.rise() if rates.log == error.log else None
        if rise is not None and rise[0] <= seen.declared_at:
            times = f"{rise[1].times:.0f}-fold" if rise[1].before else "from none"
            return Break(at=rise[0], source=f"errors in {error.log} rose {times}", is_known=True)
    return None
