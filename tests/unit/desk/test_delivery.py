"""Delivering: every attempt on record, failures tried again in time, nobody told twice, nobody waiting."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from andon.desk.casefile import load
from andon.desk.declare import declare
from andon.desk.delivery import announce_by_hand, deliver, remind_of_late_postmortems, waiting
from andon.desk.recording import delivery_is_due, record
from andon.desk.values import Appended, DeliveryFailed
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.words import Occasion, Severity
from tests.fakes.desk import FakeDesk
from tests.fakes.journal import FakeJournal
from tests.unit.desk.shop import STAKEHOLDERS, declared
from tests.unit.incident.cases import closed, mitigated, published, reopened, resolved, severity, verified

NO_ROUTE = DeliveryFailed("no route to host")
GONE = DeliveryFailed("no such mailbox", permanent=True)


@pytest.fixture
def desk(tmp_path: Path) -> FakeDesk:
    return FakeDesk(
        tmp_path, told={"P0": {"boss": "fake://boss", "team": "fake://team"}, "P1": {"team": "fake://team"}}
    )


def send(desk: FakeDesk, *, everything: bool = False) -> tuple[int, int]:
    return deliver(desk, lambda: desk.notifier, desk.addresses, everything=everything)


def attempts(desk: FakeDesk) -> list[Any]:
    kinds = (e.NotificationDelivered, e.NotificationFailed)
    return [r.event for r in desk.history("INC-1") if isinstance(r.event, kinds)]


def test_every_stakeholder_is_told_once(desk: FakeDesk) -> None:
    declared(desk, Severity.P0)
    assert send(desk) == (2, 0)
    assert [address for address, _, _ in desk.notifier.delivered] == ["fake://boss", "fake://team"]
    assert "INC-1 P0 critical: checkout answers 500" in desk.notifier.delivered[0][1]
    assert send(desk) == (0, 0) and send(desk, everything=True) == (0, 0)
    assert len(desk.notifier.delivered) == 2
    assert waiting(desk) == ()


def test_a_failure_is_on_record_and_tried_again_later_and_later(desk: FakeDesk) -> None:
    declared(desk)
    pauses = []
    for number in range(1, 12):
        desk.notifier.failures.append(NO_ROUTE)
        assert send(desk) == (0, 1), number
        (item,) = waiting(desk)
        assert (item.delivery.attempts, item.delivery.reason) == (number, "no route to host")
        assert item.delivery.retry_at is not None
        pauses.append((item.delivery.retry_at - desk.clock.now()).total_seconds())
        assert send(desk) == (0, 0), "not before its time"
        desk.clock.moment = item.delivery.retry_at
    assert pauses == [5, 15, 60, 300, 900, 1800, 1800, 1800, 1800, 1800, 1800]
    assert send(desk) == (1, 0), "and taken at last"
    assert [isinstance(a, e.NotificationDelivered) for a in attempts(desk)] == [False] * 11 + [True]


def test_after_a_dozen_attempts_nobody_tries_by_itself_any_more(desk: FakeDesk) -> None:
    declared(desk)
    for _ in range(12):
        desk.notifier.failures.append(NO_ROUTE)
        send(desk)
        desk.clock.moment += timedelta(hours=1)
    assert waiting(desk) == () and send(desk) == (0, 0)
    (item,) = waiting(desk, given_up_too=True)
    assert item.delivery.given_up and item.delivery.retry_at is None
    assert send(desk, everything=True) == (1, 0), "a person still can"
    assert waiting(desk, given_up_too=True) == ()


def test_what_can_never_work_is_not_tried_again(desk: FakeDesk) -> None:
    declared(desk)
    desk.notifier.failures.append(GONE)
    assert send(desk) == (0, 1)
    desk.clock.moment += timedelta(days=1)
    assert send(desk) == (0, 0)
    (failed,) = attempts(desk)
    assert failed.permanent and failed.retry_at is None and failed.reason == "no such mailbox"


def test_one_who_cannot_be_reached_does_not_keep_it_from_the_others(desk: FakeDesk) -> None:
    declared(desk, Severity.P0)
    desk.notifier.failures.append(NO_ROUTE)
    assert send(desk) == (1, 1)
    assert [address for address, _, _ in desk.notifier.delivered] == ["fake://team"]


def test_an_address_that_is_not_configured_any_more_is_said(desk: FakeDesk) -> None:
    declared(desk)
    desk.told = {}
    assert send(desk) == (0, 1)
    (failed,) = attempts(desk)
    assert "not configured any more" in failed.reason and not failed.permanent
    desk.told = STAKEHOLDERS
    desk.clock.moment += timedelta(minutes=1)
    assert send(desk) == (1, 0)


def test_no_secret_goes_out(desk: FakeDesk) -> None:
    declared(desk, title="the key hunter2hunter2 is public")
    send(desk)
    assert "hunter2hunter2" not in repr(desk.notifier.delivered)
    assert "[redacted" in desk.notifier.delivered[0][1]


def test_what_waits_in_a_closed_incident_is_still_delivered(desk: FakeDesk) -> None:
    for number in range(1, 12):
        declare(desk.another("ann"), title=f"n{number}", severity=Severity.P1)
        desk.append(f"INC-{number}", (closed(),))
    assert [item.incident.id for item in waiting(desk)] == [f"INC-{n}" for n in range(7, 12)]
    assert send(desk) == (5, 0)


def test_the_messages_of_another_service_are_not_ours(desk: FakeDesk) -> None:
    declared(desk)
    till = FakeDesk(Path(desk.config.root), journal=desk.journal, told=STAKEHOLDERS)
    till.config = till.config.__class__(service="till", root=desk.config.root)
    assert send(till) == (0, 0)
    desk.append("INC-1", (closed(),))
    assert send(till) == (0, 0) and attempts(desk) == []
    assert send(desk) == (1, 0)


def test_a_command_on_an_incident_with_a_due_message_has_it_delivered(desk: FakeDesk) -> None:
    state = declared(desk)
    assert not delivery_is_due(state, desk.clock.now())
    desk.notifier.failures.append(NO_ROUTE)
    send(desk)
    state = load(desk, None)
    assert not delivery_is_due(state, desk.clock.now())
    desk.clock.moment += timedelta(seconds=5)
    assert delivery_is_due(state, desk.clock.now())
    desk.nudged = False
    record(desk, state, c.AddNote(text="still looking"))
    assert desk.nudged


# ---- in a person's words


def test_a_person_tells_the_stakeholders_of_the_severity(desk: FakeDesk) -> None:
    state = announce_by_hand(desk, declared(desk), "Refunds go out at noon; hunter2hunter2.")
    message = state.notifications[-1]
    assert message.occasion is Occasion.MESSAGE and message.title == "INC-1 P1: checkout answers 500"
    assert "hunter2hunter2" not in message.body
    assert send(desk) == (2, 0)


# ---- the late postmortem


def late(desk: FakeDesk, *more: e.Event, first: Severity = Severity.P1) -> str:
    state = declared(desk, first)
    desk.append(state.id, (verified(), mitigated(), *more))
    return state.id


def reminders(desk: FakeDesk) -> int:
    return sum(n.occasion is Occasion.POSTMORTEM_LATE for n in load(desk, "1").notifications)


def test_a_late_postmortem_is_reminded_of_once(desk: FakeDesk) -> None:
    late(desk)
    desk.clock.moment += timedelta(hours=48)
    assert remind_of_late_postmortems(desk) == (), "due, not late"
    desk.clock.moment += timedelta(seconds=1)
    assert remind_of_late_postmortems(desk) == ("INC-1",)
    desk.clock.moment += timedelta(days=9)
    assert remind_of_late_postmortems(desk) == ()
    assert reminders(desk) == 1
    message = load(desk, "1").notifications[-1]
    assert "it was due" in message.body.lower() and "late" in message.title


@pytest.mark.parametrize("more", [(resolved(), published()), (closed("INC-9"),), (reopened(),)])
def test_nothing_late_nobody_reminded(desk: FakeDesk, more: tuple[e.Event, ...]) -> None:
    late(desk, *more)
    desk.clock.moment += timedelta(days=9)
    assert remind_of_late_postmortems(desk) == ()


def test_what_is_no_emergency_owes_none(desk: FakeDesk) -> None:
    late(desk, first=Severity.P3)
    desk.clock.moment += timedelta(days=9)
    assert remind_of_late_postmortems(desk) == ()


def test_who_was_told_of_the_worst_is_reminded_when_it_was_made_small(desk: FakeDesk) -> None:
    late(desk, severity(Severity.P1, Severity.P3, "one user"))
    desk.clock.moment += timedelta(days=9)
    assert remind_of_late_postmortems(desk) == ("INC-1",)


def test_a_second_deadline_has_its_own_reminder(desk: FakeDesk) -> None:
    late(desk)
    desk.clock.moment += timedelta(days=3)
    assert remind_of_late_postmortems(desk) == ("INC-1",)
    desk.append("INC-1", (reopened(), verified(), mitigated()))
    assert remind_of_late_postmortems(desk) == ()
    desk.clock.moment += timedelta(days=3)
    assert remind_of_late_postmortems(desk) == ("INC-1",)
    desk.clock.moment -= timedelta(days=5)
    assert remind_of_late_postmortems(desk) == (), "a clock that goes back reminds nobody again"
    assert reminders(desk) == 2


def test_nobody_to_tell_is_nobody_reminded(desk: FakeDesk) -> None:
    late(desk)
    desk.told = {}
    desk.clock.moment += timedelta(days=9)
    assert remind_of_late_postmortems(desk) == ()


def test_two_who_look_at_once_remind_once(tmp_path: Path) -> None:
    class Raced(FakeJournal):
        inside = False

        def append(self, stream: str, batch: Any) -> Appended:
            if isinstance(batch.events[0], e.NotificationRequested) and not self.inside:
                self.inside = True
                assert remind_of_late_postmortems(desk.another("bob")) == ("INC-1",)
            return super().append(stream, batch)

    desk = FakeDesk(tmp_path, journal=Raced(), told=STAKEHOLDERS)
    late(desk)
    desk.clock.moment += timedelta(days=9)
    assert remind_of_late_postmortems(desk) == ()
    assert reminders(desk) == 1
