"""What an incident that a failed stage declares says: the decision, whose it is, and what changed before."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from andon.desk.casefile import open_incidents
from andon.desk.circumstances import touched
from andon.desk.deployments import read_ledger
from andon.desk.flags.failing import TurnedOff, tell_incident, title_of
from andon.desk.flags.rollout import resume_rollout
from andon.incident.events import RolloutPlanned
from andon.incident.next_step import next_step
from andon.incident.rollout_state import Rollout
from tests.fakes.desk import FakeDesk
from tests.unit.desk.flags.rolled import KEY, begun, now, rolling, work


def quick(desk: FakeDesk) -> Rollout:
    """A rollout with few looks at each stage."""
    return begun(desk, 5.0, 25.0, 100.0, every=10.0, watch=3.0)


def test_the_stages_are_changes_near_the_break_and_the_kill_is_none(tmp_path: Path) -> None:
    desk = rolling(tmp_path, breaks_at=25)
    work(desk, quick(desk))
    (incident,) = open_incidents(desk)
    found = [change.what for change in touched(desk, read_ledger(desk), incident)]
    assert found == [f"the rollout of the flag {KEY} came to {stage} %" for stage in (5, 25)]


def test_who_let_it_go_on_has_decided(tmp_path: Path) -> None:
    desk = rolling(tmp_path, breaks_at=5)
    rollout = begun(desk, 5.0, 100.0, every=60.0, waits=True)
    resume_rollout(desk.another("tom"), rollout, "approved")
    work(desk, now(desk, rollout))
    (incident,) = open_incidents(desk)
    assert incident.decision is not None and incident.decision.decided_by == "tom"
    step = next_step(incident)
    assert "andon decide" not in step.command


def test_a_decision_that_somebody_made_stands(tmp_path: Path) -> None:
    desk = rolling(tmp_path, breaks_at=5)
    rollout = quick(desk)
    work(desk, rollout)
    (incident,) = open_incidents(desk)
    before = incident.length
    tell_incident(desk, rollout.id, incident.id, TurnedOff(is_off=True, told="off"))
    (incident,) = open_incidents(desk)
    assert incident.length == before


def test_the_title_is_short_however_long_the_key() -> None:
    plan = RolloutPlanned(
        operation="RO-1", system="andon", flag="k" * 300, variant="on", stages=(5.0,), every=60.0,
        watch=60.0, before="", undo="",
    )  # fmt: skip
    rollout = Rollout(planned=plan, planned_at=datetime.now(UTC), actor="mina")
    title = title_of(rollout, 5.0, True, is_killed=False)
    assert len(title) == 80 and title.endswith("… taken back at 5 % of its rollout")
