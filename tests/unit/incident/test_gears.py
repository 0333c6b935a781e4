"""One gear at a time: what was declared, HOTFIX while an emergency is in response, and no way out of SHIP."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.errors import Refused
from andon.incident import events as e
from andon.incident.gears import (
    DECLARABLE,
    Move,
    active_gear,
    declare_gear,
    fold_declared,
    hotfix_since,
    move,
)
from andon.incident.words import Gear, Severity, Status, Verdict
from tests.unit.incident.cases import (
    MITIGATED,
    OWNED,
    RESOLVED,
    assert_commands_exist,
    closed,
    declared,
    history,
    mitigated,
    reopened,
    resolved,
    severity,
    state,
    verified,
)

P0, P1, P2 = Severity.P0, Severity.P1, Severity.P2
EXPLORE, BUILD, SHIP, HOTFIX = Gear
EMERGENCY = {
    Status.DECLARED: (declared(),),
    Status.ACKNOWLEDGED: OWNED,
    Status.MITIGATED: MITIGATED,
    Status.RESOLVED: RESOLVED,
    Status.CLOSED: (*RESOLVED, closed()),
}
ABANDONED = e.ShipAbandoned(reason="the partner is not ready")


def gear(word: str, reason: str = "") -> e.GearDeclared:
    return e.GearDeclared(gear=word, reason=reason)


def recorded_ship(verdict: Verdict = Verdict.PASSED) -> e.ShipRecorded:
    return e.ShipRecorded(commit="c" * 40, version="v4", verdict=verdict)


def after(*events: e.Event) -> tuple[Gear, bool]:
    found = fold_declared(history(*events))
    return found.gear, found.is_committed


# ---- what is declared


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), (BUILD, False)),
        ((gear("SHIP"),), (SHIP, True)),
        ((gear("l0"),), (EXPLORE, False)),
        ((gear("TURBO"),), (BUILD, False)),
        ((gear("HOTFIX"),), (BUILD, False)),
        ((gear("SHIP"), gear("L3")), (SHIP, True)),
        ((gear("SHIP"), recorded_ship()), (SHIP, False)),
        ((gear("SHIP"), recorded_ship(Verdict.FAILED)), (SHIP, True)),
        ((recorded_ship(), gear("SHIP")), (SHIP, True)),
        ((gear("SHIP"), ABANDONED), (SHIP, False)),
        ((ABANDONED, gear("SHIP")), (SHIP, True)),
        ((gear("SHIP"), recorded_ship(), gear("SHIP")), (SHIP, True)),
        ((gear("SHIP"), ABANDONED, gear("BUILD")), (BUILD, False)),
    ],
)
def test_what_the_stream_declares(events: tuple[e.Event, ...], expected: tuple[Gear, bool]) -> None:
    assert after(*events) == expected


def test_how_a_ship_ended_is_told() -> None:
    shipped = fold_declared(history(gear("SHIP", "friday"), recorded_ship(), ABANDONED))
    assert (shipped.settled, shipped.settled_what, shipped.reason) == ("recorded", "v4", "friday")
    given_up = fold_declared(history(gear("SHIP"), ABANDONED))
    assert (given_up.settled, given_up.settled_what) == ("abandoned", "the partner is not ready")
    assert given_up.settled_by and given_up.settled_at is not None


# ---- which one is active


@pytest.mark.parametrize("status", list(Status))
def test_an_emergency_in_response_puts_the_service_into_hotfix(status: Status) -> None:
    incident = state(*EMERGENCY[status])
    assert incident.status is status
    expected = HOTFIX if status in (Status.DECLARED, Status.ACKNOWLEDGED, Status.MITIGATED) else SHIP
    active = active_gear(fold_declared(history(gear("SHIP"))), (incident,))
    assert active.gear is expected
    assert ("INC-7 P1" in active.why) == (active.gear is HOTFIX) == bool(active.incidents)


def test_what_is_no_emergency_leaves_the_gear_alone() -> None:
    nothing = fold_declared(())
    for incident in (state(declared(P2)), state(declared(P0), severity(P0, P2, "less"))):
        active = active_gear(nothing, (incident,))
        assert (active.gear, active.why, active.since) == (BUILD, "default", None)
    escalated = state(declared(P2), severity(P2, P1))
    assert active_gear(nothing, (state(declared(P2)), escalated)).gear is HOTFIX
    assert active_gear(nothing, (escalated, state(declared(P0)))).why.endswith(", and INC-7")


def test_after_the_emergency_what_was_declared_before_holds_again() -> None:
    declares = fold_declared(history(gear("EXPLORE", "spike")))
    assert active_gear(declares, (state(*OWNED),)).gear is HOTFIX
    again = active_gear(declares, (state(*RESOLVED),))
    assert (again.gear, again.why, again.by) == (EXPLORE, "spike", declares.by)


def test_hotfix_since_the_last_time_it_became_an_emergency() -> None:
    for events, place in (
        ((declared(P0),), 0),
        ((declared(P2), severity(P2, P1)), 1),
        ((declared(P1), severity(P1, P0)), 0),
        ((declared(P0), severity(P0, P2, "x"), severity(P2, P1)), 2),
        ((declared(), verified(), mitigated(), resolved(), reopened()), 4),
    ):
        told = history(*events)
        assert hotfix_since(told) == told[place].at
    assert hotfix_since(history(*RESOLVED)) is None and hotfix_since(()) is None


# ---- what may follow

COMMITTED = (gear("SHIP"),)
MOVES = [
    # from, wanted, what is said
    ((gear("EXPLORE"),), EXPLORE, Move.NOTHING),
    ((gear("EXPLORE"),), BUILD, Move.ALLOWED),
    ((gear("EXPLORE"),), SHIP, Move.ALLOWED),
    ((), EXPLORE, Move.WITH_REASON),
    ((), BUILD, Move.NOTHING),
    ((), SHIP, Move.ALLOWED),
    (COMMITTED, EXPLORE, Move.REFUSED),
    (COMMITTED, BUILD, Move.REFUSED),
    (COMMITTED, SHIP, Move.NOTHING),
    ((*COMMITTED, recorded_ship()), EXPLORE, Move.WITH_REASON),
    ((*COMMITTED, recorded_ship()), BUILD, Move.ALLOWED),
    ((*COMMITTED, recorded_ship()), SHIP, Move.ALLOWED),
    ((*COMMITTED, ABANDONED), EXPLORE, Move.WITH_REASON),
    ((*COMMITTED, ABANDONED), BUILD, Move.ALLOWED),
    ((*COMMITTED, ABANDONED), SHIP, Move.ALLOWED),
]


@pytest.mark.parametrize(("events", "wanted", "expected"), MOVES)
@pytest.mark.parametrize("reason", ["", "  ", "the demo is over"])
def test_every_move(events: tuple[e.Event, ...], wanted: Gear, expected: Move, reason: str) -> None:
    declares = fold_declared(history(*events))
    assert move(declares, wanted, is_hotfix=False) is expected
    active = active_gear(declares, ())
    refused = expected is Move.REFUSED or (expected is Move.WITH_REASON and not reason.strip())
    if refused:
        with pytest.raises(Refused) as told:
            declare_gear(active, wanted, reason)
        if expected is not Move.REFUSED:
            assert_commands_exist(told.value.remedy)
    else:
        made = declare_gear(active, wanted, reason)
        assert made == (() if expected is Move.NOTHING else (gear(wanted.value, reason.strip()),))


@pytest.mark.parametrize("wanted", list(Gear))
@pytest.mark.parametrize("start", DECLARABLE)
def test_a_hotfix_turns_into_no_other_gear(start: Gear, wanted: Gear) -> None:
    active = active_gear(fold_declared(history(gear(start.value))), (state(*MITIGATED),))
    with pytest.raises(Refused, match="it resolves") as refused:
        declare_gear(active, wanted, "a reason")
    assert refused.value.rule == "hotfix-resolves" and "andon resolve" in refused.value.remedy
    assert f"then {start} holds again" in refused.value.remedy


@pytest.mark.parametrize("start", DECLARABLE)
def test_hotfix_is_never_declared(start: Gear) -> None:
    with pytest.raises(Refused) as refused:
        declare_gear(active_gear(fold_declared(history(gear(start.value))), ()), HOTFIX, "quick")
    assert refused.value.rule == "hotfix-is-derived"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("gear"), st.sampled_from(list(Gear)), st.sampled_from(("", "why"))),
        st.sampled_from(("recorded", "abandoned", "broken", "mended", "forged")).map(
            lambda s: (s, BUILD, "")
        ),
    ),
    max_size=14,
)


@given(STEPS)
@settings(max_examples=300, deadline=None)
def test_whatever_is_tried_there_is_one_gear_and_ship_never_relaxes(
    steps: list[tuple[str, Gear, str]],
) -> None:
    events: list[e.Event] = []
    is_broken, is_committed = False, False
    for step, wanted, reason in steps:
        found = (state(declared()),) if is_broken else (state(*RESOLVED),)
        before = active_gear(fold_declared(history(*events)), found)
        match step:
            case "gear":
                with contextlib.suppress(Refused):
                    events += declare_gear(before, wanted, reason)
            case "recorded" | "abandoned":
                events.append(recorded_ship() if step == "recorded" else ABANDONED)
                is_committed = False
            case "forged":
                events.append(gear("HOTFIX", "by hand"))
            case "broken" | "mended":
                is_broken = step == "broken"
        found = (state(declared()),) if is_broken else (state(*RESOLVED),)
        now = active_gear(fold_declared(history(*events)), found)
        assert (now.gear is HOTFIX) == is_broken
        assert now.declared.gear in DECLARABLE
        if is_committed:
            assert now.declared.gear is SHIP
        is_committed = now.declared.is_committed
