"""Which processes are connected, which version each of them has, and who is waited for. Its clock is given.

A process is its `Andon-Process` id. One that hung up without saying goodbye may still run, cut off, with
flags from before: for a minute it counts among those that have to confirm.
"""

from __future__ import annotations

from collections import OrderedDict

from andon.errors import NotFound, Unavailable
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from typing import Any

#: Seconds for which a process that vanished is still expected to confirm.
VANISHED = 60.0
#: Seconds for which a process that left is still listed.
_REMEMBERED = 600.0
#: Processes that are known at a time.
MOST = 20_000
#: Versions whose confirmations are timed.
_TIMED = 256
#: Names of silent processes in one answer.
_NAMED = 200


class Process:
    """One process that reads flags."""

    __slots__ = ("first", "forked_from", "has_left", "id", "left", "name", "seen", "streams", "version")

    def __init__(self, identity: str, name: str, now: float) -> None:
        """Start with nothing confirmed."""
        self.id = identity
        self.name = name
        self.version = 0
        #: Open streams; 0 when it is not connected.
        self.streams = 0
        self.first = self.seen = now
        #: When its last stream ended; None while it is connected.
        self.left: float | None = None
        #: True when it said goodbye.
        self.has_left = False
        self.forked_from = ""


class Sent:
    """One version on its way."""

    __slots__ = ("accepted", "last", "slowest")

    def __init__(self, accepted: float) -> None:
        """Keep when the change was accepted, in seconds of the clock."""
        self.accepted = accepted
        self.last = 0.0
        self.slowest = ""


class Wait(Record):
    """Somebody who waits until all that are expected have a version."""

    version: int
    missing: set[str]
    done: asyncio.Event


class Asked(Record):
    """Who has a version, as `Confirmed` has it."""

    connected: int
    confirmed: int
    silent: tuple[str, ...]
    milliseconds: float
    slowest: str
    can_confirm: bool = True
    detail: str = ""


