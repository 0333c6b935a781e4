"""Who decides, when the postmortem is due, and what the gears are called."""

from __future__ import annotations

from datetime import timedelta

import pytest

from andon.errors import Refused
from andon.incident import events as e
from andon.incident.policy import People, authority, free_id, postmortem_due, postmortem_is_late
from andon.incident.words import Authority, Gear, Severity
from tests.unit.incident.cases import (
    MITIGATED,
    OWNED,
    RESOLVED,
    START,
    adopted,
    assert_commands_exist,
    closed,
    declared,
    mitigated,
    published,
    reopened,
    severity,
    skipped,
    state,
    verified,
)

ON_CALL = People(on_call=("ann", "bob"))
SENIORITY = People(seniority=("ann", "bob"))
BOTH = People(on_call=("ann",), seniority=("bob", "cyd"))
NOBODY = People()
WHY = "nobody else is awake"


@pytest.mark.parametrize(
    ("people", "actor", "reason", "right"),
    [
        (ON_CALL, "ann", "", Authority.ON_CALL),
        (ON_CALL, "bob", "", Authority.ON_CALL),
        (ON_CALL, "cyd", WHY, Authority.SOLO),
        (BOTH, "ann", "", Authority.ON_CALL),
        (BOTH, "bob", WHY, Authority.MOST_SENIOR),
        (BOTH, "eve", WHY, Authority.SOLO),
        (SENIORITY, "ann", "", Authority.MOST_SENIOR),
        (SENIORITY, "bob", WHY, Authority.MOST_SENIOR),
        (SENIORITY, "eve", WHY, Authority.SOLO),
        (NOBODY, "ann", WHY, Authority.SOLO),
    ],
)
def test_the_right_by_which_somebody_decides(
    people: People, actor: str, reason: str, right: Authority
) -> None:
    assert authority(people, actor, reason) is right


@pytest.mark.parametrize("reason", ["", "   "])
@pytest.mark.parametrize(
    ("people", "actor", "said"),
    [
        (ON_CALL, "cyd", "the on-call engineer decides: ann, bob"),
        (BOTH, "bob", "the on-call engineer decides: ann"),
        (SENIORITY, "bob", "the most senior available engineer decides: ann, bob"),
        (SENIORITY, "eve", "the most senior available engineer decides: ann, bob"),
        (NOBODY, "ann", "whoever decides alone writes down why"),
    ],
)
def test_it_is_somebody_elses_decision(people: People, actor: str, said: str, reason: str) -> None:
    with pytest.raises(Refused, match=said) as caught:
        authority(people, actor, reason)
    assert caught.value.rule == "authority"
    assert "--reason" in caught.value.remedy
    assert_commands_exist(caught.value.remedy)


# ---- the postmortem's deadline


def after(*events: e.Event, first: Severity = Severity.P1) -> e.Event | None:
    incident = state(declared(first), adopted(), verified(), *events)
    due = postmortem_due(incident)
    return due - incident.mitigated.at if due and incident.mitigated else None


P0, P1, P2 = Severity.P0, Severity.P1, Severity.P2


@pytest.mark.parametrize(
    ("first", "events", "hours"),
    [
        (P0, (mitigated(),), 24),
        (P1, (mitigated(),), 48),
        (P2, (mitigated(),), None),
        (P1, (severity(P1, P0), mitigated()), 24),
        (P1, (mitigated(), severity(P1, P0)), 24),
        (P0, (severity(P0, P1, "less"), mitigated()), 48),
        (P0, (severity(P0, P2, "less"), mitigated()), 48),
        (P0, (), None),
        (P0, (mitigated(), reopened()), None),
    ],
)
def test_due_hours_after_the_harm_has_stopped(
    first: Severity, events: tuple[e.Event, ...], hours: int | None
) -> None:
    assert after(*events, first=first) == (timedelta(hours=hours) if hours else None)


def test_the_teams_own_hours_count() -> None:
    own = adopted(postmortem_hours_p0=8, postmortem_hours_p1=16)
    incident = state(declared(P0), own, verified(), mitigated())
    assert postmortem_due(incident) == START + timedelta(minutes=3, hours=8)
    no_protocol = state(declared(P0), verified(), mitigated())
    assert postmortem_due(no_protocol) == START + timedelta(minutes=2, hours=24)


def test_late_is_after_the_deadline_and_not_published() -> None:
    incident = state(*MITIGATED)
    due = postmortem_due(incident)
    assert due is not None
    assert not postmortem_is_late(incident, due)
    assert postmortem_is_late(incident, due + timedelta(seconds=1))
    assert not postmortem_is_late(state(*RESOLVED, published()), due + timedelta(days=9))
    assert not postmortem_is_late(state(*OWNED), due + timedelta(days=9))
    assert not postmortem_is_late(state(*MITIGATED, closed("INC-1")), due + timedelta(days=9))


# ---- the gear


@pytest.mark.parametrize(
    ("word", "gear"),
    [
        ("BUILD", Gear.BUILD),
        ("build", Gear.BUILD),
        (" L3 ", Gear.HOTFIX),
        ("l0", Gear.EXPLORE),
        ("L2 SHIP", Gear.SHIP),
        ("gear: ship", Gear.SHIP),
        ("Execution Gear: EXPLORE", Gear.EXPLORE),
        ("Process Level: L1 BUILD", Gear.BUILD),
        ("L4", None),
        ("", None),
        ("L2 BUILD", None),
    ],
)
def test_gears_have_their_levels_as_aliases(word: str, gear: Gear | None) -> None:
    assert Gear.named(word) is gear


def test_a_setting_says_in_which_words_a_gear_is_shown() -> None:
    assert (Gear.SHIP.told(), Gear.SHIP.told("gears"), Gear.SHIP.told("levels")) == (
        "SHIP",
        "SHIP",
        "L2 SHIP",
    )
    assert all(Gear.named(gear.told(words)) is gear for gear in Gear for words in ("gears", "levels"))


def test_severities_have_an_order_and_a_word() -> None:
    assert P0.is_worse_than(P1) and not P1.is_worse_than(P1) and not P2.is_worse_than(P1)
    assert [s.is_emergency for s in Severity] == [True, True, False, False, False]
    assert [s.label for s in Severity] == ["critical", "high", "medium", "low", "informational"]


def test_a_free_id_is_the_wanted_one_or_the_next_number() -> None:
    nothing, one = state(declared()), state(declared(), *skipped("s4.3", "A1"))
    assert free_id(nothing, "A1") == "A1"
    assert free_id(one, "A2") == "A2"
    assert free_id(one, "a1") == "A2"
    assert free_id(state(declared(), *skipped("x", "A2")), "A2") == "A3"
