"""A desk on fakes for one team's repository: journal, evidence and clock in memory, files on disk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from andon.config.model import Config, ReviewConfig
from andon.desk.values import Appended
from andon.incident.events import Event
from andon.incident.policy import People
from andon.incident.recorded import Batch, Recorded
from andon.incident.words import CommandId
from tests.fakes.journal import FakeEvidence, FakeJournal, FakeRedactor


class FakeClock:
    """A clock that moves only when told to."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class CountedIds:
    """Identities that count."""

    def __init__(self) -> None:
        self.last = 0

    def new(self) -> str:
        self.last += 1
        return f"{self.last:032x}"


class FakeDesk:
    """The part of the port `Desk` that needs no production."""

    def __init__(
        self, root: Path, *, review: ReviewConfig | None = None, journal: FakeJournal | None = None
    ) -> None:
        self.config = Config(service="shop", root=str(root), review=review or ReviewConfig())
        self.journal = journal or FakeJournal()
        self.redactor = FakeRedactor()
        self.evidence = FakeEvidence(self.redactor, limit=1_000_000)
        self.clock = FakeClock(datetime(2026, 3, 1, 3, 30, tzinfo=UTC))
        self.ids = CountedIds()
        self.actor = "ann"
        self.people = People()
        self.command = CommandId(self.ids.new())

    def targets(self, severity: str) -> tuple[str, ...]:
        return ()

    def nudge(self) -> None:
        self.nudged = True

    def append(
        self,
        stream: str,
        events: Sequence[Event],
        expected: int | None = None,
        command: CommandId | None = None,
    ) -> Appended:
        batch = Batch(
            command=command or CommandId(self.ids.new()),
            actor=self.actor,
            at=self.clock.now(),
            events=tuple(events),
            expected=expected,
        )
        return self.journal.append(stream, batch)

    def history(self, stream: str) -> tuple[Recorded, ...]:
        return self.journal.read(stream)
