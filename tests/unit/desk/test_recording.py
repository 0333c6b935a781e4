"""Recording next to others: one winner, nobody's words lost, and the right incident found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from andon.desk.casefile import load, open_ids, open_incidents, service_stream, which
from andon.desk.declare import declare
from andon.desk.recording import attach, record
from andon.desk.values import Appended
from andon.errors import Conflict, InvalidInput, NotFound, Refused
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.recorded import Batch
from andon.incident.state import Incident
from andon.incident.words import Occasion, Outcome, Severity
from tests.fakes.desk import FakeDesk
from tests.fakes.journal import FakeJournal
from tests.unit.desk.shop import STAKEHOLDERS
from tests.unit.incident.cases import (
    HASH,
    assert_commands_exist,
    assessed,
    decided,
    finished,
    planned,
    started,
)


class BusyJournal(FakeJournal):
    """Lets somebody else in before the next append, as often as there is somebody."""

    def __init__(self) -> None:
        super().__init__()
        self.before: list[Callable[[], object]] = []

    def append(self, stream: str, batch: Batch) -> Appended:
        if self.before:
            self.before.pop(0)()
        return super().append(stream, batch)


@pytest.fixture
def desk(tmp_path: Path) -> FakeDesk:
    return FakeDesk(tmp_path, journal=BusyJournal(), told=STAKEHOLDERS)


@pytest.fixture
def incident(desk: FakeDesk) -> Incident:
    return declare(desk, title="checkout answers 500", severity=Severity.P1).incident


def others(desk: FakeDesk, *doing: Callable[[], object]) -> None:
    assert isinstance(desk.journal, BusyJournal)
    desk.journal.before.extend(doing)


def kinds(desk: FakeDesk) -> list[str]:
    return [type(r.event).__name__ for r in desk.history("INC-1")]


def test_two_people_who_acknowledge_at_once_have_one_owner(desk: FakeDesk, incident: Incident) -> None:
    ann, bob = desk.another("ann"), desk.another("bob")
    others(desk, lambda: record(ann, load(ann, None), c.Acknowledge()))
    with pytest.raises(Refused, match="ann owns INC-1 already") as caught:
        record(bob, incident, c.Acknowledge())
    assert caught.value.rule == "acknowledge-once"
    assert_commands_exist(caught.value.remedy)
    assert kinds(desk).count("IncidentAcknowledged") == 1
    assert load(desk, None).owner == "ann"


def test_notes_never_conflict(desk: FakeDesk, incident: Incident) -> None:
    ann, bob = desk.another("ann"), desk.another("bob")
    others(desk, lambda: record(ann, incident, c.AddNote(text="one")))
    after = record(bob, incident, c.AddNote(text="two"))
    texts = [(r.actor, r.event.text) for r in desk.history("INC-1") if isinstance(r.event, e.NoteAdded)]
    assert texts == [("ann", "one"), ("bob", "two")]
    assert after == load(desk, None), "what the other wrote is in the state that is returned"


def test_a_decision_is_made_again_on_what_others_left(desk: FakeDesk, incident: Incident) -> None:
    """Escalating twice at once: the second finds the severity there already."""
    ann, bob = desk.another("ann"), desk.another("bob")
    up = c.ChangeSeverity(severity=Severity.P0, reason="")
    others(desk, lambda: record(ann, incident, up))
    with pytest.raises(Refused) as caught:
        record(bob, incident, up)
    assert caught.value.rule == "severity-change"
    assert kinds(desk).count("SeverityChanged") == 1


def test_what_still_holds_is_recorded_behind_what_others_did(desk: FakeDesk, incident: Incident) -> None:
    ann, bob = desk.another("ann"), desk.another("bob")
    others(desk, lambda: record(ann, incident, c.AddNote(text="one")))
    after = record(bob, incident, c.Acknowledge())
    assert after.owner == "bob" and after.length == len(desk.history("INC-1"))


def test_two_who_act_at_once_act_once(desk: FakeDesk, incident: Incident) -> None:
    desk.append("INC-1", (assessed(), decided(), planned()))
    ann, bob = desk.another("ann"), desk.another("bob")
    start = c.StartDeploy(operation="op1", purpose="rollback", from_version="v3", version="v2", undo="u")
    others(desk, lambda: record(ann, load(ann, None), start))
    with pytest.raises(Refused) as caught:
        record(bob, load(bob, None), start)
    assert caught.value.rule == "one-act-at-a-time"
    assert kinds(desk).count("DeployStarted") == 1


def test_two_pieces_of_work_at_once_have_two_names(desk: FakeDesk, incident: Incident) -> None:
    ann, bob = desk.another("ann"), desk.another("bob")
    others(desk, lambda: record(ann, incident, c.OpenAction(action="A1", title="one", origin="person")))
    after = record(bob, incident, c.OpenAction(action="A1", title="two", origin="person"))
    assert [(a.id, a.title) for a in after.actions] == [("A1", "one"), ("A2", "two")]


def test_whoever_never_gets_a_turn_is_told_so(desk: FakeDesk, incident: Incident) -> None:
    ann, bob = desk.another("ann"), desk.another("bob")
    noise = [lambda n=n: record(ann, incident, c.AddNote(text=f"{n}")) for n in range(200)]
    pairs: Sequence[Callable[[], object]] = [step for n in noise for step in (n, lambda: None)]
    others(desk, *pairs)
    with pytest.raises(Conflict, match="others kept changing INC-1; nothing of this was recorded") as caught:
        record(bob, incident, c.Acknowledge())
    assert_commands_exist(caught.value.remedy)
    assert "IncidentAcknowledged" not in kinds(desk)


def test_messages_are_recorded_with_what_they_announce(desk: FakeDesk, incident: Incident) -> None:
    after = record(desk.another("ann"), incident, c.ChangeSeverity(severity=Severity.P0, reason="everybody"))
    message = after.notifications[-1]
    assert message.occasion is Occasion.ESCALATED
    assert [d.target for d in message.deliveries] == ["boss"]


def test_an_end_that_was_recorded_by_another_is_a_conflict(desk: FakeDesk, incident: Incident) -> None:
    desk.append("INC-1", (started(), finished(Outcome.SUCCEEDED)))
    with pytest.raises(Conflict, match="has ended already"):
        record(desk.another("bob"), load(desk, None), c.FinishDeploy(finished=finished(Outcome.FAILED)))


def test_attaching_nothing_records_nothing(desk: FakeDesk, incident: Incident) -> None:
    assert attach(desk, incident, ()) == incident
    found = e.EvidenceAttached(evidence=HASH, kind="log", title="t", media_type="text/plain", size=1)
    assert attach(desk, incident, (found,)).evidence == (found,)


# ---- which incident is meant


def test_the_only_open_incident_needs_no_name(desk: FakeDesk, incident: Incident) -> None:
    assert which(desk, None) == "INC-1" and load(desk, None) == incident
    for named in ("INC-1", "inc-1", "1", " 1 "):
        assert which(desk, named) == "INC-1"


def test_several_open_incidents_are_named(desk: FakeDesk, incident: Incident) -> None:
    declare(desk.another("bob"), title="mail is late", severity=Severity.P3)
    with pytest.raises(
        InvalidInput, match="2 incidents are open: INC-1 P1 checkout answers 500; INC-2 P3 mail"
    ) as caught:
        load(desk, None)
    assert caught.value.remedy == "name one: --incident INC-2"
    assert load(desk, "2").title == "mail is late"
    assert open_ids(desk) == ("INC-1", "INC-2")


def test_no_open_incident_is_said_with_the_way_to_one(desk: FakeDesk) -> None:
    with pytest.raises(NotFound, match="no incident is open") as caught:
        load(desk, None)
    assert_commands_exist(caught.value.remedy)


def test_an_unknown_incident_is_said_with_the_newest(desk: FakeDesk, incident: Incident) -> None:
    with pytest.raises(NotFound, match=r"no incident '7'; the newest are: INC-1") as caught:
        which(desk, "7")
    assert_commands_exist(caught.value.remedy)


def test_the_newest_closed_one_is_meant_where_that_makes_sense(desk: FakeDesk, incident: Incident) -> None:
    for number in range(2, 12):
        declare(desk.another("bob"), title=f"n{number}", severity=Severity.P3)
    for number in range(1, 12):
        desk.append(f"INC-{number}", (e.IncidentClosed(),))
    assert load(desk, None, closed_too=True).id == "INC-11", "not INC-9, which sorts behind it as text"
    with pytest.raises(NotFound):
        load(desk, None)
    desk.append("INC-3", (e.IncidentReopened(reason="again"),))
    assert load(desk, None, closed_too=True).id == "INC-3"


def test_the_incidents_of_another_service_in_the_same_journal_are_not_ours(
    desk: FakeDesk, incident: Incident
) -> None:
    till = FakeDesk(Path(desk.config.root), journal=desk.journal)
    till.config = till.config.__class__(service="till", root=desk.config.root)
    assert open_incidents(till) == ()
    assert service_stream(till) != service_stream(desk)
