"""The page of a search out of the record: as stored, or made again, with what was done since."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from andon.desk.gap.kept import plain_search
from andon.desk.gap.report import report
from andon.desk.ports import Desk
from andon.errors import NotFound, Unavailable
from andon.gaps.report.page import page
from andon.incident.gap_events import GapExplained, GapPrevented, GapSearchEnded, GapSearchStarted
from andon.incident.gap_state import Gap
from andon.incident.state import Incident
from andon.record import replace
from tests.fakes.desk import FakeDesk
from tests.unit.gaps.report.searches import FAILURE, beliefs, search


@pytest.fixture
def desk(tmp_path: Path) -> FakeDesk:
    return FakeDesk(tmp_path)


def told(desk: FakeDesk, gap: Gap | None) -> Any:
    return report(cast(Desk, desk), cast(Incident, SimpleNamespace(id="INC-1", gap=gap)))


def kept(desk: FakeDesk, *, whole: bool = True, record: bool = True, cut: int = 0) -> GapSearchEnded:
    made = page(search(), beliefs(), FAILURE).encode()
    stored = desk.evidence.put(made[: len(made) - cut], "text/html").evidence if whole else None
    plain = json.dumps(plain_search(search())).encode()
    searched = desk.evidence.put(plain, "application/json").evidence if record else None
    return GapSearchEnded(search="g-1", answer="environment", evidence=searched, report=stored)


def test_the_page_comes_as_it_was_stored(desk: FakeDesk) -> None:
    found = told(desk, Gap(ended=kept(desk)))
    assert found.search == "g-1"
    assert found.page == page(search(), beliefs(), FAILURE)


@pytest.mark.parametrize("how", [{"whole": False}, {"cut": 100}], ids=["not stored", "cut"])
def test_a_page_that_was_not_stored_whole_is_made_again(desk: FakeDesk, how: dict[str, Any]) -> None:
    started = GapSearchStarted(search="g-1", suite="playwright", failure="GET /api/report answers 500")
    found = told(desk, Gap(started=started, ended=kept(desk, **how)))
    assert "A setting differs: STORE_TZ" in found.page
    assert "GET /api/report answers 500" in found.page
    assert found.page.rstrip().endswith("</html>")


def test_a_page_that_is_made_again_shows_the_failure_as_it_was_searched_for(desk: FakeDesk) -> None:
    found = replace(search(), failure=FAILURE)
    searched = desk.evidence.put(json.dumps(plain_search(found)).encode(), "application/json").evidence
    started = GapSearchStarted(search="g-1", suite="playwright", failure="something answers 500")
    ended = GapSearchEnded(search="g-1", answer="environment", evidence=searched)
    shown = told(desk, Gap(started=started, ended=ended)).page
    for said in ("/api/report?month=3", "answered 500", "month 13 is not in a year", FAILURE.source):
        assert said in shown
    assert "no request is known" not in shown and "something answers 500" not in shown


def test_what_followed_is_on_it(desk: FakeDesk) -> None:
    made = GapPrevented(search="g-1", what="test", path="tests/zone.spec.ts", proof="red with, green without")
    missed = GapExplained(search="g-1", missed="The zone.", why="One zone only.", catch="Two zones.")
    found = told(desk, Gap(ended=kept(desk), prevented=(made,), explained=missed))
    for said in ("test: tests/zone.spec.ts", "red with, green without", "The zone.", "Two zones."):
        assert said in found.page


def test_without_a_search_there_is_no_page(desk: FakeDesk) -> None:
    for gap in (None, Gap()):
        with pytest.raises(NotFound) as problem:
            told(desk, gap)
        assert problem.value.remedy == "andon gap"


def test_without_anything_stored_it_says_how_to_get_one(desk: FakeDesk) -> None:
    with pytest.raises(Unavailable) as problem:
        told(desk, Gap(ended=kept(desk, whole=False, record=False)))
    assert "andon gap --report" in problem.value.remedy
