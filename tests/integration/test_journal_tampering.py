"""Whoever alters history behind Andon's back is found out: the audit names the first event touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from andon.desk.values import AuditReport
from andon.errors import InvalidInput, Unavailable
from andon.incident.events import NoteAdded
from andon.incident.recorded import Batch
from andon.incident.words import CommandId
from andon.journal.chain import COLUMNS, ORIGIN, link
from andon.journal.open import open_journal
from tests.fakes.journal import FakeRedactor

NOW = datetime(2026, 3, 1, 3, 4, 5, tzinfo=UTC)
LENGTH = 12

Statements = list[tuple[str, tuple[object, ...]]]


class Victim:
    """A journal with a chain of twelve events and an innocent stream, and direct access to its tables."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.journal, self.evidence = open_journal(place, FakeRedactor())
        for number in range(1, LENGTH + 1):
            self.journal.append("INC-1", self.batch(f"c{number}"))
        self.journal.append("INC-2", self.batch("innocent"))
        self.is_shared = "://" in place

    def batch(self, command: str) -> Batch:
        event = NoteAdded(text=f"said by {command}")
        return Batch(command=CommandId(command), actor="alice", at=NOW, events=(event,))

    def execute(self, *statements: str) -> list[tuple[object, ...]]:
        """Run SQL as somebody who knows the way around the triggers."""
        answer: list[tuple[object, ...]] = []
        if self.is_shared:
            with psycopg.connect(self.place) as server:
                server.execute("ALTER TABLE event DISABLE TRIGGER USER")
                server.execute("ALTER TABLE head DISABLE TRIGGER USER")
                for statement in statements:
                    cursor = server.execute(statement)
                    answer = cursor.fetchall() if cursor.description else []
            return answer
        file = sqlite3.connect(self.place)
        with file:
            for trigger in ("event_is_not_altered", "event_is_not_removed", "head_is_not_removed"):
                file.execute(f"DROP TRIGGER IF EXISTS {trigger}")
            for statement in statements:
                answer = file.execute(statement).fetchall()
        file.close()
        return answer

    def audit(self) -> AuditReport:
        return self.journal.audit("INC-1")


@pytest.fixture(params=["sqlite", "postgres"])
def victim(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Victim]:
    """A journal to tamper with."""
    place = (
        str(tmp_path / "journal.db")
        if request.param == "sqlite"
        else request.getfixturevalue("empty_postgres_url")
    )
    victim = Victim(place)
    assert victim.audit().is_whole
    yield victim
    victim.journal.close()


EVENT = "stream = 'INC-1' AND seq"
OTHERS = "type, at, actor, command, data, hash"

