"""The worker: what it finds in the journal, when it leaves, and what it does about what keeps breaking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from andon.desk.rollback import approve, plan_rollback
from andon.errors import Unavailable
from andon.incident.words import Verdict
from andon.workflows.worker import Worker
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import FakeEngine, FakeRunner, bodies_at
from tests.fakes.production import FakeProbe
from tests.unit.desk.shop import decided, shop


def waiting(root: Path) -> FakeDesk:
    desk = shop(root, probes=(FakeProbe("checkout", Verdict.PASSED, critical=True),))
    state = decided(desk)
    approve(desk, state, plan_rollback(desk, state, ""))
    return desk


def worker(desk: FakeDesk, engine: FakeEngine, **changes: object) -> Worker:
    never: Callable[[], bool] = lambda: False  # noqa: E731
    given = {"until_done": True, "is_stopped": never, "with_messages": False, **changes}
    return Worker(desk.another("worker"), engine, **given)  # type: ignore[arg-type]


def test_it_carries_out_what_is_approved_and_leaves(tmp_path: Path) -> None:
    desk = waiting(tmp_path)
    engine = FakeEngine(bodies_at(desk, FakeRunner(desk)))
    assert worker(desk, engine).work() == 0
    assert [t.state for t in engine.tasks()] == ["done"]
    assert desk.deployer is not None and desk.deployer.live == "v2"
    assert worker(desk, engine).work() == 0, "nothing is left"
    assert len(desk.deployer.deployed) == 1


def test_what_keeps_breaking_is_left_and_said(tmp_path: Path) -> None:
    desk = waiting(tmp_path)

    def broken(run: object, arguments: object) -> None:
        raise KeyError("a bug")

    engine = FakeEngine({"operation": broken})
    assert worker(desk, engine).work() == 1
    assert [t.state for t in engine.tasks()] == ["failed"]
    healed = FakeEngine(bodies_at(desk, FakeRunner(desk)), engine.memory)
    assert worker(desk, healed).work() == 0, "the next one tries again, under the next id"
    assert [t.state for t in healed.tasks()] == ["failed", "done"]


def test_it_stays_until_it_is_told_to_leave(tmp_path: Path) -> None:
    desk = waiting(tmp_path)
    looks: list[int] = []

    def is_stopped() -> bool:
        looks.append(1)
        return len(looks) > 20

    engine = FakeEngine(bodies_at(desk, FakeRunner(desk)))
    assert worker(desk, engine, until_done=False, is_stopped=is_stopped).work() == 0
    assert len(looks) == 21 and [t.state for t in engine.tasks()] == ["done"]


def test_it_leaves_when_the_journal_was_tidied_away(tmp_path: Path) -> None:
    desk = waiting(tmp_path)
    engine = FakeEngine(bodies_at(desk, FakeRunner(desk)))
    gone = str(tmp_path / "gone")
    assert worker(desk, engine, until_done=False, place=gone).work() == 0
    assert engine.tasks() == ()


def test_a_journal_that_cannot_be_reached_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = waiting(tmp_path)
    real, tries = desk.journal.heads, []

    def heads() -> object:
        tries.append(1)
        if len(tries) < 4:
            raise Unavailable("the database is down")
        return real()

    monkeypatch.setattr(desk.journal, "heads", heads)
    engine = FakeEngine(bodies_at(desk, FakeRunner(desk)))
    assert worker(desk, engine).work() == 0
    assert [t.state for t in engine.tasks()] == ["done"]
