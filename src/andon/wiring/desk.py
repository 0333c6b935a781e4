"""The desk at which a command is given: who, when, which journal; the rest is made when it is asked for."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from importlib import import_module

from andon.errors import Conflict
from andon.incident.words import CommandId
from andon.wiring.clocks import RandomIds, SystemClock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import TracebackType

    from andon.config.model import Config
    from andon.desk.ports_journal import EvidenceStore, Journal, Redactor
    from andon.desk.values import Appended
    from andon.incident.events import Event
    from andon.incident.policy import People
    from andon.incident.recorded import Recorded
    from andon.secrets.service import ServiceRedactor
    from andon.wiring.leak import LeakAdapters
    from andon.wiring.messages import MessageAdapters
    from andon.wiring.production import ProductionAdapters
    from andon.wiring.repository import RepositoryAdapters
    from andon.wiring.workers import WorkerProcesses

    class _Parts(LeakAdapters, MessageAdapters, ProductionAdapters, RepositoryAdapters, WorkerProcesses):
        """What the type checker sees of the desk; a command loads a part when it first asks for it."""

else:
    _Parts = object

#: The module and the class in which a port is joined to its adapter, for those that not every command needs.
_LATE = {
    port: (module, part)
    for module, part, ports in (
        (
            "repository",
            "RepositoryAdapters",
            (
                "repository changes ranges branches checkouts ignores flag_sources "
                "hook_files references receipts tainted bans scanners audit_tools"
            ),
        ),
        (
            "production",
            "ProductionAdapters",
            "deployer flag_system gap_works probes staging dependencies logs certificates files trial runner",
        ),
        ("leak", "LeakAdapters", "objects remote_hosts histories leak_room"),
        ("messages", "MessageAdapters", "notifier addresses targets"),
        ("workers", "WorkerProcesses", "deliver_soon start_worker worker_lock starts_workers start_runner"),
    )
    for port in ports.split()
}


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


class WiredDesk(_Parts):
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

        return ServiceRedactor(self.config.root, self.config.secret_files, self._key_file, self._leaked)

    def _key_file(self) -> str:
        from andon.wiring.places import key_file

        return key_file(self.place)

    def _leaked(self) -> tuple[bytes, ...]:
        """Return the values of leaked secrets that this machine keeps; nearly always there are none."""
        from andon.wiring.places import leaks_directory

        kept = leaks_directory(self.place, self.config.service, self.config.root)
        return self.leak_room.values() if os.path.isdir(kept) else ()

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

    def beside(self, actor: str) -> WiredDesk:
        """Return a desk at the same journal for another thread, in the name of `actor`, if that is given."""
        given = actor or self._given_actor
        desk = WiredDesk(config=self.config, place=self.place, actor=given, command="")
        desk.is_alone = False
        return desk

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Take what is asked for first from its part of the desk, whose module is loaded only now."""
            if name not in _LATE:
                return object.__getattribute__(self, name)  # says what is missing, and where
            module, part = _LATE[name]
            found = getattr(import_module(f"andon.wiring.{module}"), part)
            return vars(found)[name].__get__(self, type(self))
