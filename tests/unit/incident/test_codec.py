"""Events to text and back: nothing lost, an older and a newer Andon understood, nonsense refused by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.incident import events as e
from andon.incident.codec import canonical, decode, encode, event_types, fields_of, moment, timestamp, type_of
from andon.incident.words import Severity, Verdict
from tests.unit.incident.cases import assert_commands_exist, assessed, declared, verified
from tests.unit.incident.everything import EVENTS, HOSTILE, MOMENTS, one_of_each, records


@pytest.mark.parametrize("kind", sorted(event_types()))
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_what_is_written_is_read_back(kind: str, data: st.DataObject) -> None:
    event = data.draw(records(event_types()[kind]))
    text = encode(event)
    assert type_of(event) == kind
    assert decode(kind, text) == event
    assert encode(decode(kind, text)) == text, "the hash of an event must not depend on who wrote it last"


@given(EVENTS)
@settings(max_examples=100, deadline=None)
def test_the_text_is_one_line_of_canonical_json(event: e.Event) -> None:
    text = encode(event)
    assert "\n" not in text and "\r" not in text and "\x1b" not in text
    assert canonical(json.loads(text)) == text


def test_the_classes_are_all_there() -> None:
    assert len(event_types()) == 82
    assert set(one_of_each()) == {*event_types(), "UnknownEvent"}
    assert all(decode(type_of(event), encode(event)) == event for event in one_of_each().values())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_back_as_it_was(text: str) -> None:
    note = e.NoteAdded(text=text)
    assert decode("NoteAdded", encode(note)) == note


def test_defaults_are_left_out() -> None:
    assert encode(e.NoteAdded(text="x")) == '{"text":"x"}'
    assert fields_of(declared()) == {
        "incident": "INC-7",
        "service": "shop",
        "title": "checkout answers 500",
        "severity": Severity.P1,
    }


# ---- the past and the future


def test_a_field_that_an_older_andon_did_not_write_takes_its_default() -> None:
    old = json.loads(encode(assessed()))
    assert "broke_at_is_known" not in old
    assert decode("AssessmentMade", json.dumps(old)) == assessed()


def test_a_field_of_a_newer_andon_is_ignored() -> None:
    assert decode("NoteAdded", '{"text":"x","mood":"calm"}') == e.NoteAdded(text="x")
    newer = json.loads(encode(verified()))
    newer["probes"][0]["colour"] = "red"
    assert decode("VerificationRan", json.dumps(newer)) == verified()


@pytest.mark.parametrize(
    "kind", ["FlagKilled", "", "Record", "ProbeOutcome", "Fact", "UnknownEvent", "Severity"]
)
def test_what_is_no_event_here_is_kept_whole(kind: str) -> None:
    body = '{"flag":"new-checkout","by":"ann"}'
    event = decode(kind, body)
    assert event == e.UnknownEvent(type=kind, body=body)
    assert (type_of(event), encode(event)) == (kind, body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("NoteAdded", "{}"),
        ("NoteAdded", "[]"),
        ("NoteAdded", "null"),
        ("NoteAdded", "not json"),
        ("NoteAdded", ""),
        ("NoteAdded", '{"text":"x","happened_at":"yesterday"}'),
        ("NoteAdded", '{"text":"x","happened_at":12}'),
        ("IncidentDeclared", '{"incident":"INC-1","service":"s","title":"t","severity":"P9"}'),
        ("VerificationRan", '{"operation":"","verdict":"passed","probes":7}'),
        ("VerificationRan", '{"operation":"","verdict":"passed","probes":["x"]}'),
        ("NoteAdded", "[" * 100_000),
    ],
    ids=lambda text: text[:40],
)
def test_what_cannot_be_an_event_is_refused_by_name(kind: str, body: str) -> None:
    with pytest.raises(InvalidInput, match=f"a stored {kind} cannot be read") as caught:
        decode(kind, body)
    assert_commands_exist(caught.value.remedy)


# ---- moments


@given(MOMENTS)
def test_a_moment_comes_back_in_utc_and_sorts_as_text(at: datetime) -> None:
    assert moment(timestamp(at)) == at
    assert timestamp(at).endswith("Z") and len(timestamp(at)) == 27


@given(MOMENTS, MOMENTS)
def test_earlier_moments_sort_first(one: datetime, other: datetime) -> None:
    assert (timestamp(one) < timestamp(other)) == (one < other)


def test_a_timestamp_is_in_utc_with_microseconds() -> None:
    nepal = datetime(2026, 3, 1, 7, 45, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    assert timestamp(nepal) == "2026-03-01T02:00:00.000000Z"
    assert timestamp(datetime(1, 2, 3, tzinfo=UTC)) == "0001-02-03T00:00:00.000000Z"


def test_what_is_no_value_of_an_event_is_not_stored() -> None:
    with pytest.raises(TypeError, match="set cannot be stored"):
        canonical({"x": {1}})
    assert Verdict("passed") is Verdict.PASSED
