"""What every journal promises: the fake, SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from andon.errors import Conflict, InvalidInput
from andon.incident.events import (
    Event,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentDeclared,
    IncidentReopened,
    NoteAdded,
    ResponseDecided,
    UnknownEvent,
)
from andon.incident.recorded import Batch
from andon.incident.words import Authority, Choice, CommandId, IncidentId, Severity
from andon.journal.open import open_journal
from tests.fakes.journal import FakeJournal, FakeRedactor

if TYPE_CHECKING:
    from andon.desk.ports_journal import Journal

Open = Callable[[], "Journal"]
NOW = datetime(2026, 3, 1, 3, 4, 5, 678901, tzinfo=UTC)
#: Everything that has bitten some store before.
AWKWARD = "naïve — 日本語 🧯 \" ' \\ \x00 \x1b[31m \r\n\t ' OR 1=1; --\u2028" + "x" * 5000


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Open one and the same journal, as often as wanted."""
    opened: list[Journal] = []
    if request.param == "fake":
        fake = FakeJournal()
        yield lambda: fake
        return
    if request.param == "sqlite":
        place = str(tmp_path / "data" / "journal.db")
    else:
        place = request.getfixturevalue("empty_postgres_url")

    def reopen() -> Journal:
        opened.append(open_journal(place, FakeRedactor())[0])
        return opened[-1]

    yield reopen
    for each in opened:
        each.close()


@pytest.fixture
def journal(reopen: Open) -> Journal:
    """A new journal."""
    return reopen()


def batch(command: str, *events: Event, expected: int | None = None, actor: str = "alice") -> Batch:
    """Return a batch; a note when nothing is given."""
    return Batch(
        command=CommandId(command),
        actor=actor,
        at=NOW,
        events=events or (NoteAdded(text=f"said by {command}"),),
        expected=expected,
    )


def declared(incident: str = "INC-1") -> IncidentDeclared:
    return IncidentDeclared(
        incident=IncidentId(incident), service="shop", title="checkout is down", severity=Severity.P0
    )


def test_what_was_appended_is_read_back_in_order(reopen: Open) -> None:
    decided = ResponseDecided(
        choice=Choice.ROLLBACK,
        rule="unclear",
        recommended=Choice.ROLLBACK,
        facts=(),
        authority=Authority.DEFAULT,
        decided_by="alice",
    )
    note = NoteAdded(text=AWKWARD, happened_at=NOW)
    answer = reopen().append("INC-1", batch("c1", declared(), note, decided))
    assert [r.seq for r in answer.recorded] == [1, 2, 3]
    assert not answer.repeated
    events = reopen().read("INC-1")
    assert events == answer.recorded
    assert [type(r.event) for r in events] == [IncidentDeclared, NoteAdded, ResponseDecided]
    assert events[1].event == note
    assert {(r.stream, r.actor, r.command, r.at) for r in events} == {("INC-1", "alice", "c1", NOW)}
    assert len({r.id for r in events}) == 3
    assert all(len(r.id) == 32 and int(r.id, 16) >= 0 for r in events)
    assert len({r.hash for r in events}) == 3


def test_a_moment_in_another_time_zone_is_the_same_moment(journal: Journal) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=9)))
    batch_elsewhere = Batch(
        command=CommandId("c1"), actor="alice", at=elsewhere, events=(NoteAdded(text="hi"),)
    )
    assert journal.append("INC-1", batch_elsewhere).recorded[0].at == NOW
    assert journal.read("INC-1")[0].at == NOW


def test_streams_are_independent(journal: Journal) -> None:
    journal.append("INC-1", batch("c1"))
    journal.append("INC-2", batch("c2"))
    journal.append("INC-1", batch("c3"))
    assert [(r.seq, r.command) for r in journal.read("INC-1")] == [(1, "c1"), (2, "c3")]
    assert [(r.seq, r.command) for r in journal.read("INC-2")] == [(1, "c2")]


def test_an_unknown_stream_is_empty_and_whole(journal: Journal) -> None:
    assert journal.read("INC-9") == ()
    assert journal.heads() == ()
    assert journal.newest(("NoteAdded",)) == {}
    assert journal.recall(CommandId("c1")) is None
    report = journal.audit("INC-9")
    assert report.is_whole
    assert report.verified == 0


