"""The one place that joins ports and adapters. Each adapter is made when it is first asked for.

The imports inside the properties are on purpose: `andon status` must not pay for HTTP, git or Apprise.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from functools import cached_property

from andon.config.load import load_config
from andon.config.model import Config
from andon.errors import Conflict, InvalidInput, NotFound, Unavailable
from andon.incident.words import CommandId
from andon.secrets.spoken import hide_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import TracebackType

    from andon.config.model import ProbeConfig
    from andon.desk.ports_changes import Changes, Ignores, Ranges
    from andon.desk.ports_flags import FlagSystem
    from andon.desk.ports_gap import GapWorks
    from andon.desk.ports_guarding import BanFile, HookFiles, Receipts, References, Tainted
    from andon.desk.ports_histories import Histories
    from andon.desk.ports_hygiene import FlagSources
    from andon.desk.ports_journal import EvidenceStore, Journal, Redactor
    from andon.desk.ports_leak import LeakRoom, Objects, RemoteHosts
    from andon.desk.ports_messages import Notifier
    from andon.desk.ports_production import Certificates, Deployer, LogSource, Probe, WatchedFiles
    from andon.desk.ports_repository import Branches, Checkouts, Repository
    from andon.desk.ports_scanning import AuditTools, Scanner
    from andon.desk.ports_trial import MigrationRunner, SchemaTrial
    from andon.desk.values import Appended
    from andon.incident.events import Event
    from andon.incident.policy import People
    from andon.incident.recorded import Recorded
    from andon.response.schema.layouts import Framework
    from andon.secrets.service import ServiceRedactor


#: Seconds a gate waits for the journal: whoever commits or pushes waits with it.
GATE_PATIENCE = 3.0


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Return the present moment in UTC; ANDON_NOW replaces it in rehearsals. Raises InvalidInput."""
        fixed = os.environ.get("ANDON_NOW")
        if not fixed:
            return datetime.now(UTC)
        try:
            return datetime.fromisoformat(fixed).astimezone(UTC)
        except (ValueError, OverflowError) as problem:
            raise InvalidInput(
                f"{fixed!r} is not a moment",
                where="ANDON_NOW",
                rule="moment",
                remedy="unset ANDON_NOW; or ANDON_NOW=2026-03-01T02:14:00Z",
            ) from problem

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class RandomIds:
    """Identities from the system's random source."""

    def new(self) -> str:
        """Return 32 hexadecimal digits."""
        return os.urandom(16).hex()


def open_desk(arguments: argparse.Namespace) -> WiredDesk:
    """Return the desk for the directory the command was given in; use it as a context manager."""
    root = _root()
    return _desk(arguments, load_config(root, _default_service(root)))


def open_gate_desk(arguments: argparse.Namespace, commit: str = "") -> WiredDesk:
    """Return the desk for a gate: it waits for the journal for three seconds only.

    Its configuration is that of the work tree; with `commit`, that commit's own. In a bare repository it is
    the file beside HEAD, else that of the commit HEAD stands for: never one that is only being pushed.
    """
    root = _root()
    service = _default_service(root.removesuffix(".git").rstrip("/") or root)
    if commit:
        config = _committed(root, commit, service) or Config(service=service, root=root)
    else:
        config = load_config(root, service)
        if not config.path and not os.path.lexists(os.path.join(root, ".git")):
            config = _committed(root, "HEAD", service) or config
    desk = _desk(arguments, config)
    desk.patience = GATE_PATIENCE
    return desk


def open_reference_desk(arguments: argparse.Namespace) -> WiredDesk:
    """Return the desk for a reference that moves: what cannot be read as a configuration does not matter."""
    from andon.errors import AndonError

    try:
        return open_gate_desk(arguments)
    except AndonError as problem:
        if problem.rule != "configuration":
            raise
    root = _root()
    return _desk(arguments, Config(service=_default_service(root), root=root))


def _committed(root: str, commit: str, service: str) -> Config | None:
    """Return the configuration in a commit; None when it has none. Raises InvalidInput for a broken one."""
    from andon.config.load import NAME
    from andon.config.read import read_config
    from andon.production.git_ranges import GitRanges

    content = GitRanges(root).file(commit, NAME)
    if content is None:
        return None
    return read_config(content, path=f"{commit[:10]}:{NAME}", root=root, default_service=service)


