"""How a service stands for its gates, found with few queries: the same as every history folded would say."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.desk.casefile import all_incidents, incidents_in_response, service_stream
from andon.desk.gate.standing import standing
from andon.errors import Unavailable
from andon.incident import events as e
from andon.incident.gears import Declared, active_gear
from andon.incident.words import Gear, IncidentId, Severity
from tests.fakes.desk import FakeDesk

TURNS = {
    "ack": e.IncidentAcknowledged(),
    "up": e.SeverityChanged(previous=Severity.P2, severity=Severity.P1, reason="worse"),
    "down": e.SeverityChanged(previous=Severity.P1, severity=Severity.P3, reason="better"),
    "mitigated": e.IncidentMitigated(by="rollback", proof="verification"),
    "resolved": e.IncidentResolved(cause="a price was missing"),
    "closed": e.IncidentClosed(),
    "reopened": e.IncidentReopened(reason="again"),
    "hotfix": e.HotfixStarted(branch="hotfix/INC-1", base_version="v1", base_commit="b" * 40),
    "note": e.NoteAdded(text="x"),
}


def declared(number: int, service: str = "shop", severity: Severity = Severity.P1) -> e.IncidentDeclared:
    return e.IncidentDeclared(
        incident=IncidentId(f"INC-{number}"), service=service, title="down", severity=severity
    )


@given(st.lists(st.lists(st.sampled_from(sorted(TURNS)), max_size=6), max_size=3))
def test_few_queries_say_what_all_histories_say(lives: list[list[str]]) -> None:
    desk = FakeDesk(Path("/shop"))
    for number, life in enumerate(lives, start=1):
        desk.append(f"INC-{number}", (declared(number), *(TURNS[turn] for turn in life)))
    everything = tuple(i for i in all_incidents(desk) if i.status.in_response)
    found = incidents_in_response(desk)
    assert [(i.id, i.severity, i.status, i.hotfix) for i in found] == [
        (i.id, i.severity, i.status, i.hotfix) for i in everything
    ]
    stands = standing(desk)
    active = active_gear(Declared(), everything)
    assert (stands.gear, stands.why) == (active.gear, active.why)


def test_another_service_in_the_same_journal_is_not_ours() -> None:
    desk = FakeDesk(Path("/shop"))
    desk.append("INC-1", (declared(1, service="till"),))
    assert standing(desk).gear is Gear.BUILD


@pytest.mark.parametrize(
    ("gears", "gear", "why"),
    [
        ((), Gear.BUILD, "default"),
        (("SHIP",), Gear.SHIP, "because"),
        (("SHIP", "BUILD"), Gear.BUILD, "because"),
        (("L0",), Gear.EXPLORE, "because"),
    ],
)
def test_the_newest_declared_gear_counts(gears: tuple[str, ...], gear: Gear, why: str) -> None:
    desk = FakeDesk(Path("/shop"))
    for name in gears:
        desk.append(service_stream(desk), (e.GearDeclared(gear=name, reason="because"),))
    assert (standing(desk).gear, standing(desk).why) == (gear, why)


def test_an_emergency_goes_before_what_was_declared() -> None:
    desk = FakeDesk(Path("/shop"))
    desk.append(service_stream(desk), (e.GearDeclared(gear="SHIP", reason="because"),))
    desk.append("INC-1", (declared(1),))
    stands = standing(desk)
    assert stands.gear is Gear.HOTFIX and stands.incident is not None and stands.incident.id == "INC-1"


def test_a_journal_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = FakeDesk(Path("/shop"))

    def fails(*_: object) -> None:
        raise Unavailable("locked")

    monkeypatch.setattr(desk.journal, "newest", fails)
    stands = standing(desk)
    assert (stands.gear, stands.problem) == (Gear.BUILD, "locked")
