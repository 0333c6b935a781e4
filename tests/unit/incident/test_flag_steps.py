"""What comes next while a flag is the response: what kills it, finishes the kill, or proves it."""

from __future__ import annotations

import pytest

from andon.incident import events as e
from andon.incident.checklist import open_lines
from andon.incident.next_step import next_step
from andon.incident.words import Choice, Outcome
from andon.protocol.compiled import ProtocolItem
from andon.review.drafts import DRAFTS
from tests.unit.incident.cases import (
    MITIGATED,
    OWNED,
    adopted,
    assert_commands_exist,
    assessed,
    decided,
    flag_ended,
    flag_planned,
    history,
    hurt,
    state,
    verified,
)

KILL = "andon flags kill pricing"
COVERED = assessed(flag="pricing", flag_off=("andon", "flags", "kill", "pricing"))
SWITCH = (*OWNED, hurt(), COVERED, decided(Choice.KILL_SWITCH))


@pytest.mark.parametrize(
    ("events", "command"),
    [
        ((*OWNED, hurt(), COVERED), f"andon decide; or, at once, {KILL}"),
        ((*OWNED, hurt(), assessed(flag="pricing", flag_off=("ops/flag", "off"))), "andon decide"),
        (SWITCH, KILL),
        ((*SWITCH, flag_planned()), KILL),
        ((*SWITCH, flag_planned(), flag_ended(outcome=Outcome.UNKNOWN)), KILL),
        ((*SWITCH, flag_planned(), flag_ended(outcome=Outcome.FAILED)), KILL),
        ((*SWITCH, flag_planned(), flag_ended()), "andon verify"),
        ((*SWITCH, flag_planned(), flag_ended(), verified()), "andon mitigate"),
        ((*OWNED, hurt(), assessed(), decided(Choice.KILL_SWITCH)), "andon verify"),
    ],
)
def test_the_next_command(events: tuple[e.Event, ...], command: str) -> None:
    step = next_step(state(*events))

    assert step.command == command
    assert_commands_exist(step.command)


def test_what_waits_for_the_action_item_of_a_kill_does_not_keep_the_incident_open() -> None:
    item = ProtocolItem(
        key="s1.1",
        text="Switch it on again",
        section=("Flags",),
        phase="prevention",
        line=1,
        check="feature-restored",
        manual="",
        ordered=0,
        when="always",
    )
    owed = e.ActionOpened(action="A1", title="Turn pricing on again", origin="kill:K1", owner="mina")
    killed = (*MITIGATED, adopted((item,)), flag_planned(), flag_ended())

    assert [line.item.check for line in open_lines(state(*killed))] == ["feature-restored"]
    assert open_lines(state(*killed, owed)) == ()


def test_the_postmortem_tells_of_the_kill() -> None:
    events = (*SWITCH, flag_planned(reason="prices are wrong"), flag_ended(), verified())
    told = history(*events)
    incident = state(*events)

    response = DRAFTS["timeline/response"](incident, told, told[-1].at)
    resolution = DRAFTS["timeline/resolution"](incident, told, told[-1].at)

    assert "flag pricing: kill to off planned" in response and "prices are wrong" in response
    assert "3 of 3 processes confirmed in 41 ms, slowest web-3" in resolution