def _root() -> str:
    from andon.production.workplace import find_root

    try:
        start = os.getcwd()
    except OSError as problem:
        raise NotFound(
            "the directory you are in is not there any more",
            rule="directory",
            remedy="cd into the repository",
        ) from problem
    return find_root(start) or start


def _desk(arguments: argparse.Namespace, config: Config) -> WiredDesk:
    place = getattr(arguments, "journal", "") or os.environ.get("ANDON_JOURNAL", "")
    desk = WiredDesk(
        config=config,
        place=place or _in(config.root, config.journal),
        actor=getattr(arguments, "actor", "") or os.environ.get("ANDON_ACTOR", ""),
        command=getattr(arguments, "command_id", ""),
    )
    hide_with(lambda text: desk.redactor.redact_words(text))
    return desk


def _in(root: str, journal: str) -> str:
    """Return the configured journal: a path is meant from the root, wherever the command is given."""
    if not journal or "://" in journal:
        return journal
    return os.path.join(root, os.path.expanduser(journal))


def _default_service(root: str) -> str:
    name = os.path.basename(os.path.abspath(root)).lstrip(".")
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name) or "service"


class LateRedactor:
    """The port `Redactor`, made when something is first redacted: who only reads does not pay for it."""

    def __init__(self, made: Callable[[], Redactor]) -> None:
        """Take what makes it."""
        self._made = made

    def redact(self, content: bytes) -> tuple[bytes, int]:
        """Return the content without known secrets and how many were replaced."""
        return self._made().redact(content)

    def redact_stream(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what `redact` makes of the whole, in bounded memory."""
        return self._made().redact_stream(pieces)

    def redact_words(self, text: str) -> str:
        """Return a short text without secrets."""
        return self._made().redact_words(text)

    def mark(self, value: bytes) -> str:
        """Return the digits of a secret in its marker."""
        return self._made().mark(value)

    def know(self, values: Sequence[bytes]) -> None:
        """Take more values that are secret."""
        self._made().know(values)


class WiredDesk:
    """Every port of `desk.ports.Desk`, joined to its adapter."""

    def __init__(self, *, config: Config, place: str, actor: str, command: str) -> None:
        """Take the configuration, the journal's place ("" for the default) and who gives the command."""
        self.config = config
        self.clock = SystemClock()
        self.ids = RandomIds()
        self.command = CommandId(command or self.ids.new())
        self._given_place = place
        self._given_actor = actor
        self._given_command = bool(command)
        self._appended = 0
        self._messages = False
        #: False at a desk of a worker: other threads look at production too, and are not to be stopped, and
        #: whatever is to be delivered, the worker itself finds.
        self.is_alone = True
        self._opened: tuple[Journal, EvidenceStore] | None = None
        #: Seconds to wait for the journal; 0 for the usual time.
        self.patience = 0.0

    def __enter__(self) -> WiredDesk:
        """Return the desk itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the journal and, when messages wait, start their delivery without waiting for it."""
        if self.is_alone and (process := sys.modules.get("andon.production.process")):
            process.stop_all()  # nobody waits for a smoke test that hangs, but nobody leaves it behind either
        self.close()
        if self._messages and self.is_alone:
            self.deliver_soon()

    def close(self) -> None:
        """Release the journal."""
        if self._opened is not None:
            self._opened[0].close()

    @cached_property
    def people(self) -> People:
        """Who may decide."""
        from andon.incident.policy import People

        return People(on_call=self.config.people.on_call, seniority=self.config.people.seniority)

    @cached_property
    def actor(self) -> str:
        """Who gives the command: --as, ANDON_ACTOR, git's user name, else the login name."""
        from andon.production.workplace import git_identity

        if self._given_actor:
            return self._given_actor
        signature = git_identity(self.config.root) or os.environ.get("USER", "")
        return signature.partition(" <")[0] or f"uid {os.getuid()}"

    @property
    def place(self) -> str:
        """Where the journal is: a path or a PostgreSQL URL."""
        from andon.journal.open import default_place

        return self._given_place or default_place(self.config.service)

    def _open(self) -> tuple[Journal, EvidenceStore]:
        if self._opened is None:
            from andon.journal.open import PATIENCE, open_journal

            patience = self.patience or PATIENCE
            self._opened = open_journal(self.place, LateRedactor(lambda: self.redactor), patience=patience)
        return self._opened

    @property
    def journal(self) -> Journal:
        """The event store."""
        return self._open()[0]

    @property
    def evidence(self) -> EvidenceStore:
        """The evidence store."""
        return self._open()[1]

    @cached_property
    def redactor(self) -> ServiceRedactor:
        """The seam that knows this service's secrets; loaded when something is first redacted."""
        from andon.secrets.service import ServiceRedactor

        return ServiceRedactor(
            self.config.root, self.config.secret_files, lambda: _key_file(self.place), self._leaked
        )

    @cached_property
    def repository(self) -> Repository:
        """The git repository."""
        from andon.production.git import GitRepository

        return GitRepository(self.config.root)

    @cached_property
    def changes(self) -> Changes:
        """What commits and the index change."""
        from andon.production.git_changes import GitChanges

        return GitChanges(self.config.root)

    @cached_property
    def ranges(self) -> Ranges:
        """Which commits arrive with a push or a build."""
        from andon.production.git_ranges import GitRanges

        return GitRanges(self.config.root)

    @cached_property
    def ignores(self) -> Ignores:
        """What git ignores."""
        from andon.production.git_ignores import GitIgnores

        return GitIgnores(self.config.root)

    @cached_property
    def objects(self) -> Objects:
        """All that the repository stores."""
        from andon.production.git_storage import GitStorage

        return GitStorage(self.config.root)

    @cached_property
    def remote_hosts(self) -> RemoteHosts:
        """What remotes and their hosts say of themselves."""
        from andon.production.remote_hosts import GitRemoteHosts

        return GitRemoteHosts(self.config.root)

    @cached_property
    def hook_files(self) -> HookFiles:
        """The files of git's hooks."""
        from andon.production.hook_files import GitHookFiles

        return GitHookFiles(self.config.root)

    @cached_property
    def references(self) -> References:
        """What the repository knows before a reference moves."""
        from andon.production.git_references import GitReferences

        return GitReferences(self.config.root)

    @cached_property
    def receipts(self) -> Receipts:
        """Which commits a gate of this repository judged."""
        from andon.production.receipts_file import GitReceipts

        return GitReceipts(self.config.root)

    @cached_property
    def tainted(self) -> Tainted:
        """Which commits that were fetched hold a secret."""
        from andon.production.tainted_file import TaintedFile

        return TaintedFile(self.config.root)

    @cached_property
    def bans(self) -> BanFile:
        """What must not come back into this repository."""
        from andon.production.ban_file import GitBanFile

        return GitBanFile(self.config.root)

    @cached_property
    def branches(self) -> Branches:
        """The branches of the repository."""
        from andon.production.git_branches import GitBranches

        return GitBranches(self.config.root)

    @cached_property
    def checkouts(self) -> Checkouts:
        """Where old commits are tried."""
        from andon.production.checkouts import GitCheckouts

        return GitCheckouts(self.config.root)

    @cached_property
    def scanners(self) -> Sequence[Scanner]:
        """What looks for weaknesses in code."""
        from andon.production.scanners import scanners_for

        return scanners_for(self.config.scanners, self.checkouts)

    @cached_property
    def audit_tools(self) -> AuditTools:
        """What knows of weaknesses in dependencies."""
        from andon.production.audit_tools import ProgramsOnPath

        return ProgramsOnPath()

    @cached_property
    def deployer(self) -> Deployer | None:
        """What puts versions into production, None when nothing is configured."""
        from andon.production.deployers import deployer_for

        return deployer_for(self.config.deploy, self.config.root)

    @cached_property
    def flag_system(self) -> FlagSystem | None:
        """Where feature flags are switched, None when nothing is configured."""
        from andon.production.flag_systems import flag_system_for

        return flag_system_for(self.config.flag_system, self.config.root)

    @cached_property
    def flag_sources(self) -> FlagSources:
        """The files in which flags may be asked for."""
        from andon.production.flag_sources import GitFlagSources

        return GitFlagSources(self.config.root)

    @cached_property
    def gap_works(self) -> GapWorks:
        """What builds the two worlds of a search for the gap."""
        from andon.production.gap.works import RealWorks

        return RealWorks(self.config, self.redactor)

    @cached_property
    def probes(self) -> Sequence[Probe]:
        """The smoke tests."""
        return self._probes(self.config.smoke)

    @cached_property
    def staging(self) -> Sequence[Probe]:
        """The smoke tests of staging."""
        return self._probes(self.config.staging)

    @cached_property
    def dependencies(self) -> Sequence[Probe]:
        """The checks of what production depends on."""
        return self._probes(self.config.dependencies)

    def _probes(self, configured: Sequence[ProbeConfig]) -> Sequence[Probe]:
        from andon.production.probes import probe_for

        return tuple(probe_for(p, self.config.root) for p in configured)

    @cached_property
    def logs(self) -> Sequence[LogSource]:
        """The logs."""
        from andon.production.log_sources import log_source_for

        configured = self.config.logs
        return tuple(log_source_for(log, self.config.root, lambda: self.deployer) for log in configured)

    @cached_property
    def leak_room(self) -> LeakRoom:
        """Where the values of leaked secrets are kept."""
        from andon.production.leak_room import LeakRoomOnDisk

        return LeakRoomOnDisk(self._leaks)

    @property
    def _leaks(self) -> str:
        """The directory of the leaks: beside the journal, but never in the repository."""
        from andon.journal.open import default_place

        root, beside = os.path.realpath(self.config.root), os.path.dirname(default_place(self.config.service))
        if "://" in self.place:
            from hashlib import sha256

            return os.path.join(beside, f"leaks-{sha256(self.place.encode()).hexdigest()[:16]}")
        place = os.path.dirname(os.path.abspath(os.path.expanduser(self.place)))
        is_inside = os.path.commonpath((root, os.path.realpath(place))) == root
        return os.path.join(beside if is_inside else place, "leaks")

    def _leaked(self) -> tuple[bytes, ...]:
        """Return the values of leaked secrets that this machine keeps; nearly always there are none."""
        return self.leak_room.values() if os.path.isdir(self._leaks) else ()

    @cached_property
    def certificates(self) -> Certificates:
        """The certificates of addresses."""
        from andon.production.certificate import TlsCertificates

        return TlsCertificates()

    @cached_property
    def files(self) -> WatchedFiles:
        """The files whose change changes production."""
        from andon.production.watched_files import FilesOnDisk

        return FilesOnDisk(self.config.root)

    @cached_property
    def histories(self) -> Histories:
        """What works on copies of the repository's whole history."""
        from andon.production.history_work import GitHistories

        return GitHistories(self.config.root)

    @cached_property
    def notifier(self) -> Notifier:
        """What sends messages."""
        from andon.notify.apprise import AppriseNotifier

        return AppriseNotifier()

    def trial(self, address: str) -> SchemaTrial:
        """Return what makes disposable copies of the database at `address`; `$NAME` is looked up."""
        from andon.production.trials import trial_for

        trial, found = self.config.trial, address
        if address.startswith("$"):
            found = os.environ.get(address[1:].strip("{}"), "")
            if not found:
                raise NotFound(
                    f"{address} is not set in the environment",
                    where="trial database",
                    rule="trial-dsn",
                    remedy=f"export {address[1:].strip('{}')}=postgresql://user:password@host/database",
                )
        own = (*trial.production, *((self.place,) if "://" in self.place else ()))
        return trial_for(found, own, self.config.root, trial.timeout)

    def runner(self, framework: Framework) -> MigrationRunner | None:
        """Return what runs a framework's programs: the configured commands, else the project's Alembic."""
        from andon.production.trial_runners import AlembicRunner, CommandRunner

        trial, root = self.config.trial, self.config.root
        if trial.up:
            return CommandRunner(
                trial.up, trial.down, trial.base, variable=trial.url, cwd=root, limit=trial.timeout
            )
        if framework.value == "Alembic":
            return AlembicRunner(trial.python or ("python3",), cwd=root, limit=trial.timeout)
        return None

    def addresses(self, severity: str) -> dict[str, str]:
        """Return masked name to address of the stakeholders for a severity; `$NAME` is looked up."""
        configured: tuple[str, ...] = getattr(self.config.notify, severity, ())
        if not configured:
            return {}
        from andon.notify.label import label

        found = {}
        for address in configured:
            resolved = os.environ.get(address[1:].strip("{}"), "") if address.startswith("$") else address
            found[label(resolved) if resolved else f"{address} (not set)"] = resolved
        return found

    def targets(self, severity: str) -> tuple[str, ...]:
        """Return the masked names of the stakeholders for a severity."""
        return tuple(self.addresses(severity))

    def append(
        self,
        stream: str,
        events: Sequence[Event],
        expected: int | None = None,
        command: CommandId | None = None,
    ) -> Appended:
        """Record events in the name of the actor, now; the n-th append of a command has its own id.

        Every text passes the redactor first, whoever wrote it: what is recorded can never be taken back.
        """
        from andon.desk.redacting import without_secrets
        from andon.incident.events import NotificationRequested
        from andon.incident.recorded import Batch

        suffix = f"/{self._appended}" if self._appended else ""
        events = without_secrets(events, self.redactor.redact_words)
        batch = Batch(
            command=command or CommandId(self.command + suffix),
            actor=self.actor,
            at=self.clock.now(),
            events=events,
            expected=expected,
        )
        try:
            appended = self.journal.append(stream, batch)
        except Conflict:
            if self._given_command and self._appended == 0:
                known = self.journal.recall(batch.command)
                if known is not None:
                    self._appended += 1
                    return known
            raise
        if command is None:
            self._appended += 1
        if any(isinstance(event, NotificationRequested) for event in events):
            self.nudge()
        return appended

    @property
    def has_recorded(self) -> bool:
        """True when this process recorded something under the command's own id."""
        return self._appended > 0

    def nudge(self) -> None:
        """Start the delivery of waiting messages when the command is done."""
        self._messages = True

    def history(self, stream: str) -> tuple[Recorded, ...]:
        """Return a stream's events."""
        return self.journal.read(stream)

    def deliver_soon(self) -> None:
        """Start the delivery of waiting messages in a process of its own, which nobody waits for."""
        if os.environ.get("ANDON_DELIVERY") != "manual":
            self.start_worker()

    def start_worker(self) -> int:
        """Start a process that carries out what is approved and then leaves; return its id, 0 for none.

        It survives our terminal. What it has to say before it has a journal goes to a file of its own.
        """
        from andon.desk.operation import directory

        if not self.starts_workers:
            return 0
        return self._start("worker", "--until-done", said=os.path.join(directory(), "worker.log"))

    @property
    def worker_lock(self) -> str:
        """The file that a worker on this machine holds."""
        from andon.desk.operation import worker_lock

        return worker_lock(self.place, self.config.service)

    @property
    def starts_workers(self) -> bool:
        """False where only `andon worker` is to carry out what is approved: ANDON_WORKER=manual."""
        return os.environ.get("ANDON_WORKER") != "manual"

    def start_runner(self, incident: str, operation: str, actor: str) -> int:
        """Start the process that carries out one deployment and return its id; raises Unavailable."""
        child = self._start("worker", "--carry-out", incident, operation, "--as", actor)
        if not child:
            raise Unavailable(
                "the process that deploys cannot be started",
                where=operation,
                rule="one-act-at-a-time",
                remedy="make room for another process; it is tried again",
            )
        return child

    def beside(self, actor: str) -> WiredDesk:
        """Return a desk at the same journal for another thread, in the name of `actor`, if that is given."""
        given = actor or self._given_actor
        desk = WiredDesk(config=self.config, place=self.place, actor=given, command="")
        desk.is_alone = False
        return desk

    def _start(self, *words: str, said: str = os.devnull) -> int:
        argv = [sys.executable, "-m", "andon", *words]
        place = self.place if "://" in self.place else os.path.abspath(os.path.expanduser(self.place))
        surroundings = {**os.environ, "ANDON_JOURNAL": place}
        actions = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0)]
        actions += [
            (os.POSIX_SPAWN_OPEN, d, said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) for d in (1, 2)
        ]
        try:
            if said != os.devnull:
                os.makedirs(os.path.dirname(said), mode=0o700, exist_ok=True)
            here = os.getcwd()
            os.chdir(self.config.root)  # where its configuration is
            try:
                return os.posix_spawn(sys.executable, argv, surroundings, file_actions=actions, setsid=True)
            finally:
                os.chdir(here)
        except (OSError, NotImplementedError):
            return 0  # no room for another process, or no such system; whoever looks next sets it going


def _key_file(place: str) -> str:
    """Return where the key of the redaction markers is kept: beside the journal, else with the user."""
    from andon.journal.open import default_place

    file = default_place("x") if "://" in place else os.path.abspath(os.path.expanduser(place))
    directory = os.path.dirname(file)
    return os.path.join(os.path.dirname(directory) if "://" in place else directory, "redaction.key")
