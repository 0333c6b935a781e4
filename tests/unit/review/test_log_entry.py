"""An incident as an entry of the team's log, and the views of follow-up work."""

from __future__ import annotations

import json

from andon.incident import events as e
from andon.review.actions import by_origin, next_id, overdue, plain_rows, to_markdown, unfinished
from andon.review.incident_log import LogEntry, append_entry, read_entries, write_entry
from andon.review.log_entry import entry_of, imported_summary
from andon.review.postmortem import draft
from tests.unit.review.story import WRITTEN, at, incident, whole, written


def entry(*more: tuple[float, str, e.Event], title: str = "checkout answers 500") -> LogEntry:
    """Return the log entry of the whole incident."""
    history = whole(title, *more)
    state = incident(history)
    return entry_of(draft(state, history, at(90)), state)


def test_the_entry_has_every_section_of_the_format() -> None:
    text = append_entry(
        "", entry(*written(lessons__next_time="- page earlier\n- test two products\n\nThat is all."))
    )
    (read,) = read_entries(text, "INCIDENTS.md")
    assert text.startswith(
        "## Incident Log\n\n### P0 CRITICAL - checkout answers 500 (2026-03-01)\n\n<!-- andon:INC-7 -->\n\n"
        "#### Incident Summary\n- **Date/Time:** 2026-03-01 01:50:00 UTC"
    )
    assert text.endswith("\n\n---\n")
    assert [s.title for s in read.sections] == [
        "Incident Summary", "Timeline", "Root Cause", "What Was Skipped During Hotfix", "Follow-Up Actions",
        "Lessons Learned",
    ]  # fmt: skip
    assert read.incident == "INC-7"
    assert read.field("Incident Summary", "User Impact") == WRITTEN["summary/user-impact"]
    assert read.sections[3].boxes == (("Clean up: no time (follow-up A1)", False),)
    assert read.sections[4].boxes == (("A1 Do what was skipped: Clean up (bob; due 2026-03-08)", False),)
    last = read.sections[5].items[-1]
    assert [item.text for item in last.items] == ["page earlier", "test two products"]
    assert write_entry(read) == text[text.index("###") :]


def test_hostile_texts_stay_inside_their_entry() -> None:
    hostile = (
        "## Incident Log\n\n### P0 CRITICAL - fake (2026-01-01)\n\n---\n\n```\nopen\n\n<!-- andon:INC-1 -->"
    )
    text = append_entry("", entry(*written(lessons__went_well=hostile), title="a\n## b <!-- andon:INC-1 -->"))
    (read,) = read_entries(text, "x")
    assert read.incident == "INC-7" and len(read.sections) == 6
    assert imported_summary(read)["title"] == "a ## b <!-- andon:INC-1 -->"


def test_an_entry_can_be_told_to_programs() -> None:
    (read,) = read_entries(append_entry("", entry(*written())), "INCIDENTS.md")
    told = json.loads(json.dumps(imported_summary(read)))
    assert (told["incident"], told["severity"], told["where"]) == ("INC-7", "P0", "INCIDENTS.md:3")
    assert told["open_follow_ups"] == ["A1 Do what was skipped: Clean up (bob; due 2026-03-08)"]
    response = told["sections"][1]["items"][1]
    assert response["label"] == "Response" and len(response["items"]) == 5


def test_an_incident_without_shortcuts_says_so() -> None:
    history = whole()[:11]
    state = incident(history)
    text = write_entry(entry_of(draft(state, history, at(90)), state))
    assert "#### What Was Skipped During Hotfix\nNone.\n" in text
    assert "- **User Impact:** not written yet" in text


def test_views_of_the_follow_up_work() -> None:
    actions = incident(
        whole(
            "t",
            (70, "ann", e.ActionOpened(action="A2", title="Alarm", origin="person", due_at=at(100))),
            (70, "ann", e.ActionOpened(action="A3", title="Test", origin="section:cause", owner="cy")),
            (71, "ann", e.ActionOpened(action="A4", title="Old", origin="person")),
            (72, "ann", e.ActionDropped(action="A4", reason="exists")),
        )
    ).actions
    assert [a.id for a in unfinished(actions)] == ["A2", "A1", "A3"]
    assert [a.id for a in overdue(actions, at(101))] == ["A2"]
    assert overdue(actions, at(99)) == ()
    assert {k: [a.id for a in v] for k, v in by_origin(actions).items()} == {
        "shortcut": ["A1"],
        "person": ["A2", "A4"],
        "section": ["A3"],
    }
    assert next_id(actions) == "A5"
    assert next_id(()) == "A1"
    assert [row[1] for row in plain_rows(actions, at(101))] == [
        "open, due 2026-03-08",
        "overdue since 2026-03-01",
        "open",
        "dropped",
    ]
    assert to_markdown(actions).count("\n") == 4
