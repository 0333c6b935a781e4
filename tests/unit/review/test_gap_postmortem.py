"""What the search for the gap found stands in the postmortem, where an experiment proved it."""

from __future__ import annotations

import pytest

from andon.incident import events as e
from andon.incident.gap_state import gap_in_short
from andon.record import replace
from andon.review.lint import missing
from andon.review.paper import to_markdown
from andon.review.postmortem import Field, Postmortem, draft
from tests.unit.review.story import at, incident, whole

STARTED = e.GapSearchStarted(search="G1", suite="pytest", failure="GET /orders/812 answers 500")
ENDED = e.GapSearchEnded(
    search="G1",
    answer="data",
    kinds=("data",),
    place=("orders", "812", "email"),
    tier="narrowed",
    summary="data: orders 812 email",
)
EXPLAINED = e.GapExplained(
    search="G1",
    missed="The tests never met the table orders, row 812, column email.",
    why="2 tests go that way, always with the tests' own rows.",
    catch="A test of GET /orders/812 with a row like the one in production.",
    semantics="'shows an order' goes there and asserts nothing.",
)
CAUGHT = "cause/why-not-caught"


def postmortem(*events: e.Event) -> Postmortem:
    history = whole("checkout answers 500", *((70.0, "bob", event) for event in events))
    return draft(incident(history), history, at(90))


def field(made: Postmortem, key: str) -> Field:
    found = made.find(key)
    assert found is not None
    return found


def test_a_proven_answer_says_why_nothing_caught_it() -> None:
    made = postmortem(STARTED, ENDED, EXPLAINED)
    lines = field(made, CAUGHT).value.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "- What the tests missed",
        "- Why",
        "- What catches it",
        "- What they asked wrongly",
    ]
    assert "row 812, column email" in lines[0]
    assert CAUGHT not in {one.key for one in missing(made)}
    assert "data: orders 812 email" in field(made, "cause/why").value
    assert "(narrowed by experiment)" in field(made, "cause/why").value
    assert "the gap: data (narrowed)" in field(made, "timeline/response").value


def test_a_person_who_knows_better_is_heard() -> None:
    made = postmortem(
        STARTED, ENDED, EXPLAINED, e.SectionWritten(section=CAUGHT, text="Nobody tests orders.")
    )
    assert field(made, CAUGHT).value == "Nobody tests orders."


@pytest.mark.parametrize("answer", ["untested", "mocked", "input", "flaky"])
def test_what_the_tests_own_world_shows_is_proven_too(answer: str) -> None:
    ended = replace(ENDED, answer=answer, kinds=(), place=(), tier="")
    made = postmortem(STARTED, ended, EXPLAINED)
    assert field(made, CAUGHT).value
    assert "gap between" not in field(made, "cause/why").value


@pytest.mark.parametrize(
    "ended",
    [
        replace(ENDED, tier="observed"),
        replace(ENDED, answer="unknown", kinds=(), place=(), tier="", summary="nothing was seen"),
    ],
)
def test_what_nothing_proves_is_told_to_the_one_who_writes(ended: e.GapSearchEnded) -> None:
    for events in ((STARTED, ended), (STARTED, ended, EXPLAINED)):
        made = postmortem(*events)
        assert field(made, CAUGHT).value == "" and field(made, CAUGHT).known
        assert CAUGHT in {one.key for one in missing(made)}
        assert "Known so far:" in to_markdown(made)
        assert "by experiment" not in field(made, "cause/why").value


def test_the_answers_to_an_older_search_are_not_those_of_this_one() -> None:
    made = postmortem(
        STARTED, ENDED, EXPLAINED, replace(STARTED, search="G2"), replace(ENDED, search="G2", answer="scale")
    )
    assert field(made, CAUGHT).value == ""
    assert field(made, CAUGHT).known.startswith("- scale: ")


def test_the_standing_is_one_line() -> None:
    test = e.GapPrevented(
        search="G1", what="test", path="tests/test_orders.py", proof="red, green", action="A2"
    )
    rule = replace(test, what="monitoring", path="monitoring/x.rules.yml")
    told = []
    for events in ((STARTED,), (STARTED, ENDED), (STARTED, ENDED, test, rule)):
        state = incident(whole("x", *((70.0, "bob", event) for event in events)))
        assert state.gap is not None
        told.append(gap_in_short(state.gap))
    assert told == [
        "",
        "the gap: data orders 812 email (narrowed); nothing keeps it from coming back yet: andon gap prevent",
        "the gap: data orders 812 email (narrowed); against the next: test, monitoring",
    ]
