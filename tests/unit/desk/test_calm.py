"""Errors from before the last proven recovery belong to another incident; they neither date nor excuse it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from andon.desk.assess import run_assessment
from andon.desk.calm import broke_before, calm_since
from andon.desk.declare import declare
from andon.desk.recording import record
from andon.incident import commands as c
from andon.incident.state import Incident
from andon.incident.words import Impact, Severity, Verdict
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeLogSource, FakeProbe
from tests.unit.desk.shop import log_line, shop


def over(desk: FakeDesk, title: str) -> Incident:
    """Declare an incident and end its harm by a signature, as its protocol allows."""
    state = declare(desk, title=title, severity=Severity.P2).incident
    for command in (
        c.Acknowledge(),
        c.SignItem(item="failure-resolved", reason="the page is back"),
        c.Mitigate(by="luck"),
    ):
        state = record(desk, state, command)
    return state


def test_without_an_earlier_incident_nothing_is_known(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    assert calm_since(desk, declare(desk, title="x", severity=Severity.P1).incident) is None


def test_the_same_error_as_in_an_earlier_incident_is_dated_afresh(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    old = b"".join(log_line(desk, m, "ERROR KeyError 'pot'") for m in (3.0, 2.9, 2.8))
    over(desk, "the pot is gone")
    desk.clock.moment += timedelta(minutes=20)
    new = b"".join(log_line(desk, m, "ERROR KeyError 'pot'") for m in (1.0, 0.5))
    desk.logs = (FakeLogSource("shop", old + new),)
    state = declare(desk, title="again", severity=Severity.P0).incident
    found = run_assessment(desk, state).assessment
    assert found.broke_at == desk.clock.now() - timedelta(minutes=1)
    assert [f.symptom[:3] for f in found.broken if f.source == "log"] == ["2 x"]


def test_another_service_says_nothing_about_ours(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    over(desk, "ours")
    theirs = shop(tmp_path / "other")
    theirs.journal = desk.journal
    theirs.config = type(theirs.config)(service="mail")
    assert calm_since(theirs, declare(theirs, title="x", severity=Severity.P1).incident) is None


def test_a_reopened_incident_broke_before_its_reopening(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = over(desk, "not over")
    ended = desk.clock.now()
    desk.clock.moment += timedelta(hours=1)
    state = record(desk, state, c.Reopen(reason="it is back"))
    assert broke_before(state) == desk.clock.now()
    assert calm_since(desk, state) == ended


def test_a_failing_smoke_test_in_the_assessment_confirms_the_impact(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", Verdict.FAILED, critical=True),))
    state = declare(desk, title="without capture", severity=Severity.P0).incident
    assert not state.impacts
    (impact,) = run_assessment(desk, state).incident.impacts
    assert (impact.kind, impact.sign) == (Impact.PROBE, "checkout")
