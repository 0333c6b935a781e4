"""The process that deploys: begun once per operations directory, its outcome on disk before all else."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from andon.desk import acting
from andon.desk.casefile import load
from andon.desk.operation import hold, trace
from andon.desk.rollback import approve, plan_rollback
from andon.errors import Unavailable
from andon.incident.words import Outcome
from andon.workflows.runner import DetachedRunner, carry_out, forget_old
from tests.fakes.desk import FakeDesk
from tests.unit.desk.shop import DyingDeployer, Killed, decided, on_disk, shop


def claimed(desk: FakeDesk) -> tuple[DetachedRunner, str, str]:
    """Go the way to a claim, and return a runner that works at once, with what it is for."""

    def launch(incident: str, operation: str, actor: str) -> int:
        carry_out(desk.another(actor), incident, operation)
        return 0

    runner = DetachedRunner(launch)
    state = decided(desk)
    operation = approve(desk, state, plan_rollback(desk, state, "")).approvals[-1].operation
    acting.claim(desk, state.id, operation, runner.host)
    return runner, state.id, operation


def deployed(desk: FakeDesk) -> int:
    assert desk.deployer is not None
    return len(desk.deployer.deployed)


def test_a_deployment_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    runner, incident, operation = claimed(desk)
    assert runner.phase(operation) == "new" and runner.report(operation) is None
    runner.begin(incident, operation, "bob")
    assert runner.phase(operation) == "ended"
    report = runner.report(operation)
    assert report is not None and (report.outcome, report.running_version) == (Outcome.SUCCEEDED, "v2")
    act = load(desk, None).operation(operation)
    assert act is not None and act.outcome is Outcome.SUCCEEDED, "the runner tells the journal itself"
    assert acting.deploy(desk, incident, operation, runner) is Outcome.SUCCEEDED
    runner.begin(incident, operation, "bob")
    assert carry_out(desk, incident, operation) is None
    assert deployed(desk) == 1


def test_the_identity_of_the_directory_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = DetachedRunner(lambda *_: 0).host
    assert first and DetachedRunner(lambda *_: 0).host == first
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another"))
    assert DetachedRunner(lambda *_: 0).host != first


def test_one_that_died_before_it_was_known_how_it_went_is_gone(tmp_path: Path) -> None:
    desk = shop(tmp_path, deployer=DyingDeployer(on_disk("v3", "v2", "v1"), running="v3"))
    runner, incident, operation = claimed(desk)
    with pytest.raises(Killed):
        runner.begin(incident, operation, "bob")
    assert runner.phase(operation) == "gone" and not runner.forbid(operation)
    assert carry_out(desk, incident, operation) is None, "nobody begins it again"
    assert acting.deploy(desk, incident, operation, runner) is Outcome.FAILED
    assert deployed(desk) == 1


def test_while_somebody_holds_it_it_runs(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    runner, incident, operation = claimed(desk)
    with hold(operation):
        assert runner.phase(operation) == "running"
        assert carry_out(desk, incident, operation) is None
    assert runner.phase(operation) == "new", "it was held, and never begun"


def test_what_is_forbidden_never_begins(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    runner, incident, operation = claimed(desk)
    assert runner.forbid(operation) and not runner.forbid(operation)
    assert carry_out(desk, incident, operation) is None
    assert deployed(desk) == 0


def test_a_journal_that_is_gone_at_the_end_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = shop(tmp_path)
    runner, incident, operation = claimed(desk)
    real = desk.journal.append

    def gone(stream: str, batch: Any) -> Any:
        raise Unavailable("the database is down")

    monkeypatch.setattr(desk.journal, "append", gone)
    runner.begin(incident, operation, "bob")
    assert runner.phase(operation) == "ended"
    monkeypatch.setattr(desk.journal, "append", real)
    assert acting.deploy(desk, incident, operation, runner) is Outcome.SUCCEEDED
    assert deployed(desk) == 1


def test_whoever_was_too_late_deploys_nothing(tmp_path: Path) -> None:
    """Somebody found out meanwhile how it ended; a runner that comes up only then sees that."""
    desk = shop(tmp_path)
    runner, incident, operation = claimed(desk)
    runner.forbid(operation)
    assert acting.deploy(desk, incident, operation, runner) is Outcome.FAILED
    os.unlink(trace(operation, "started"))
    assert carry_out(desk, incident, operation) is None
    assert deployed(desk) == 0


@pytest.mark.parametrize("spoiled", ["", "{", "[]", '{"outcome": "perhaps"}', '{"outcome": "failed"}'])
def test_an_outcome_that_cannot_be_read_is_none(tmp_path: Path, spoiled: str) -> None:
    desk = shop(tmp_path)
    runner, incident, operation = claimed(desk)
    runner.begin(incident, operation, "bob")
    Path(trace(operation, "outcome")).write_text(spoiled)
    assert runner.report(operation) is None and runner.phase(operation) == "gone"


def test_what_is_left_behind_is_private_and_without_secrets(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    runner, incident, operation = claimed(desk)
    desk.deployer.break_with = (Outcome.FAILED, "token hunter2hunter2 was refused")  # type: ignore[union-attr]
    runner.begin(incident, operation, "bob")
    path = Path(trace(operation, "outcome"))
    assert path.stat().st_mode & 0o077 == 0
    assert "hunter2hunter2" not in path.read_text() and "token" in json.loads(path.read_text())["detail"]


def test_only_what_is_old_is_forgotten(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    runner, incident, operation = claimed(desk)
    runner.begin(incident, operation, "bob")
    started = Path(trace(operation, "started"))
    now = started.stat().st_mtime
    forget_old(now + 3600)
    assert started.exists()
    forget_old(now + 200 * 86400)
    assert not started.exists() and DetachedRunner(lambda *_: 0).host == runner.host


def test_without_a_place_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = shop(tmp_path)
    runner, incident, operation = claimed(desk)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    for action in (lambda: DetachedRunner(lambda *_: 0), lambda: runner.begin(incident, operation, "bob")):
        with pytest.raises(Unavailable, match="cannot be claimed"):
            action()
    assert deployed(desk) == 0