def test_heads_come_in_the_order_in_which_the_streams_began(journal: Journal) -> None:
    for number, stream in enumerate(["service", "INC-2", "INC-1", "INC-2", "service"]):
        journal.append(stream, batch(f"c{number}"))
    assert [(h.stream, h.length) for h in journal.heads()] == [("service", 2), ("INC-2", 2), ("INC-1", 1)]
    assert [h.hash for h in journal.heads()] == [journal.read(h.stream)[-1].hash for h in journal.heads()]


def test_a_repeated_command_is_recorded_once_and_answered_as_before(reopen: Open) -> None:
    first = reopen().append("INC-1", batch("c1", declared(), NoteAdded(text="one")))
    reopen().append("INC-1", batch("c2"))
    again = reopen().append("INC-1", batch("c1", declared(), NoteAdded(text="one")))
    assert again.repeated
    assert again.recorded == first.recorded
    assert reopen().recall(CommandId("c1")) == again
    assert len(reopen().read("INC-1")) == 3


def test_a_repeated_command_is_answered_as_before_whatever_it_says_now(journal: Journal) -> None:
    first = journal.append("INC-1", batch("c1", NoteAdded(text="one")))
    elsewhere = journal.append("INC-2", batch("c1", NoteAdded(text="other"), actor="bob"))
    assert elsewhere.recorded == first.recorded
    assert elsewhere.repeated
    assert journal.append("INC-1", batch("c1", expected=0)).recorded == first.recorded
    assert [h.stream for h in journal.heads()] == ["INC-1"]


def test_an_expected_length_that_no_longer_holds_is_a_conflict(journal: Journal) -> None:
    journal.append("INC-1", batch("c1", expected=0))
    journal.append("INC-1", batch("c2", expected=1))
    with pytest.raises(Conflict) as refused:
        journal.append("INC-1", batch("c3", expected=1))
    assert refused.value.where == "INC-1"
    assert refused.value.remedy
    with pytest.raises(Conflict):
        journal.append("INC-2", batch("c4", expected=1))
    assert [r.command for r in journal.read("INC-1")] == ["c1", "c2"]
    assert journal.recall(CommandId("c3")) is None
    assert [r.seq for r in journal.append("INC-1", batch("c3", expected=2)).recorded] == [3]


def test_a_batch_without_events_leaves_nothing(journal: Journal) -> None:
    empty = Batch(command=CommandId("c1"), actor="alice", at=NOW, events=())
    assert journal.append("INC-1", empty).recorded == ()
    assert journal.heads() == ()
    assert not journal.append("INC-1", batch("c1")).repeated


@pytest.mark.parametrize(
    ("stream", "command", "actor"),
    [
        ("", "c1", "alice"),
        ("INC-1", "", "alice"),
        ("INC-1", "c1", ""),
        ("INC-\x00", "c1", "alice"),
        ("INC-1", "c1", "ali\x1bce"),
        ("INC-1", "c1", "ali\udcffce"),
        ("I" * 301, "c1", "alice"),
    ],
)
def test_names_that_would_not_survive_are_refused(
    journal: Journal, stream: str, command: str, actor: str
) -> None:
    with pytest.raises(InvalidInput):
        journal.append(stream, batch(command, actor=actor))
    assert journal.heads() == ()


def test_text_that_is_not_utf_8_is_refused_and_nothing_of_its_batch_is_kept(journal: Journal) -> None:
    with pytest.raises(InvalidInput) as refused:
        journal.append("INC-1", batch("c1", NoteAdded(text="fine"), NoteAdded(text="half \udcff")))
    assert "UTF-8" in refused.value.message
    assert journal.read("INC-1") == ()
    assert journal.audit("INC-1").is_whole


def test_names_from_all_over_the_world_are_kept(journal: Journal) -> None:
    journal.append("INC-1", batch("c1", actor="Zoë 👩\u200d🚒 O'Brien; DROP TABLE event"))
    assert journal.read("INC-1")[0].actor == "Zoë 👩\u200d🚒 O'Brien; DROP TABLE event"


