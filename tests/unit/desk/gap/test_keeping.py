"""What prevents a gap, on record: each thing with its action item, and what is done is done at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.config.model import Config, ReviewConfig
from andon.desk.gap.keeping import keep
from andon.desk.gap.prevention import Made, Prevention
from andon.desk.recording import record
from andon.gaps.prevention.explaining import Explanation
from andon.gaps.words import Answer, Kind
from andon.incident.commands import RecordGap
from andon.incident.gap_events import GapSearchStarted
from andon.incident.state import Incident
from andon.record import replace
from tests.fakes.desk import FakeDesk
from tests.unit.desk.shop import declared
from tests.unit.gaps.prevention.searches import search

EXPLAINED = Explanation(missed="The zone.", why="One zone only.", catch="A test of two zones.")
TEST = Made(
    what="test", path="tests/test_gap.py", text="# a test\n", proof="red, green", title="mend", kind="tests"
)
RULE = Made(what="monitoring", path="rules.yml", text="groups: []\n", title="load it", kind="monitoring")
ENTRY = {
    "symptom": "GET /zone answered 500 in production while the tests passed",
    "root_cause": "GET /zone fails by the setting STORE_TZ",
    "incorrect_behaviour": "The tests went that way in one zone only",
    "correct_solution": "GET /zone answers in every zone",
    "enforced_path": "tests/test_gap.py",
    "prevention_mechanism": "A test of two zones",
}


@pytest.fixture
def desk(tmp_path: Path) -> FakeDesk:
    config = Config(service="shop", root=str(tmp_path), review=ReviewConfig(regressions="REGRESSIONS.md"))
    return FakeDesk(tmp_path, config=config)


@pytest.fixture
def state(desk: FakeDesk) -> Incident:
    event = GapSearchStarted(search="G1a2b3c4d", suite="pytest", failure="GET /zone answers 500")
    return record(desk, declared(desk), RecordGap(event=event))


def prevention(state: Incident, *made: Made, **fields: object) -> Prevention:
    given = {"search": search(Kind.ENVIRONMENT, ("STORE_TZ",)), "regression": ENTRY, **fields}
    return Prevention(explanation=EXPLAINED, made=made, incident=state, **given)  # type: ignore[arg-type]


def items(state: Incident | None) -> dict[str, tuple[str, str]]:
    """The action items by title: kind and state."""
    assert state is not None
    assert all(a.origin == "gap:G1a2b3c4d" and a.owner and a.due_at for a in state.actions)
    return {a.title: (a.kind, a.state) for a in state.actions}


def test_everything_is_an_action_item_and_what_is_done_is_done(desk: FakeDesk, state: Incident) -> None:
    found = keep(desk, prevention(state, TEST, RULE))
    assert items(found.incident) == {
        "mend": ("tests", "open"),
        "load it": ("monitoring", "open"),
        "answer what the tests missed, why, and what catches it": ("tests", "done"),
        "enter the gap into the regression log": ("regressions", "done"),
    }
    assert found.incident is not None and found.incident.gap is not None
    proofs = {a.title: a.proof for a in found.incident.actions}
    assert proofs["enter the gap into the regression log"] == "REG-1 in REGRESSIONS.md"
    assert "The zone." in proofs["answer what the tests missed, why, and what catches it"]
    made = {one.what: one.action for one in found.incident.gap.prevented}
    assert list(made) == ["test", "monitoring", "answers", "regression"]
    assert all(made.values())
    again = keep(desk, replace(found, not_made=()))
    assert again.incident is not None
    assert again.incident.actions == found.incident.actions
    assert again.incident.gap == found.incident.gap


def test_while_no_test_catches_it_somebody_has_to(desk: FakeDesk, state: Incident) -> None:
    found = keep(desk, prevention(state, RULE, not_made=("test: it is not red with the gap",)))
    title = "see to what catches it: A test of two zones."
    assert items(found.incident)[title] == ("tests", "open")
    assert found.incident is not None
    later = keep(desk, prevention(found.incident, TEST, RULE))
    assert items(later.incident)[title] == ("tests", "done")


def test_an_entry_that_is_not_complete_is_left_to_do(desk: FakeDesk, state: Incident) -> None:
    found = keep(desk, prevention(state, TEST, regression={**ENTRY, "symptom": "it"}))
    assert "the entry is not complete" in found.not_made[0]
    title = "enter the gap into the regression log"
    assert items(found.incident)[title] == ("regressions", "open")
    assert found.incident is not None
    later = keep(desk, prevention(found.incident, TEST))
    assert items(later.incident)[title] == ("regressions", "done")


def test_of_a_search_that_knows_nothing_the_answers_are_left_to_find(desk: FakeDesk, state: Incident) -> None:
    nothing = search(Kind.ENVIRONMENT, ("STORE_TZ",))
    nothing = replace(nothing, verdict=replace(nothing.verdict, answer=Answer.UNKNOWN, kinds=(), place=()))
    found = keep(desk, prevention(state, search=nothing, regression={}))
    assert items(found.incident) == {
        "find out what the tests missed: A test of two zones.": ("verification", "open")
    }
    assert not (Path(desk.config.root) / "REGRESSIONS.md").exists()
