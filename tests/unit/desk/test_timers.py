"""Messages and deadlines on the durable engine: tried again, reminded of, each on record once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from andon.desk.casefile import load
from andon.desk.recording import record
from andon.desk.secret_files import audit_secret_files
from andon.desk.values import DeliveryFailed
from andon.incident import commands as c
from andon.incident.codec import type_of
from andon.incident.gate_events import SecretAuditReminded
from andon.incident.words import Severity
from andon.workflows import deadlines, messages, secret_audits
from andon.workflows.upcoming import upcoming
from andon.workflows.worker import Worker
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import FakeEngine, Killed
from tests.unit.desk.shop import declared, shop


def bodies(desk: FakeDesk) -> dict[str, Any]:
    @contextmanager
    def desks(actor: str) -> Iterator[FakeDesk]:
        yield desk.another(actor or "worker")

    return {
        messages.NAME: messages.Delivery(desks),
        deadlines.NAME: deadlines.Deadline(desks),
        secret_audits.NAME: secret_audits.Reminder(desks),
    }


def engine_at(desk: FakeDesk, memory: dict[str, Any], die_at: int = 0) -> FakeEngine:
    return FakeEngine(bodies(desk), memory, die_at=die_at, sleep=desk.clock.sleep)


def work(desk: FakeDesk, memory: dict[str, Any], die_at: int = 0) -> int:
    """One life of a worker that leaves when nothing is due soon."""
    engine = engine_at(desk, memory, die_at)
    return Worker(desk.another("worker"), engine, until_done=True, is_stopped=lambda: False).work()


def refuse(desk: FakeDesk, times: int, *, permanent: bool = False) -> list[str]:
    """Have the notifier refuse so often; return what it was asked to send."""
    sent: list[str] = []
    real = desk.notifier.send

    def send(target: str, message: Any) -> None:
        sent.append(target)
        if len(sent) <= times:
            raise DeliveryFailed("busy", permanent=permanent)
        real(target, message)

    desk.notifier.send = send  # type: ignore[method-assign]
    return sent


def kinds(desk: FakeDesk) -> list[str]:
    return [type_of(r.event) for r in desk.history("INC-1") if "Notification" in type_of(r.event)]


def test_a_message_is_delivered_by_the_worker(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    declared(desk, Severity.P0)
    assert work(desk, {}) == 0
    assert kinds(desk) == ["NotificationRequested", "NotificationDelivered"]
    assert work(desk, {}) == 0, "and not again, although the engine forgot"
    assert len(kinds(desk)) == 2


def test_what_is_not_taken_is_tried_again_after_pauses(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    declared(desk, Severity.P0)
    sent, began = refuse(desk, 3), desk.clock.now()
    assert work(desk, {}) == 0
    assert kinds(desk)[1:] == ["NotificationFailed"] * 3 + ["NotificationDelivered"]
    assert len(sent) == 4 and desk.clock.now() - began >= timedelta(seconds=5 + 15 + 60)


def test_what_will_never_be_taken_is_given_up(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    declared(desk, Severity.P0)
    sent = refuse(desk, 99, permanent=True)
    assert work(desk, {}) == 0
    assert len(sent) == 1 and upcoming(desk, with_messages=True) == ()


@pytest.mark.parametrize("moment", range(1, 9))
def test_a_death_at_every_moment_leaves_each_attempt_on_record_once(tmp_path: Path, moment: int) -> None:
    desk = shop(tmp_path)
    declared(desk, Severity.P0)
    refuse(desk, 1)
    memory: dict[str, Any] = {}
    try:
        work(desk, memory, die_at=moment)
    except Killed:
        assert work(desk, memory) == 0
    attempts = [r.event.attempt for r in desk.history("INC-1") if hasattr(r.event, "attempt")]
    assert attempts == sorted(set(attempts)) and kinds(desk)[-1] == "NotificationDelivered"
    assert len(attempts) == 2


def test_what_is_due_much_later_does_not_keep_a_worker(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = mitigated(desk)
    (later,) = [one for one in upcoming(desk, with_messages=True) if one.name == deadlines.NAME]
    assert later.due is not None and later.due - desk.clock.now() > timedelta(hours=23)
    started = FakeEngine({deadlines.NAME: lambda run, arguments: None}, {})
    assert (
        state.id
        and Worker(
            desk.another("worker"), started, until_done=True, is_stopped=lambda: False, with_messages=False
        ).work()
        == 0
    )
    assert started.tasks() == (), "without messages, without deadlines"


def mitigated(desk: FakeDesk) -> Any:
    """A P0 whose harm has stopped, so that its postmortem is due in 24 hours."""
    state = record(desk, declared(desk, Severity.P0), c.Acknowledge())
    state = record(desk, state, c.SignItem(item="impact-confirmed", reason="I saw it"))
    state = record(desk, state, c.SignItem(item="failure-resolved", reason="I looked"))
    state = record(desk, state, c.Mitigate(by="luck"))
    for notification in state.notifications:
        for delivery in notification.pending:
            engine_at(desk, {}).start(
                messages.NAME,
                f"m-{notification.request}",
                {"incident": state.id, "request": notification.request, "target": delivery.target},
            )
    return load(desk, None)


def test_a_late_postmortem_is_reminded_of_once(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = mitigated(desk)
    memory: dict[str, Any] = {}
    arguments = {"incident": state.id}
    engine_at(desk, memory).start(deadlines.NAME, "deadline:1", arguments)  # sleeps a day, by this clock
    late = [n for n in load(desk, None).notifications if "postmortem is late" in n.title]
    assert len(late) == 1
    engine_at(desk, {}).start(deadlines.NAME, "deadline:1", arguments)
    assert len([n for n in load(desk, None).notifications if "postmortem is late" in n.title]) == 1
    assert work(desk, {}) == 0, "the reminder is a message like any other"
    assert not any(n.pending for n in load(desk, None).notifications)


# ---- the audit of secret files


def reminders(desk: FakeDesk) -> list[tuple[str, str]]:
    found = (r.event for r in desk.history("service:shop"))
    return [(e.target, e.problem) for e in found if isinstance(e, SecretAuditReminded)]


def test_nobody_is_reminded_before_the_first_audit(tmp_path: Path) -> None:
    assert upcoming(shop(tmp_path), with_messages=True) == ()


def test_a_quarter_after_the_audit_those_told_of_the_mildest_severity_are_reminded_once(
    tmp_path: Path,
) -> None:
    desk, memory = shop(tmp_path), {}
    audit_secret_files(desk)
    began = desk.clock.now()
    (one,) = upcoming(desk, with_messages=True)
    assert one.due == began + timedelta(days=90)
    work(desk, memory)  # the fake engine sleeps by moving the clock
    assert desk.clock.now() >= one.due and reminders(desk) == [("team", "")]
    assert desk.notifier.delivered[0][:2] == ("fake://team", "shop: the audit of secret files is due")
    (again,) = upcoming(desk, with_messages=True)
    assert again.due == began + timedelta(days=180)


def test_an_audit_in_between_moves_the_day(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    audit_secret_files(desk)
    (first,) = upcoming(desk, with_messages=True)
    desk.clock.sleep(86400)
    audit_secret_files(desk.another("ann"))
    engine = engine_at(desk, {})
    engine.start(first.name, first.task, first.arguments)
    assert reminders(desk) == [] and desk.notifier.delivered == []


@pytest.mark.parametrize("die_at", range(1, 11))
def test_a_reminder_survives_every_death_and_is_on_record_once(tmp_path: Path, die_at: int) -> None:
    desk, memory = shop(tmp_path), {}
    audit_secret_files(desk)
    (one,) = upcoming(desk, with_messages=True)
    desk.notifier.failures = [DeliveryFailed("busy")]
    try:
        engine_at(desk, memory, die_at).start(one.name, one.task, one.arguments)
    except Killed:
        engine_at(desk, memory).start(one.name, one.task, one.arguments)
    assert reminders(desk) == [("team", "")]
    assert 1 <= len(desk.notifier.delivered) <= 2


def test_what_nobody_takes_is_given_up_with_its_reason(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    audit_secret_files(desk)
    (one,) = upcoming(desk, with_messages=True)
    refuse(desk, 99)
    engine_at(desk, {}).start(one.name, one.task, one.arguments)
    assert reminders(desk) == [("team", "busy")]
