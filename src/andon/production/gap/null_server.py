"""A server that does nothing: what the load generator reaches against it is the generator's own ceiling."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
#: Bytes of an unfinished request that are kept; nobody but the generator speaks to it.
_LARGEST = 1 << 20


class _Nothing(asyncio.Protocol):
    """One connection: every whole request is answered at once, with two bytes."""

    def __init__(self, there: set[asyncio.Transport]) -> None:
        self._there = there
        self._got = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):  # it is: the server is one of streams
            self._transport = transport
            self._there.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio gives it
        if self._transport is not None:
            self._there.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (size := _whole(self._got)) and self._transport is not None:
            self._got = self._got[size:]
            self._transport.write(_ANSWER)
        if len(self._got) > _LARGEST and self._transport is not None:
            self._transport.abort()


def _whole(got: bytes) -> int:
    """Return the length of the first request when all of it is there, else 0."""
    end = got.find(b"\r\n\r\n")
    if end < 0:
        return 0
    length = _LENGTH.search(got, 0, end + 2)
    size = end + 4 + (int(length[1]) if length else 0)
    return size if len(got) >= size else 0


@contextlib.contextmanager
def null_server() -> Iterator[str]:
    """Serve nothing on a free loopback port, in a thread of its own; yields the address."""
    there: set[asyncio.Transport] = set()
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: _Nothing(there), "127.0.0.1", 0))
    port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, name="andon-gap-null", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(_closed(server, there), loop).result(5.0)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5.0)
        loop.close()


async def _closed(server: asyncio.Server, there: set[asyncio.Transport]) -> None:
    server.close()
    for transport in tuple(there):
        transport.abort()
    await server.wait_closed()
