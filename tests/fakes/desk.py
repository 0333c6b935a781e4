"""A desk on fakes: journal, evidence, clock and production in memory, the team's files on disk."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path

from andon.config.model import Config
from andon.config.model_team import ReviewConfig
from andon.desk.ports_changes import Changes
from andon.desk.ports_leak import Objects, RemoteHosts
from andon.desk.ports_repository import Branches, Checkouts, Repository
from andon.desk.values import Appended, Attempt
from andon.errors import Conflict
from andon.incident.events import Event
from andon.incident.policy import People
from andon.incident.recorded import Batch, Recorded
from andon.incident.words import CommandId
from andon.production.git_branches import GitBranches
from andon.production.git_storage import GitStorage
from andon.production.history_work import GitHistories
from andon.record import replace
from andon.response.schema.layouts import Framework
from tests.fakes.audit_tools import FakeAuditTools
from tests.fakes.changes import FakeChanges
from tests.fakes.flag_sources import FakeFlagSources
from tests.fakes.flag_system import FakeFlagSystem
from tests.fakes.gap_works import FakeWorks
from tests.fakes.guarding import FakeBanFile, FakeReceipts, FakeReferences, FakeTainted
from tests.fakes.hook_files import FakeHookFiles
from tests.fakes.ignores import FakeIgnores
from tests.fakes.journal import FakeEvidence, FakeJournal, FakeRedactor
from tests.fakes.leak_room import FakeLeakRoom
from tests.fakes.notifier import FakeNotifier
from tests.fakes.production import (
    FakeCertificates,
    FakeCheckouts,
    FakeDeployer,
    FakeFiles,
    FakeLogSource,
    FakeProbe,
    FakeRepository,
)
from tests.fakes.ranges import FakeRanges
from tests.fakes.remote_hosts import FakeRemoteHosts
from tests.fakes.scanner import FakeScanner
from tests.fakes.trial import FakeRunner, FakeTrial


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


def _nothing_to_run(commit: str, arguments: tuple[str, ...]) -> Attempt:
    raise AssertionError(f"nothing should run here: {arguments} at {commit}")


class CountedIds:
    """Identities that count."""

    def __init__(self) -> None:
        self.last = 0

    def new(self) -> str:
        self.last += 1
        return f"{self.last:06x}" + "0" * 26


class FakeDesk:
    """The port `Desk` on fakes; what a test does not give is not configured."""

    def __init__(
        self,
        root: Path,
        *,
        review: ReviewConfig | None = None,
        journal: FakeJournal | None = None,
        config: Config | None = None,
        actor: str = "ann",
        command: str = "",
        people: People | None = None,
        deployer: FakeDeployer | None = None,
        probes: Sequence[FakeProbe] = (),
        dependencies: Sequence[FakeProbe] = (),
        staging: Sequence[FakeProbe] = (),
        logs: Sequence[FakeLogSource] = (),
        repository: Repository | None = None,
        told: dict[str, dict[str, str]] | None = None,
        ranges: FakeRanges | None = None,
        scanners: Sequence[FakeScanner] = (),
        audit_tools: FakeAuditTools | None = None,
        checkouts: Checkouts | None = None,
        changes: Changes | None = None,
        branches: Branches | None = None,
        objects: Objects | None = None,
        remote_hosts: RemoteHosts | None = None,
        flag_system: FakeFlagSystem | None = None,
        flag_sources: FakeFlagSources | None = None,
    ) -> None:
        self.flag_system = flag_system
        self.flag_sources = flag_sources or FakeFlagSources()
        self.gap_works = FakeWorks()
        made = config or Config(service="shop", review=review or ReviewConfig())
        self.config = replace(made, root=str(root))
        self.journal = journal or FakeJournal()
        self.redactor = FakeRedactor()
        self.evidence = FakeEvidence(self.redactor, limit=1_000_000)
        self.clock = FakeClock(datetime(2026, 3, 1, 3, 30, tzinfo=UTC))
        self.ids = CountedIds()
        self.actor = actor
        self.people = people or People()
        self.deployer = deployer
        self.probes = tuple(probes)
        self.dependencies = tuple(dependencies)
        self.staging = tuple(staging)
        self.logs = tuple(logs)
        self.repository = repository or FakeRepository(str(root), ())
        self.certificates = FakeCertificates()
        self.files = FakeFiles()
        self.checkouts = checkouts or FakeCheckouts(_nothing_to_run)
        self.changes = changes or FakeChanges()
        self.ranges = ranges or FakeRanges()
        self.hook_files = FakeHookFiles()
        self.references = FakeReferences()
        self.receipts = FakeReceipts()
        self.tainted = FakeTainted()
        self.bans = FakeBanFile()
        self.ignores = FakeIgnores()
        self.scanners = tuple(scanners)
        self.audit_tools = audit_tools or FakeAuditTools({})
        #: Real git, asked only by who works on a hotfix.
        self.branches = branches or GitBranches(str(root))
        #: Real git, asked only by who looks for a leak.
        self.objects: Objects = objects or GitStorage(str(root))
        self.remote_hosts = remote_hosts or FakeRemoteHosts()
        self.notifier = FakeNotifier()
        #: Real git on real copies.
        self.histories = GitHistories(str(root))
        self.leak_room = FakeLeakRoom(Path(root).parent / "leaks")
        #: Severity to masked name to address.
        self.told = told or {}
        #: What makes copies, and what runs programs on them.
        self.trials: FakeTrial | None = None
        self.runners: dict[Framework, FakeRunner] = {}
        self.nudged = False
        self.workers = 0
        self.starts_workers = True
        self.worker_lock = ""
        self.command = CommandId(command or self.ids.new())
        self._given_command = bool(command)
        self._appended = 0

    def another(self, actor: str, command: str = "") -> FakeDesk:
        """Return the desk of somebody else in the same production, or of the same person's next command."""
        desk = copy(self)
        desk.actor = actor
        desk.command = CommandId(command or self.ids.new())
        desk._given_command = bool(command)
        desk._appended = 0
        return desk

    def trial(self, address: str) -> FakeTrial:
        assert self.trials is not None, f"no trial was given for {address}"
        return self.trials

    def runner(self, framework: Framework) -> FakeRunner | None:
        return self.runners.get(framework)

    def addresses(self, severity: str) -> dict[str, str]:
        return self.told.get(severity, {})

    def targets(self, severity: str) -> tuple[str, ...]:
        return tuple(self.addresses(severity))

    def start_worker(self) -> int:
        self.workers += 1
        return 0

    def nudge(self) -> None:
        self.nudged = True

    def append(
        self,
        stream: str,
        events: Sequence[Event],
        expected: int | None = None,
        command: CommandId | None = None,
    ) -> Appended:
        """Record as the wired desk does: the n-th append of a command has its own id, given or not."""
        suffix = f"/{self._appended}" if self._appended else ""
        batch = Batch(
            command=command or CommandId(self.command + suffix),
            actor=self.actor,
            at=self.clock.now(),
            events=tuple(events),
            expected=expected,
        )
        try:
            appended = self.journal.append(stream, batch)
        except Conflict:
            known = self.journal.recall(batch.command) if self._given_command and not self._appended else None
            if known is None:
                raise
            appended = known
        self._appended += command is None
        return appended

    def history(self, stream: str) -> tuple[Recorded, ...]:
        return self.journal.read(stream)
