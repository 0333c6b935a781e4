"""Who is told what: each occasion in words, to those of the severity; nobody where nobody is configured."""

from __future__ import annotations

import pytest

from andon.incident import events as e
from andon.incident.announcing import announce
from andon.incident.words import Occasion, Severity
from tests.unit.incident.cases import (
    adopted,
    closed,
    declared,
    hurt,
    mitigated,
    reopened,
    resolved,
    severity,
    verified,
)

P0, P1, P2 = Severity.P0, Severity.P1, Severity.P2


def told(*events: e.Event, now: Severity = P1) -> tuple[e.NotificationRequested, ...]:
    return announce(
        events,
        incident="INC-7",
        title="checkout answers 500",
        severity=now,
        targets=lambda severity: {"P0": ("boss", "team"), "P1": ("team",)}.get(severity, ()),
        request="abc",
    )


@pytest.mark.parametrize(
    ("event", "occasion", "title", "body"),
    [
        (
            declared(P1),
            Occasion.DECLARED,
            "INC-7 P1 high: checkout answers 500",
            "Declared for shop. Response is under way.",
        ),
        (
            declared(P1, description="Nobody can pay."),
            Occasion.DECLARED,
            "INC-7 P1 high: checkout answers 500",
            "Nobody can pay.",
        ),
        (
            severity(P2, P1),
            Occasion.ESCALATED,
            "INC-7 escalated to P1 high: checkout answers 500",
            "It was P2.",
        ),
        (
            severity(P2, P1, "everybody"),
            Occasion.ESCALATED,
            "INC-7 escalated to P1 high: checkout answers 500",
            "everybody",
        ),
        (
            mitigated(),
            Occasion.MITIGATED,
            "INC-7 mitigated: checkout answers 500",
            "The harm has stopped (rollback); shown by verification.",
        ),
        (
            resolved(),
            Occasion.RESOLVED,
            "INC-7 resolved: checkout answers 500",
            "Cause: a price was null",
        ),
    ],
)
def test_what_stakeholders_are_told(event: e.Event, occasion: Occasion, title: str, body: str) -> None:
    assert told(event) == (
        e.NotificationRequested(
            request="abc-0", occasion=occasion, title=title, body=body, targets=("team",)
        ),
    )


@pytest.mark.parametrize(
    "event", [severity(P1, P2, "less"), closed(), reopened(), verified(), hurt(), e.NoteAdded(text="x")]
)
def test_the_rest_is_nobodys_interruption(event: e.Event) -> None:
    assert told(event) == ()


def test_nobody_configured_is_nobody_told() -> None:
    assert told(declared(P2)) == ()
    assert told(mitigated(), now=P2) == ()


def test_an_escalation_goes_to_those_of_the_new_severity() -> None:
    (message,) = told(severity(P1, P0), now=P1)
    assert message.targets == ("boss", "team")


def test_messages_of_one_batch_are_told_apart() -> None:
    messages = told(declared(), adopted(), severity(P1, P0), mitigated())
    assert [m.request for m in messages] == ["abc-0", "abc-2", "abc-3"]
