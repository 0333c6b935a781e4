"""The timeline has a line for every event there is, and clocks that never run backwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from andon.incident import events as e
from andon.incident.codec import event_types
from andon.incident.evolve import fold
from andon.incident.timeline import durations, spoken, timeline
from andon.incident.words import Outcome, Severity
from tests.unit.incident.cases import (
    MITIGATED,
    OWNED,
    RESOLVED,
    START,
    assessed,
    closed,
    declared,
    finished,
    history,
    hurt,
    mitigated,
    reopened,
    resolved,
    severity,
    signed,
    started,
    state,
    verified,
)
from tests.unit.incident.everything import one_of_each

PARTS = {"detection", "response", "resolution", "verification", "review"}


@pytest.mark.parametrize("kind", [*sorted(event_types()), "UnknownEvent"])
def test_every_event_has_its_line(kind: str) -> None:
    event = one_of_each()[kind]
    (entry,) = timeline(history(event))
    assert entry.part in PARTS
    assert entry.text.strip()
    assert "Record" not in entry.text and "object at" not in entry.text


@pytest.mark.parametrize(
    ("event", "part", "text"),
    [
        (declared(), "detection", "declared P1: checkout answers 500"),
        (hurt(), "detection", "impact confirmed by report: three customers called"),
        (severity(Severity.P1, Severity.P0), "response", "severity P1 -> P0"),
        (severity(Severity.P0, Severity.P1, "less"), "response", "severity P0 -> P1: less"),
        (assessed(), "response", "assessed: checkout; suspect: deployment"),
        (assessed(broken=()), "response", "assessed: nothing found broken; suspect: deployment"),
        (started(), "resolution", "rollback started: v3 -> v2"),
        (finished(Outcome.FAILED, detail="exit 3"), "resolution", "deployment failed: exit 3"),
        (verified(), "verification", "verification passed: what the smoke tests said"),
        (signed("s4.3"), "verification", "signed s4.3: I looked"),
        (mitigated(), "resolution", "mitigated by rollback, shown by verification"),
        (resolved(), "resolution", "resolved: a price was null"),
        (closed(), "review", "closed"),
        (closed("INC-1"), "review", "closed as a duplicate of INC-1"),
        (reopened(), "response", "reopened: it is back"),
        (e.NoteAdded(text="x", happened_at=START), "response", "note (at 02:00:00 UTC): x"),
        (
            e.NotificationFailed(request="r", target="mail", attempt=1, reason="no route", retry_at=START),
            "response",
            "could not tell mail: no route, again at 02:00:00 UTC",
        ),
        (
            e.NotificationFailed(request="r", target="mail", attempt=1, reason="gone", permanent=True),
            "response",
            "could not tell mail: gone, given up",
        ),
        (e.UnknownEvent(type="FlagKilled", body="{}"), "review", "FlagKilled (recorded by a newer Andon)"),
    ],
)
def test_the_words_of_a_line(event: e.Event, part: str, text: str) -> None:
    (entry,) = timeline(history(event))
    assert (entry.part, entry.text) == (part, text)


def test_the_story_is_told_in_the_order_in_which_it_was_recorded() -> None:
    entries = timeline(history(*MITIGATED, step=timedelta(minutes=-1)))
    assert [entry.seq for entry in entries] == list(range(1, len(MITIGATED) + 1))
    assert [entry.clock_went_back for entry in entries[:3]] == [0.0, 60.0, 120.0]
    assert {entry.clock_went_back for entry in timeline(history(*MITIGATED))} == {0.0}


# ---- the clocks


def test_each_clock_runs_from_its_moment() -> None:
    clocks = durations(state(*RESOLVED), START + timedelta(hours=9))
    assert clocks.to_detect == 600
    assert clocks.to_acknowledge == 60 * 3
    assert clocks.to_mitigate == 60 * (len(MITIGATED) - 1)
    assert clocks.to_resolve == 60 * (len(RESOLVED) - 1)
    assert clocks.of_impact == 600 + 60 * (len(MITIGATED) - 1)


def test_what_has_not_come_is_not_known() -> None:
    clocks = durations(state(declared()), START + timedelta(minutes=5))
    assert (clocks.to_detect, clocks.to_acknowledge, clocks.to_mitigate, clocks.to_resolve) == (None,) * 4
    assert clocks.of_impact == 300, "it hurts until now"


def test_what_a_person_said_beats_what_the_assessment_found() -> None:
    began = declared(began_at=START - timedelta(minutes=30))
    assert durations(state(began, assessed()), START).to_detect == 1800
    later = declared(began_at=START + timedelta(minutes=30))
    assert durations(state(later), START).to_detect == 0, "nothing is detected before it begins"


def test_taking_over_does_not_turn_back_the_first_acknowledgement() -> None:
    clocks = durations(state(*OWNED, hurt(), e.IncidentAcknowledged()), START)
    assert clocks.to_acknowledge == 60 * 3


def test_a_duplicate_hurts_no_longer_on_this_account() -> None:
    assert durations(state(*OWNED, closed("INC-1")), START + timedelta(days=9)).of_impact == 60 * 4


def test_a_clock_that_goes_back_never_gives_a_negative_time() -> None:
    backwards = fold(history(*RESOLVED, step=timedelta(minutes=-7)))
    clocks = durations(backwards, START - timedelta(days=1))
    for field in clocks.__fields__:
        value = getattr(clocks, field)
        assert value is None or value >= 0, field


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (0.42, "0.4 s"),
        (9.94, "9.9 s"),
        (42.4, "42 s"),
        (59.7, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (7800, "2 h 10 min"),
        (273600, "3 d 4 h"),
        (86400, "1 d"),
    ],
)
def test_durations_are_spoken(seconds: float, words: str) -> None:
    assert spoken(seconds) == words
