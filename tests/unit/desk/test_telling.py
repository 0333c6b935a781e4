"""Following an act: what is told in which order, and what is done about workers that die."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.desk.operation import directory, hold, trace
from andon.desk.rollback import approve, plan_rollback
from andon.desk.telling import follow, tell_progress
from andon.errors import Unavailable
from andon.incident.codec import type_of
from andon.incident.evolve import fold
from andon.incident.state import Incident
from andon.incident.words import Verdict
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import carried_out
from tests.fakes.production import FakeProbe
from tests.unit.desk.shop import decided, shop


def waiting(root: Path) -> tuple[FakeDesk, str, str]:
    """Return a desk with an approved rollback, its incident and its operation."""
    desk = shop(root, probes=(FakeProbe("checkout", Verdict.PASSED, critical=True),))
    state = decided(desk)
    state = approve(desk, state, plan_rollback(desk, state, ""))
    return desk, state.id, state.approvals[-1].operation


def names(heard: Iterator[object]) -> list[str]:
    return [one if isinstance(one, str) else type_of(one) for one in heard]  # type: ignore[arg-type]


def test_what_happened_is_told_in_order(tmp_path: Path) -> None:
    desk, incident, operation = waiting(tmp_path)
    carried_out(desk, as_it_is(desk, incident))
    tell_progress(operation, "waiting\nfor \x1b[31mcheckout")
    told = names(follow(desk, incident, operation))
    assert told == ["DeployStarted", "DeployFinished", "VerificationRan", "OperationEnded"]


def as_it_is(desk: FakeDesk, incident: str) -> Incident:
    """Return the incident as it is recorded."""
    return fold(desk.history(incident))


def test_progress_is_told_between_the_events_as_it_comes(tmp_path: Path) -> None:
    desk, incident, operation = waiting(tmp_path)
    desk.worker_lock = trace("worker")
    with hold("worker"):
        heard = follow(desk, incident, operation)
        tell_progress(operation, "waiting for checkout")
        assert next(heard) == "waiting for checkout"
        tell_progress(operation, "watching 1 log(s)")
        with Path(trace(operation, "progress")).open("a") as file:
            file.write("half a line")
        assert next(heard) == "watching 1 log(s)"
        carried_out(desk, as_it_is(desk, incident))
        assert "OperationEnded" in names(heard)
    assert desk.workers == 0, "one was at it all the time"


def test_workers_that_keep_dying_are_given_up_and_what_they_said_is_told(tmp_path: Path) -> None:
    desk, incident, operation = waiting(tmp_path)
    os.makedirs(directory())
    (Path(directory()) / "worker.log").write_text("no room on the disk")
    heard: list[object] = []
    with pytest.raises(Unavailable, match="the last one said: no room on the disk") as caught:
        heard.extend(follow(desk, incident, operation))
    assert desk.workers == 4 and "andon rollback --resume" in caught.value.remedy


def test_where_nobody_starts_workers_it_waits_and_says_for_what(tmp_path: Path) -> None:
    desk, incident, operation = waiting(tmp_path)
    desk.starts_workers = False
    heard = follow(desk, incident, operation)
    assert next(heard) == "no worker has taken it up yet; it waits for one: andon worker"
    carried_out(desk, as_it_is(desk, incident))
    assert names(heard)[-1] == "OperationEnded" and desk.workers == 0