def test_what_a_newer_andon_recorded_keeps_its_text_and_its_place(journal: Journal) -> None:
    unknown = UnknownEvent(type="RobotCalmed", body='{"mood": "calm",   "since":1e3}')
    journal.append("INC-1", batch("c1", NoteAdded(text="before"), unknown, NoteAdded(text="after")))
    assert journal.read("INC-1")[1].event == unknown
    assert journal.audit("INC-1").is_whole


def test_the_newest_event_of_some_types_is_found_per_stream(journal: Journal) -> None:
    life = ("IncidentDeclared", "IncidentClosed", "IncidentReopened")
    journal.append("INC-1", batch("c1", declared(), IncidentAcknowledged()))
    journal.append("INC-2", batch("c2", declared("INC-2"), IncidentClosed(), NoteAdded(text="x")))
    journal.append("INC-3", batch("c3", declared("INC-3"), IncidentClosed(), IncidentReopened(reason="no")))
    journal.append("service", batch("c4"))
    assert journal.newest(life) == {
        "INC-1": "IncidentDeclared",
        "INC-2": "IncidentClosed",
        "INC-3": "IncidentReopened",
    }
    assert journal.newest(()) == {}


def test_some_types_of_a_stream_are_read_in_order(journal: Journal) -> None:
    journal.append("INC-1", batch("c1", declared(), NoteAdded(text="a"), IncidentAcknowledged()))
    journal.append("INC-1", batch("c2", NoteAdded(text="b")))
    journal.append("INC-2", batch("c3", NoteAdded(text="other")))
    found = journal.read_types("INC-1", ("NoteAdded", "IncidentAcknowledged"))
    assert [recorded.seq for recorded in found] == [2, 3, 4]
    assert found == tuple(r for r in journal.read("INC-1") if r.seq > 1)
    assert journal.read_types("INC-1", ()) == journal.read_types("INC-9", ("NoteAdded",)) == ()


def test_numbers_are_claimed_once(reopen: Open) -> None:
    one, other = reopen(), reopen()
    assert [one.claim_number(), other.claim_number(), one.claim_number()] == [1, 2, 3]


def test_an_untouched_journal_is_whole(journal: Journal) -> None:
    for number in range(20):
        journal.append("INC-1", batch(f"c{number}", NoteAdded(text=AWKWARD[: 50 * number])))
    report = journal.audit("INC-1")
    assert report.is_whole
    assert (report.stream, report.verified, report.broken_at) == ("INC-1", 20, 0)
    assert report.head == journal.heads()[0].hash


def test_threads_with_a_journal_each_leave_no_gap(reopen: Open) -> None:
    journals = [reopen() for _ in range(4)]

    def write(number: int) -> None:
        for turn in range(10):
            journals[number].append("INC-1", batch(f"{number}/{turn}"))
            journals[number].append(f"INC-1{number}", batch(f"{number}/{turn}/own"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = reopen().read("INC-1")
    assert [r.seq for r in events] == list(range(1, 41))
    for number in range(4):
        own = [r.command for r in events if r.command.startswith(f"{number}/")]
        assert own == [f"{number}/{turn}" for turn in range(10)]
    assert all(reopen().audit(head.stream).is_whole for head in reopen().heads())


def test_one_of_several_who_decide_at_once_wins(reopen: Open) -> None:
    journals = [reopen() for _ in range(4)]
    journals[0].append("INC-1", batch("first"))
    outcomes: list[str] = []
    ready = threading.Barrier(4)

    def decide(number: int) -> None:
        ready.wait()
        try:
            journals[number].append("INC-1", batch(f"decision {number}", expected=1))
            outcomes.append("won")
        except Conflict:
            outcomes.append("lost")

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost", "lost", "lost", "won"]
    assert len(journals[0].read("INC-1")) == 2


def test_one_command_sent_by_several_at_once_is_recorded_once(reopen: Open) -> None:
    journals = [reopen() for _ in range(4)]
    answers = []
    ready = threading.Barrier(4)

    def send(number: int) -> None:
        ready.wait()
        answers.append(journals[number].append(f"INC-{number % 2}", batch("the same")))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.repeated for a in answers) == [False, True, True, True]
    assert len({a.recorded for a in answers}) == 1
    assert sum(head.length for head in reopen().heads()) == 1