#: What is done, where the audit must find it, and a word of the reason.
TAMPERING = {
    "text altered": ([f'UPDATE event SET data = \'{{"text":"no"}}\' WHERE {EVENT} = 5'], 5, "altered"),
    "one space added": ([f"UPDATE event SET data = data || ' ' WHERE {EVENT} = 5"], 5, "altered"),
    "actor altered": ([f"UPDATE event SET actor = 'mallory' WHERE {EVENT} = 5"], 5, "altered"),
    "moment altered": (
        [f"UPDATE event SET at = '2026-03-01T03:04:04.000000Z' WHERE {EVENT} = 5"],
        5,
        "altered",
    ),
    "type altered": ([f"UPDATE event SET type = 'IncidentClosed' WHERE {EVENT} = 5"], 5, "altered"),
    "command altered": ([f"UPDATE event SET command = 'other' WHERE {EVENT} = 5"], 5, "altered"),
    "id altered": ([f"UPDATE event SET id = '{'0' * 32}' WHERE {EVENT} = 5"], 5, "altered"),
    "hash altered": ([f"UPDATE event SET hash = '{'0' * 64}' WHERE {EVENT} = 5"], 5, "altered"),
    "first altered": ([f"UPDATE event SET actor = 'mallory' WHERE {EVENT} = 1"], 1, "altered"),
    "last altered": ([f"UPDATE event SET actor = 'mallory' WHERE {EVENT} = 12"], 12, "altered"),
    "several altered": ([f"UPDATE event SET actor = 'mallory' WHERE {EVENT} IN (9, 4, 7)"], 4, "altered"),
    "one removed": ([f"DELETE FROM event WHERE {EVENT} = 5"], 5, "missing"),
    "first removed": ([f"DELETE FROM event WHERE {EVENT} = 1"], 1, "missing"),
    "removed and renumbered": (
        [
            f"DELETE FROM event WHERE {EVENT} = 5",
            *(f"UPDATE event SET seq = {n - 1} WHERE {EVENT} = {n}" for n in range(6, 13)),
        ],
        5,
        "altered",
    ),
    "newest removed": ([f"DELETE FROM event WHERE {EVENT} > 9"], 10, "newest were removed"),
    "all removed": (["DELETE FROM event WHERE stream = 'INC-1'"], 1, "newest were removed"),
    "newest removed and counted": (
        [f"DELETE FROM event WHERE {EVENT} > 9", "UPDATE head SET seq = 9 WHERE stream = 'INC-1'"],
        9,
        "head row",
    ),
    "two exchanged": (
        [
            f"UPDATE event SET seq = 100 WHERE {EVENT} = 5",
            f"UPDATE event SET seq = 5 WHERE {EVENT} = 6",
            f"UPDATE event SET seq = 6 WHERE {EVENT} = 100",
        ],
        5,
        "moved",
    ),
    "one put in": (
        [
            *(f"UPDATE event SET seq = {n + 1} WHERE {EVENT} = {n}" for n in range(12, 4, -1)),
            f"INSERT INTO event SELECT stream, 5, '{'1' * 32}', {OTHERS} FROM event WHERE {EVENT} = 4",
        ],
        5,
        "put in",
    ),
    "one moved to another stream": (
        [f"UPDATE event SET stream = 'INC-2', seq = 2 WHERE {EVENT} = 12"],
        12,
        "newest were removed",
    ),
    "head set back": (["UPDATE head SET seq = 7 WHERE stream = 'INC-1'"], 8, "put in"),
    "head set forward": (["UPDATE head SET seq = 20 WHERE stream = 'INC-1'"], 13, "newest were removed"),
    "head hash altered": (
        [f"UPDATE head SET hash = '{'0' * 64}' WHERE stream = 'INC-1'"],
        12,
        "head row",
    ),
    "head removed": (["DELETE FROM head WHERE stream = 'INC-1'"], 12, "no head row"),
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_the_audit_names_the_first_event_that_was_touched(victim: Victim, tampering: str) -> None:
    statements, place, reason = TAMPERING[tampering]
    victim.execute(*statements)
    report = victim.audit()
    assert not report.is_whole
    assert report.broken_at == place
    assert reason in report.reason
    assert report.verified >= place - 1 - (tampering == "head set back")


def test_other_streams_stay_whole(victim: Victim) -> None:
    victim.execute(f"UPDATE event SET actor = 'mallory' WHERE {EVENT} = 5")
    assert victim.journal.audit("INC-2").is_whole


def test_a_recomputed_hash_moves_the_break_to_the_next_event(victim: Victim) -> None:
    rows = victim.execute(f"SELECT {COLUMNS} FROM event WHERE {EVENT} IN (4, 5) ORDER BY seq")
    forged = [*rows[1][:-1]]
    forged[4] = "mallory"
    forgery = link(str(rows[0][-1]), "INC-1", forged)
    victim.execute(f"UPDATE event SET actor = 'mallory', hash = '{forgery}' WHERE {EVENT} = 5")
    assert victim.audit().broken_at == 6


def test_a_wholly_recomputed_chain_differs_from_a_head_that_was_published(victim: Victim) -> None:
    published = victim.journal.heads()[0].hash
    previous = ORIGIN
    statements = []
    for row in victim.execute(f"SELECT {COLUMNS} FROM event WHERE stream = 'INC-1' ORDER BY seq"):
        fields = [*row[:-1]]
        fields[4] = "mallory"
        previous = link(previous, "INC-1", fields)
        statements.append(f"UPDATE event SET actor = 'mallory', hash = '{previous}' WHERE {EVENT} = {row[0]}")
    victim.execute(*statements, f"UPDATE head SET hash = '{previous}' WHERE stream = 'INC-1'")
    report = victim.audit()
    assert report.is_whole, "nothing inside the journal can tell"
    assert report.head != published, "what was published outside can"


def test_a_mistake_of_a_program_cannot_rewrite_history(victim: Victim) -> None:
    attempts = ["UPDATE event SET actor = 'x'", "DELETE FROM event", "DELETE FROM head"]
    for statement in attempts:
        if victim.is_shared:
            with psycopg.connect(victim.place) as server, pytest.raises(psycopg.errors.RaiseException):
                server.execute(statement)
        else:
            file = sqlite3.connect(victim.place)
            with pytest.raises(sqlite3.IntegrityError):
                file.execute(statement)
            file.close()
    assert victim.audit().verified == LENGTH


def test_appending_to_a_journal_that_contradicts_itself_is_refused(victim: Victim) -> None:
    victim.execute("UPDATE head SET seq = 7 WHERE stream = 'INC-1'")
    with pytest.raises(Unavailable) as refused:
        victim.journal.append("INC-1", victim.batch("new"))
    assert refused.value.rule == "journal-intact"
    assert "andon audit" in refused.value.remedy
    assert victim.journal.recall(CommandId("new")) is None


@pytest.mark.parametrize("change", ["data = '{\"text\":'", "data = '[1]'", "at = 'yesterday'"])
def test_an_event_that_cannot_be_read_any_more_is_named(victim: Victim, change: str) -> None:
    victim.execute(f"UPDATE event SET {change} WHERE {EVENT} = 5")
    with pytest.raises(InvalidInput, match="event 5") as refused:
        victim.journal.read("INC-1")
    assert refused.value.remedy == "andon audit INC-1"
    assert victim.audit().broken_at == 5


@pytest.mark.parametrize("value", ["NULL", "x'00ff'", "CAST(x'ff80' AS TEXT)", "17", "1.5"])
def test_columns_of_a_file_may_hold_anything(tmp_path: Path, value: str) -> None:
    victim = Victim(str(tmp_path / "journal.db"))
    file = sqlite3.connect(victim.place)
    file.execute("PRAGMA writable_schema = ON")
    file.execute("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '') WHERE name = 'event'")
    file.commit()
    file.close()
    victim.journal.close()
    victim.execute(f"UPDATE event SET data = {value} WHERE {EVENT} = 5")
    assert victim.audit().broken_at == 5
    with pytest.raises((InvalidInput, Unavailable)):
        victim.journal.read("INC-1")
    victim.journal.close()


EVIDENCE_TAMPERING: dict[str, Callable[[str], str]] = {
    "altered": lambda name: f"UPDATE evidence SET content = 'altered' WHERE hash = '{name}'",
    "size altered": lambda name: f"UPDATE evidence SET size = 1 WHERE hash = '{name}'",
    "renamed": lambda name: f"UPDATE evidence SET hash = 'sha256:{'0' * 64}' WHERE hash = '{name}'",
}


@pytest.mark.parametrize("tampering", EVIDENCE_TAMPERING)
def test_damaged_evidence_is_named(victim: Victim, tampering: str) -> None:
    kept = [victim.evidence.put(f"log {n}".encode(), "text/plain").evidence for n in range(30)]
    assert victim.evidence.damaged() == ()
    victim.execute(EVIDENCE_TAMPERING[tampering](kept[3]))
    expected = f"sha256:{'0' * 64}" if tampering == "renamed" else kept[3]
    assert victim.evidence.damaged() == (expected,)
