"""Searches as they end, for what is made of them."""

from __future__ import annotations

from andon.gaps.experiment import Difference, Observed, Part, Replay
from andon.gaps.failure import Failure
from andon.gaps.verdict import Search, Verdict
from andon.gaps.words import Answer, Kind, Showed, Tier

FAILURE = Failure(
    method="GET", path="/orders/812", status=500, text="'NoneType' object has no attribute 'lower'"
)


def search(
    kind: Kind,
    place: tuple[str, ...],
    *,
    amount: float | None = None,
    least: float = 0.0,
    threshold: float | None = None,
    summary: str = "",
    test: str = "one thing",
    production: str = "another",
) -> Search:
    """A search that narrowed one kind to a place."""
    part = Part(kind=kind, place=place, amount=amount, least=least)
    shown = Replay(parts=(part,), showed=Showed.REPRODUCED, runs=1, reproduced=1)
    seen = Difference(kind=kind, place=place, test=test, production=production, weight=4)
    return Search(
        id="G1a2b3c4d",
        verdict=Verdict(
            answer=Answer(kind.value),
            kinds=(kind,),
            place=place,
            threshold=threshold,
            below=None if threshold is None else threshold / 2,
            unit="users" if place == ("users",) else "",
            tier=Tier.NARROWED,
            summary=summary or f"it is {' '.join(place)}",
        ),
        observed=(Observed(kind=kind, differences=(seen,)),),
        replays=(("flip", shown),),
    )
