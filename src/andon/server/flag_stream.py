"""The open streams: one encoded buffer per event, one write per client, nobody is waited for.

Events are written to the transports themselves. A client that does not read is dropped as soon as an event
finds more than a bounded rest of earlier ones before it; it comes back, and gets what it missed.
"""

from __future__ import annotations

from collections import deque

from andon.record import replace
from andon.server.flag_set import compact

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

    from andon.server.flag_set import Patch

#: Bytes that may wait unsent before a client when the next event comes.
UNSENT = 1 << 18
#: Patches, and their bytes, that are kept for clients which come back.
_RING, _RING_BYTES = 512, 1 << 23


class Stream:
    """One open stream."""

    __slots__ = ("allowed", "has", "name", "transport")

    def __init__(self, transport: asyncio.Transport, name: str) -> None:
        """Take the connection, and what to call who listens."""
        self.transport = transport
        self.name = name
        #: The version that is in force there, as far as it has to be known.
        self.has = 0
        #: Bytes that may wait now: more while a large set is on its way.
        self.allowed = UNSENT


class Streams:
    """All streams of one kind."""

    def __init__(self) -> None:
        """Start without any."""
        self._open: set[Stream] = set()
        self.is_closing = False
        #: Clients that were dropped because they did not read.
        self.dropped = 0

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def add(self, stream: Stream, first: bytes) -> None:
        """Send what a stream begins with, and everything that follows from here on."""
        if stream.transport.is_closing():
            return  # it hung up before it began
        stream.transport.write(first)
        stream.allowed = UNSENT + len(first)
        self._open.add(stream)

    def remove(self, stream: Stream) -> None:
        """Forget a stream that ended."""
        self._open.discard(stream)

    def send(self, event: bytes) -> None:
        """Write an event, framed by `chunk`, to every stream."""
        self._send(event, self._open)

    def send_patch(self, patch: Patch) -> None:
        """Write a change to every stream as one that follows what it has."""
        for stream in tuple(self._open):
            self._send(patch_event(replace(patch, previous=stream.has)), (stream,))
            stream.has = patch.version

    def _send(self, event: bytes, streams: Iterable[Stream]) -> None:
        slow = []
        most = UNSENT + (len(event) if len(event) > UNSENT else 0)
        for stream in streams:
            transport = stream.transport
            if transport.is_closing():
                continue
            unsent = transport.get_write_buffer_size()
            if unsent > stream.allowed:
                slow.append(stream)
                continue
            if unsent <= UNSENT:
                stream.allowed = most
            transport.write(event)
        for stream in slow:
            self.dropped += 1
            self._open.discard(stream)
            stream.transport.abort()

    def close(self) -> None:
        """End every stream in good order, and let no further one begin."""
        self.is_closing = True
        for stream in tuple(self._open):
            if stream.transport.is_closing():
                continue  # it hung up, and that has not been noticed yet
            if stream.transport.get_write_buffer_size() > UNSENT:
                stream.transport.abort()
            else:
                stream.transport.write(b"0\r\n\r\n")
                stream.transport.close()
        self._open.clear()


class Ring:
    """The newest patches, for clients that come back."""

    def __init__(self) -> None:
        """Start without any."""
        self._kept: deque[tuple[int, int, bytes]] = deque()
        self._bytes = 0

    def add(self, patch: Patch, framed: bytes) -> None:
        """Keep one; a change that no patch can carry empties the ring."""
        if patch.is_whole:
            self._kept.clear()
            self._bytes = 0
            return
        self._kept.append((patch.previous, patch.version, framed))
        self._bytes += len(framed)
        while self._kept and (len(self._kept) > _RING or self._bytes > _RING_BYTES):
            self._bytes -= len(self._kept.popleft()[2])

    def since(self, version: int) -> bytes | None:
        """Return all that came after `version`; None when that is not kept any more."""
        found = [framed for previous, _, framed in self._kept if previous >= version]
        if not found or not any(previous == version for previous, _, _ in self._kept):
            return None
        return b"".join(found)


# ---- how events look on the wire


def chunk(data: bytes) -> bytes:
    """Return data framed as one chunk of an HTTP/1.1 body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def put_event(version: int, whole: str) -> bytes:
    """Return the event that carries the whole set."""
    return _event("put", whole, version)


def patch_event(patch: Patch) -> bytes:
    """Return the event that carries one change."""
    told = {
        "version": patch.version,
        "previous": patch.previous,
        "flags": patch.flags,
        "removed": list(patch.removed),
        "operation": patch.operation,
    }
    return _event("patch", compact(told), patch.version)


def ping_event(version: int) -> bytes:
    """Return the event that says that the server lives, and which version is in force."""
    return _event("ping", f'{{"version":{version}}}')


def refetch_event(version: int, etag: str, changed: int) -> bytes:
    """Return OFREP's notification that evaluations have changed; `changed` in seconds since 1970."""
    told = {"type": "refetchEvaluation", "etag": etag, "lastModified": changed}
    return _event("message", compact(told), version)


def _event(name: str, data: str, version: int | None = None) -> bytes:
    number = "" if version is None else f"id: {version}\n"
    return chunk(f"event: {name}\n{number}data: {data}\n\n".encode())
