"""All tests had passed and production failed: then, and only then, the list for that gap applies."""

from __future__ import annotations

import pytest

from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.checklist import Standing, checklist
from andon.protocol.compiled import ProtocolItem
from andon.record import replace
from tests.unit.incident.cases import adopted, declared, given, mitigated, state, verified

GAP = ProtocolItem(key="gap.1", text="Say what the tests missed", phase="gap", check="gap-missed", when="gap")


@pytest.mark.parametrize(("passed", "standing"), [(False, Standing.NOT_APPLICABLE), (True, Standing.OPEN)])
def test_the_gap_is_looked_into_when_the_tests_had_passed(passed: bool, standing: Standing) -> None:
    end = e.IncidentResolved(cause="a price was null", tests_had_passed=passed)
    (line,) = checklist(state(declared(), adopted((GAP,)), verified(), mitigated(), end))
    assert line.standing is standing


def test_a_search_that_ended_asks_for_it_as_well() -> None:
    begun = e.GapSearchStarted(search="g1", suite="playwright", failure="GET /cart: 500")
    before = (declared(), adopted((GAP,)), begun)
    assert checklist(state(*before))[0].standing is Standing.NOT_APPLICABLE
    given_up = e.GapSearchEnded(search="g1", answer="given up")
    assert checklist(state(*before, given_up))[0].standing is Standing.NOT_APPLICABLE
    ended = e.GapSearchEnded(search="g1", answer="environment")
    assert checklist(state(*before, ended))[0].standing is Standing.OPEN


def test_a_step_of_another_search_is_refused() -> None:
    step = e.GapSearchEnded(search="g2", answer="environment")
    begun = e.GapSearchStarted(search="g1", suite="playwright", failure="GET /cart: 500")
    given(declared(), begun).when(c.RecordGap(event=step)).refused("gap-search")
    given(declared()).when(c.RecordGap(event=step)).refused("gap-search")


def test_whoever_resolves_says_so() -> None:
    before = (declared(), adopted(), verified(), mitigated())
    given(*before).when(c.Resolve(cause="a price was null", tests_had_passed=True)).then(
        e.IncidentResolved(cause="a price was null", tests_had_passed=True)
    )


def test_where_no_wrong_question_was_found_somebody_signs() -> None:
    asks = ProtocolItem(key="gap.2", text="Update semantics", phase="prevention", check="semantics-updated")
    begun = e.GapSearchStarted(search="g1", suite="playwright", failure="GET /cart: 500")
    ended = e.GapSearchEnded(search="g1", answer="environment", kinds=("environment",), tier="narrowed")
    told = e.GapExplained(search="g1", missed="STORE_TZ", why="always UTC", catch="a test")
    before = (declared(), adopted((asks,)), begun, ended)
    (line,) = checklist(state(*before, told))
    assert (line.standing, line.summary) == (
        Standing.OPEN,
        "no wrong question was found in what the tests assert: look, and sign",
    )
    for more in (
        (),
        (replace(told, semantics="'buys' asserts nothing."),),
        (told, replace(begun, search="g2"), replace(ended, search="g2")),
    ):
        assert checklist(state(*before, *more))[0].summary == "nothing was made yet: andon gap prevent"
