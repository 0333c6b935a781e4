"""What the experiments measured of the quantity that is to blame, as curves and as a sentence."""

from __future__ import annotations

import pytest

from andon.gaps.beliefs import Exchange
from andon.gaps.experiment import Replay
from andon.gaps.failure import Failure
from andon.gaps.measured import with_measured
from andon.gaps.verdict import Search, Verdict
from andon.gaps.words import Answer, Kind, Showed
from tests.unit.gaps.model_laboratory import ModelLaboratory, find, part

LATE = Failure(path="/places/7", status=500, text="statement timeout")


def of(kind: Kind, *place: str, threshold: float | None = 400) -> Search:
    """Return a search that walked up an amount, at which the failing answer takes a tenth of it in ms."""
    verdict = Verdict(
        answer=Answer(kind.value), kinds=(kind,), place=place, threshold=threshold, reasons=("it fails",)
    )
    walked = [("control", 20.0), ("flip", 6000.0), ("narrow", 800.0), ("narrow", 390.0)]
    replays = []
    for purpose, amount in walked:
        fails = threshold is not None and amount >= threshold
        given = () if purpose == "control" else (part(kind, *place, amount=amount, least=20),)
        asked = (
            Exchange(method="GET", path="/places/9", status=200, seconds=amount / 10_000),
            Exchange(method="GET", path="/style.css", status=200, seconds=9.0),
        )
        replays.append(
            (
                purpose,
                Replay(
                    parts=given,
                    showed=Showed.REPRODUCED if fails else Showed.PASSED,
                    runs=4,
                    reproduced=4 if fails else 0,
                    exchanges=asked,
                ),
            )
        )
    both = (part(kind, *place, amount=50.0), part(Kind.ENVIRONMENT, "TZ"))
    replays.append(("production", Replay(parts=both, showed=Showed.REPRODUCED, runs=1, reproduced=1)))
    return Search(id="G1", verdict=verdict, replays=tuple(replays))


@pytest.mark.parametrize(
    ("kind", "place", "unit"),
    [
        (Kind.SCALE, ("users",), "users"),
        (Kind.SCALE, ("rows", "places"), "rows"),
        (Kind.NETWORK, ("browser",), "ms"),
        (Kind.NETWORK, ("link", "database"), "ms"),
    ],
)
def test_every_quantity_has_its_curves(kind: Kind, place: tuple[str, ...], unit: str) -> None:
    fails, took = with_measured(of(kind, *place), LATE).curves
    assert (fails.x, fails.y) == (unit, "% of runs")
    assert fails.points == ((20, 0), (390, 0), (800, 100), (6000, 100))
    assert took.y == "ms" and took.points == ((20, 2), (390, 39), (800, 80), (6000, 600))


def test_an_answer_that_grows_with_the_rows_is_said_to() -> None:
    reasons = with_measured(of(Kind.SCALE, "rows", "places"), LATE).verdict.reasons
    assert reasons == (
        "it fails",
        "the answer grows with the rows of places: 2 ms at 20, 600 ms at 6000",
    )


def test_a_failure_that_names_no_request_has_only_how_often() -> None:
    (fails,) = with_measured(of(Kind.NETWORK, "browser"), Failure(text="Total: NaN")).curves
    assert fails.y == "% of runs"


def test_what_is_no_quantity_is_left_as_it_is() -> None:
    search = of(Kind.DATA, "orders", threshold=None)
    assert with_measured(search, LATE) is search


def test_a_search_gives_its_own_points() -> None:
    users = part(Kind.SCALE, "users", amount=64, least=1)
    laboratory = ModelLaboratory((users,), lambda world: any(p.amount and p.amount >= 9 for p in world))
    found = with_measured(find(laboratory), LATE)
    assert found.verdict.threshold == 9
    (fails,) = found.curves
    assert fails.points[0] == (1, 0) and (9, 100) in fails.points and (8, 0) in fails.points