class Processes:
    """Every process that connected or confirmed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take a clock in seconds that never goes back."""
        self._clock = clock
        self._started = clock()
        self._known: dict[str, Process] = {}
        self._sent: OrderedDict[int, Sent] = OrderedDict()
        self._waits: list[Wait] = []
        #: The highest version that any process had.
        self.highest = 0

    # ---- over a restart of the server

    def kept(self) -> list[list[str]]:
        """Return the processes that are expected to confirm, to be remembered by the next server."""
        return sorted([one.id, one.name] for one in self._expected())

    def remember(self, kept: object) -> None:
        """Expect those that an earlier server knew: they may still run, and not have come back yet."""
        for one in kept if isinstance(kept, list) else []:
            match one:
                case [str(identity), str(name)] if identity not in self._known and len(self._known) < MOST:
                    process = self._known[identity] = Process(identity, name, self._started)
                    process.left = self._started

    # ---- what processes do

    def connect(self, identity: str, name: str, version: int = 0) -> Process:
        """Note that a process opened a stream, with the version it says it has; raises Unavailable."""
        process = self._at(identity, name)
        process.streams += 1
        process.left, process.has_left = None, False
        self._had(process, version)
        for wait in self._waits:
            if process.version < wait.version:
                wait.missing.add(process.id)
        return process

    def disconnect(self, process: Process) -> None:
        """Note that one of its streams ended."""
        process.streams -= 1
        if process.streams <= 0:
            process.streams = 0
            process.left = process.seen = self._clock()
            if process.has_left:
                self._no_longer_missing(process.id)

    def acknowledge(self, identity: str, name: str, version: int, forked_from: str = "") -> Process:
        """Note that a process has a version; raises Unavailable when too many are known."""
        process = self._at(identity, name)
        process.forked_from = forked_from or process.forked_from
        self._had(process, version)
        return process

    def goodbye(self, process: Process) -> None:
        """Note that a process ends on purpose: nobody has to wait for it any more."""
        process.has_left = True
        if not process.streams:
            process.left = process.left or self._clock()
        self._no_longer_missing(process.id)

    # ---- versions on their way

    def send(self, version: int, accepted: float) -> None:
        """Start to time a version; `accepted` is of the same clock."""
        self._sent[version] = Sent(accepted)
        while len(self._sent) > _TIMED:
            self._sent.popitem(last=False)

    @property
    def connected(self) -> int:
        """How many processes have a stream open."""
        return sum(1 for process in self._known.values() if process.streams)

    def begin_to_wait(self, version: int, newest: int, done: asyncio.Event) -> Wait:
        """Return a wait, whose `done` is set once nobody is missing; end it with `stop_waiting`."""
        missing = {one.id for one in self._expected() if not version <= one.version <= newest}
        wait = Wait(version=version, missing=missing, done=done)
        if missing:
            self._waits.append(wait)
        else:
            done.set()
        return wait

    def stop_waiting(self, wait: Wait) -> None:
        """Forget a wait."""
        self._waits = [one for one in self._waits if one is not wait]

    def release(self) -> None:
        """End every wait: the server stops."""
        for wait in self._waits:
            wait.done.set()

    def asked(self, version: int, newest: int) -> Asked:
        """Return who has `version` now; raises NotFound for one that is newer than `newest`."""
        if version > newest:
            raise NotFound(f"version {version} was never sent; the newest is {newest}", rule="flag-version")
        now = self._clock()
        # Who vanished with this version needs no watching any more.
        expected = [one for one in self._expected() if one.streams or not version <= one.version <= newest]
        # A version beyond the newest is of another history: it need not have the change.
        behind = [one for one in expected if not version <= one.version <= newest]
        sent = self._sent.get(version)
        told = []
        if sent is None:
            told.append("accepted before this server started, or long ago: not timed")
        if len(behind) > _NAMED:
            told.append(f"{len(behind) - _NAMED} more are silent")
        return Asked(
            connected=len(expected),
            confirmed=len(expected) - len(behind),
            silent=tuple(_as_silent(process, now) for process in behind[:_NAMED]),
            milliseconds=round(sent.last * 1000, 3) if sent else 0.0,
            slowest=sent.slowest if sent else "",
            detail="; ".join(told),
        )

    def listed(self) -> list[dict[str, Any]]:
        """Return every known process as JSON values, connected ones first."""
        now = self._clock()
        self._forget(now)
        ordered = sorted(self._known.values(), key=lambda one: (not one.streams, one.name, one.id))
        return [
            {
                "process": one.id,
                "name": one.name,
                "version": one.version,
                "connected": one.streams > 0,
                "seconds": round(now - one.first, 1),
                "silentSeconds": round(now - one.seen, 1),
                "left": "" if one.left is None else "said goodbye" if one.has_left else "vanished",
                "forkedFrom": one.forked_from,
            }
            for one in ordered
        ]

    # ----

    def _expected(self) -> list[Process]:
        now = self._clock()
        return [
            one
            for one in self._known.values()
            if one.streams or (one.left is not None and not one.has_left and now - one.left <= VANISHED)
        ]

    def _at(self, identity: str, name: str) -> Process:
        now = self._clock()
        process = self._known.get(identity)
        if process is None:
            if len(self._known) >= MOST:
                self._forget(now)
            if len(self._known) >= MOST:
                raise Unavailable(
                    f"{MOST} processes are known already: this one could not be counted",
                    rule="flag-processes",
                    remedy="run a second server with a state directory of its own for some of them",
                )
            process = self._known[identity] = Process(identity, name, now)
        process.seen = now
        process.name = name or process.name
        return process

    def _had(self, process: Process, version: int) -> None:
        before, process.version = process.version, version
        self.highest = max(self.highest, version)
        if version <= before:
            return
        now = self._clock()
        for number in reversed(self._sent):
            if number <= before:
                break
            sent = self._sent[number]
            if number > version or process.first > sent.accepted:
                continue  # who came later began with it
            if (took := now - sent.accepted) > sent.last:
                sent.last, sent.slowest = took, process.name
        for wait in self._waits:
            if version >= wait.version:
                self._came(wait, process.id)

    def _no_longer_missing(self, identity: str) -> None:
        for wait in self._waits:
            self._came(wait, identity)

    @staticmethod
    def _came(wait: Wait, identity: str) -> None:
        wait.missing.discard(identity)
        if not wait.missing:
            wait.done.set()

    def _forget(self, now: float) -> None:
        gone = [
            key
            for key, one in self._known.items()
            if not one.streams and now - (one.left if one.left is not None else one.seen) > _REMEMBERED
        ]
        for key in gone:
            del self._known[key]


def _as_silent(process: Process, now: float) -> str:
    name = process.name or process.id[:8]
    if process.streams or process.left is None:
        return name
    return f"{name} (connection lost {now - process.left:.0f} s ago)"
