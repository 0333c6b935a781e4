"""The flag server without HTTP: a change is kept on the disk, then put in force, then streamed.

Everything here runs on one event loop; only writing and reading files happens in threads.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from andon.errors import AndonError
from andon.flags.overrides import KILL, refuse_another
from andon.record import Record
from andon.secrets.spoken import hidden
from andon.server.flag_changes import Change
from andon.server.flag_processes import MOST, Processes
from andon.server.flag_set import FlagSet, next_version
from andon.server.flag_stream import Ring, Streams, chunk, patch_event, ping_event, put_event, refetch_event
from andon.server.flag_usage import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from andon.flags.evaluator import Evaluator
    from andon.flags.overrides import Override
    from andon.server.flag_processes import Asked
    from andon.server.flag_set import Patch
    from andon.server.flag_state import Placed, StateDirectory
    from andon.server.flag_stream import Stream

#: Seconds between two signs of life on a stream.
PING = 5.0
#: Seconds between two writes of the counts.
KEEP_COUNTS = 20.0
#: Seconds that somebody may wait for confirmations in one request.
LONGEST_WAIT = 60.0


class Done(Record):
    """A change is in force, or was already."""

    version: int
    connected: int
    has_changed: bool


class FlagService:
    """Definitions, overrides, streams, processes and counts of one server."""

    def __init__(
        self,
        directory: StateDirectory,
        document: Mapping[str, Any],
        *,
        after: int = 0,
        tell: Callable[[str], None] = lambda _told: None,
        hashing: str = "v3",
    ) -> None:
        """Read what is kept and put it in force; `after`: number versions above this one.

        `tell` is called with what somebody should know. Raises InvalidInput for a damaged state, Unavailable.
        """
        self._directory = directory
        self._tell = tell
        state = directory.read()
        self.set = FlagSet(state, document)
        #: The newest version of which this state knows from before.
        self._before = max(state.version, after)
        if self.set.digest != state.definitions or after >= state.version:
            self.set.version = next_version(max(state.version, after), _milliseconds())
        self._began = self.set.version
        directory.write(self.set.kept(self.set.version, self.set.placed.values(), self.set.digest))
        if directory.is_torn:
            tell("the last change before the end of the server was not finished; nobody was told it was")
        self._keep_extra("definitions", document)
        self.processes = Processes(time.monotonic)
        self.streams, self.events = Streams(), Streams()
        #: Those who have a set of which this state knows nothing: an older copy, or a new directory.
        self.held = Streams()
        self._lost, self._strangers = _held(directory.read_extra("held"), after)
        self._held_kept = len(self._strangers)
        self._ring = Ring()
        self._put: tuple[int, bytes] = (0, b"")
        self.usage = Usage(directory.read_extra("usage"), time.time())
        self._hashing = hashing
        self._evaluator: Evaluator | None = None
        self.processes.remember(directory.read_extra("processes"))
        self._remembered: list[list[str]] = []
        self._counted: dict[tuple[str, str], int] = {}
        self._turn = asyncio.Lock()
        #: What is wrong with the file of definitions now, as sentences; the last good ones are in force.
        self.findings: tuple[str, ...] = ()
        #: That overrides lie beside the file, which are not obeyed here.
        self.beside: tuple[str, ...] = ()
        self._broken: tuple[str, ...] = ()
        self.started = time.time()
        #: When the set changed last, in seconds since 1970.
        self.changed = int(self.started)
        self._keep_extra("usage", self.usage.plain())

    # ---- changing

    async def put(self, override: Override) -> Done:
        """Put an override in force; once this returns it survives a crash and is on its way to everybody.

        Raises NotFound, InvalidInput for what cannot work, Unavailable when it cannot be kept.
        """
        accepted = time.monotonic()
        async with self._turn:
            version = next_version(self.set.version, _milliseconds())
            placed = self.set.with_override(override, version)
            if placed is None:
                known = self.set.placed[override.flag, override.layer]
                return Done(version=known.version, connected=self.processes.connected, has_changed=False)
            await self._keep(version, placed, override.flag, override.layer)
            patch = self.set.place(placed, override.flag, version, override.operation)
            self._send(patch, accepted)
            if override.layer == KILL:
                self.held.send_patch(patch)  # above what they have: what is killed there stays killed
            return Done(version=version, connected=self.processes.connected, has_changed=True)

    async def take(self, key: str, layer: str, operation: str, only: str = "") -> Done:
        """Take an override away; nothing there is no error.

        With `only`, it is taken when that operation put it there. Raises Conflict when another one did, and
        Unavailable when it cannot be kept.
        """
        accepted = time.monotonic()
        async with self._turn:
            there = self.set.placed.get((key, layer))
            refuse_another(there.override.operation if there else None, only, key, "the flag server")
            placed = self.set.without(key, layer)
            if placed is None:
                return Done(version=self.set.version, connected=self.processes.connected, has_changed=False)
            version = next_version(self.set.version, _milliseconds())
            await self._keep(version, placed, key, layer)
            self._send(self.set.place(placed, key, version, operation), accepted)
            return Done(version=version, connected=self.processes.connected, has_changed=True)

    async def define(self, document: Mapping[str, Any], digest: str) -> None:
        """Put other definitions in force; raises Unavailable when they cannot be kept. For one caller."""
        accepted = time.monotonic()
        if digest == self.set.digest:
            return
        other = await asyncio.to_thread(self.set.compare, document, digest)  # a kill does not wait for it
        async with self._turn:
            version = next_version(self.set.version, _milliseconds())
            state = self.set.kept(version, self.set.placed.values(), digest)
            await asyncio.to_thread(self._directory.write, state)
            self._send(self.set.define(other, version), accepted)
            await asyncio.to_thread(self._keep_extra, "definitions", document)

    async def _keep(
        self, version: int, placed: Mapping[tuple[str, str], Placed], key: str, layer: str
    ) -> None:
        one = placed.get((key, layer))
        change = Change(
            version=version,
            previous=self.set.version,
            flag=key,
            layer=layer,
            override=None if one is None else one.override,
        )
        state = self.set.kept(version, placed.values(), self.set.digest)
        await asyncio.to_thread(self._directory.add, change, state)

    def _send(self, patch: Patch, accepted: float) -> None:
        """Stream a change that is kept: first to those who evaluate themselves, then to those who ask."""
        self.processes.send(patch.version, accepted)
        self.changed = int(time.time())
        framed = self._whole() if patch.is_whole else patch_event(patch)
        self._ring.add(patch, framed)
        self.streams.send(framed)
        if self._evaluator is not None and patch.is_whole:
            self._evaluator.replace(self._document(), patch.version)
        elif self._evaluator is not None:
            self._evaluator.patch(patch.flags, patch.removed, patch.version)
        if len(self.events):
            self.events.send(self.refetch())

    @property
    def evaluator(self) -> Evaluator:
        """What evaluates for those who ask by OFREP; made when the first one does."""
        if self._evaluator is None:
            from andon.flags.evaluator import Evaluator

            self._evaluator = Evaluator(hashing=self._hashing)
            self._evaluator.replace(self._document(), self.set.version)
        return self._evaluator

    def _document(self) -> dict[str, Any]:
        return {**self.set.rest(), "flags": dict(self.set.flags)}

    # ---- streaming

    def follow(self, stream: Stream, version: int | None, process: str = "") -> None:
        """Begin a stream of one who has `version`; None: nothing, or something that it does not trust.

        A version of which this state knows nothing is of a later one, in which more may have been killed: who
        has it keeps it, and gets further kills, until somebody has looked.
        """
        if version is not None and (process in self._strangers or self._is_unknown(version)):
            self._lost = max(self._lost, version)
            if process and len(self._strangers) < MOST:
                self._strangers.add(process)
            stream.has = version
            self.held.add(stream, self._early())
        else:
            self.streams.add(stream, self.first(version))

    def leave(self, stream: Stream) -> None:
        """Forget a stream that ended."""
        self.streams.remove(stream)
        self.held.remove(stream)

    def _early(self) -> bytes:
        """Return the sign of life that tells a held process that what it has is later."""
        return ping_event(max(1, self._before) if self._before < self._lost else 1)

    def _is_unknown(self, version: int) -> bool:
        return self._before < version < self._began or version > self.set.version

    def first(self, version: int | None) -> bytes:
        """Return what a stream begins with: the whole set, or what came after the version it has."""
        if version is not None:
            if version == self.set.version:
                return self.ping()
            if (missed := self._ring.since(version)) is not None:
                return missed
        return self._whole()

    def ping(self) -> bytes:
        """Return the sign of life."""
        return ping_event(self.set.version)

    def refetch(self) -> bytes:
        """Return OFREP's notification of the newest change."""
        return refetch_event(self.set.version, str(self.set.version), self.changed)

    def still(self) -> bytes:
        """Return what keeps a stream of notifications open and means nothing."""
        return chunk(b": still here\n\n")

    def _whole(self) -> bytes:
        if self._put[0] != self.set.version:
            self._put = (self.set.version, put_event(self.set.version, self.set.whole()))
        return self._put[1]

    # ---- asking

    async def confirmations(self, version: int, wait: float) -> Asked:
        """Wait until all who are expected to have `version` said so, at most `wait` seconds; return who has.

        Raises NotFound for a version that was never sent.
        """
        self.processes.asked(version, self.set.version)
        done = asyncio.Event()
        waiting = self.processes.begin_to_wait(version, self.set.version, done)
        try:
            with suppress(TimeoutError):  # who is missing then is named
                async with asyncio.timeout(min(max(wait, 0.0), LONGEST_WAIT)):
                    await done.wait()
        finally:
            self.processes.stop_waiting(waiting)
        return self.processes.asked(version, self.set.version)

    def problems(self) -> list[str]:
        """Return everything somebody should look at."""
        told = [*self._broken, *self.findings, *self.beside, *self.set.orphans()]
        newest = max(self._lost, self.processes.highest)
        if self._lost or newest > self.set.version:
            told.append(
                f"behind: a process has version {newest}, this state only {self._before}: it is an old copy, "
                "or new. Processes keep what they have and obey further kills only. Kill here what must be "
                f"off, then start it again with --after {newest}, which puts this state in force everywhere"
            )
        return told

    def broke(self, told: str) -> None:
        """Keep, and tell, that a part of the server does not run any more."""
        self._broken = (*self._broken, f"{told}: start it again (what is in force stays in force)")
        self._tell(self._broken[-1])

    # ---- what goes on beside

    async def run(self) -> None:
        """Send signs of life and keep the counts until cancelled."""
        kept = time.monotonic()
        while True:
            await asyncio.sleep(PING)
            self.streams.send(self.ping())
            self.held.send(self._early())
            self.events.send(self.still())
            self.count_own()
            await self._remember()
            if self.usage.has_changed and time.monotonic() - kept > KEEP_COUNTS:
                kept = time.monotonic()
                self.usage.has_changed = False
                await asyncio.to_thread(self._keep_extra, "usage", self.usage.plain())

    async def _remember(self) -> None:
        """Keep who is connected, whom the next server misses, and who has a set of another history."""
        expected = self.processes.kept()
        if expected != self._remembered:
            self._remembered = expected
            await asyncio.to_thread(self._keep_extra, "processes", expected)
        if len(self._strangers) != self._held_kept:
            self._held_kept = len(self._strangers)
            await asyncio.to_thread(self._keep_extra, "held", self._held_now())

    def _held_now(self) -> dict[str, Any]:
        return {"version": self._lost, "processes": sorted(self._strangers)}

    def count_own(self) -> None:
        """Add what was evaluated here, for those who ask by OFREP, to the counts."""
        if self._evaluator is None:
            return
        counts = self._evaluator.counts()
        fresh = [
            [key, variant, number - self._counted.get((key, variant), 0)]
            for (key, variant), number in counts.items()
        ]
        self._counted = dict(counts)
        self.usage.count(fresh, self.set.definitions, time.time())

    def stop(self) -> None:
        """End all streams and waits, keep the counts and who was connected."""
        self._keep_extra("processes", self.processes.kept())
        if self._lost or self._held_kept:
            self._keep_extra("held", self._held_now())
        self.streams.close()
        self.held.close()
        self.events.close()
        self.processes.release()
        self.count_own()
        self._keep_extra("usage", self.usage.plain())

    def _keep_extra(self, name: str, value: Mapping[str, Any] | list[list[str]]) -> None:
        """Keep what only helps: definitions as they are served, of the rest no secret that a program sent."""
        try:
            self._directory.write_extra(name, value if name == "definitions" else _hidden(value))
        except AndonError as problem:
            self._tell(f"{name} could not be kept: {problem}")


def _held(kept: Any, after: int) -> tuple[int, set[str]]:
    """Return the newest version of another history, and who has one, as an earlier server kept them.

    Nothing, once a server is told to number above it.
    """
    match kept:
        case {"version": int(version), "processes": list(processes)} if version > 0 and after < version:
            return version, {process for process in processes if isinstance(process, str)}
    return 0, set()


def _hidden(value: Any) -> Any:
    """Return names of processes and keys that nobody defined without secrets: applications made them up."""
    if isinstance(value, str):
        return hidden(value)
    if isinstance(value, list):
        return [_hidden(part) for part in value]
    if isinstance(value, dict):
        return {hidden(key): _hidden(part) for key, part in value.items()}
    return value


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000
