"""Any sequence of commands: the file does what a list of lists would do, and so does the fake."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from andon.errors import Conflict
from andon.incident.events import IncidentClosed, IncidentReopened, NoteAdded
from andon.incident.recorded import Batch
from andon.incident.words import CommandId
from andon.journal.open import open_journal
from tests.fakes.journal import FakeEvidence, FakeJournal, FakeRedactor

if TYPE_CHECKING:
    from andon.desk.ports_journal import EvidenceStore, Journal
    from andon.incident.events import Event

NOW = datetime(2026, 3, 1, 3, 4, 5, tzinfo=UTC)
STREAMS = st.sampled_from(["service", "INC-1", "INC-2"])
COMMANDS = st.integers(0, 30).map(lambda number: CommandId(f"c{number}"))
EVENTS = st.one_of(
    st.builds(NoteAdded, text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))),
    st.builds(IncidentReopened, reason=st.just("again")),
    st.just(IncidentClosed()),
)
TYPES = ("IncidentClosed", "IncidentReopened")


class JournalMachine(RuleBasedStateMachine):
    """Does everything to the real journal, to the fake and to a model that is too simple to be wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.place = str(Path(self.directory.name) / "journal.db")
        self.fakes: tuple[Journal, EvidenceStore] = (FakeJournal(), FakeEvidence(limit=5 * 1024 * 1024))
        self.reals = open_journal(self.place, FakeRedactor())
        self.streams: dict[str, list[tuple[str, Event]]] = {}
        self.commands: dict[str, tuple[str, int, int]] = {}
        self.number = 0
        self.evidence: set[str] = set()

    def teardown(self) -> None:
        self.reals[0].close()
        self.directory.cleanup()

    @rule(
        stream=STREAMS,
        command=COMMANDS,
        events=st.lists(EVENTS, max_size=4),
        guess=st.one_of(st.none(), st.just("right"), st.integers(0, 6)),
    )
    def append(self, stream: str, command: CommandId, events: list[Event], guess: int | str | None) -> None:
        history = self.streams.get(stream, [])
        expected = len(history) if guess == "right" else guess
        assert not isinstance(expected, str)
        batch = Batch(command=command, actor="alice", at=NOW, events=tuple(events), expected=expected)
        for journal, _ in (self.fakes, self.reals):
            self._append(journal, stream, batch)
        if command not in self.commands and expected in (None, len(history)) and events:
            self.commands[command] = (stream, len(history), len(history) + len(events))
            self.streams.setdefault(stream, []).extend((command, event) for event in events)

    def _append(self, journal: Journal, stream: str, batch: Batch) -> None:
        length = len(self.streams.get(stream, []))
        if batch.command in self.commands:
            answer = journal.append(stream, batch)
            where, first, last = self.commands[batch.command]
            assert answer.repeated
            assert {r.stream for r in answer.recorded} == {where}
            assert [r.seq for r in answer.recorded] == list(range(first + 1, last + 1))
        elif batch.expected not in (None, length):
            with pytest.raises(Conflict):
                journal.append(stream, batch)
        else:
            answer = journal.append(stream, batch)
            assert not answer.repeated
            assert [(r.seq, r.event) for r in answer.recorded] == [
                (length + 1 + n, event) for n, event in enumerate(batch.events)
            ]

    @rule()
    def reopen(self) -> None:
        self.reals[0].close()
        self.reals = open_journal(self.place, FakeRedactor())

    @rule()
    def claim(self) -> None:
        self.number += 1
        assert self.fakes[0].claim_number() == self.reals[0].claim_number() == self.number

    @rule(content=st.binary(max_size=50))
    def put(self, content: bytes) -> None:
        fake, real = (store.put(content, "text/plain") for _, store in (self.fakes, self.reals))
        assert fake == real
        assert self.reals[1].get(real.evidence) == self.fakes[1].get(real.evidence)
        self.evidence.add(real.evidence)

    @invariant()
    def same_as_the_model(self) -> None:
        for journal, evidence in (self.fakes, self.reals):
            assert {h.stream: h.length for h in journal.heads()} == {
                stream: len(history) for stream, history in self.streams.items()
            }
            assert [h.stream for h in journal.heads()] == list(self.streams)
            for stream, history in self.streams.items():
                assert [(r.command, r.event) for r in journal.read(stream)] == history
                assert journal.audit(stream).verified == len(history)
                assert journal.audit(stream).is_whole
            assert journal.newest(TYPES) == self._newest()
            assert set(evidence.hashes()) == self.evidence

    def _newest(self) -> dict[str, str]:
        return {
            stream: of_type[-1]
            for stream, history in self.streams.items()
            if (of_type := [type(e).__name__ for _, e in history if type(e).__name__ in TYPES])
        }


TestJournalMachine = JournalMachine.TestCase
TestJournalMachine.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
