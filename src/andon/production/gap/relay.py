"""A TCP relay on the loopback that is as slow as a link between machines: latency, and bytes a second.

The application gets the relay's address instead of its database's or of a service's.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

from andon.errors import Unavailable
from andon.production.gap.loop_thread import LoopThread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

HOST = "127.0.0.1"
_CHUNK = 1 << 16
#: Chunks of one direction that may be on their way at once; more waits at the sender, as on a real link.
_ON_THE_WAY = 256
#: Seconds for reaching the target.
_CONNECT = 10.0
#: SO_LINGER that makes closing a socket a reset.
_RESET = struct.pack("ii", 1, 0)


class Relay:
    """A context manager: relays from a free port of the loopback to one target while it is entered."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        latency: float = 0.0,
        down: float = 0.0,
        up: float = 0.0,
        wanted: int = 0,
    ) -> None:
        """Take the target (a `host` that begins with / is the directory of a PostgreSQL socket, or a socket).

        `latency` is in milliseconds there and back: half of it is put on each way, and a connection takes all
        of it before its first byte moves, as a handshake does. `down` and `up` are bytes a second from and to
        the target, 0 for as fast as it goes. `wanted` is the port to listen on; one that is in use, or 0, is
        another that is free.
        """
        self._host, self._target_port = host, port
        self._one_way = latency / 2000
        self._down, self._up, self._wanted = down, up, wanted
        self._loop: LoopThread | None = None
        self._server: asyncio.Server | None = None
        #: Where it listens, once entered.
        self.port = 0
        #: What went through since it was entered.
        self.connections = self.bytes_up = self.bytes_down = 0
        #: Connections that are open now, and those whose target could not be reached.
        self.open = self.refused = 0

    @property
    def address(self) -> str:
        """Host and port, as in an address."""
        return f"{HOST}:{self.port}"

    def __enter__(self) -> Self:
        """Begin to listen; raises Unavailable when no port of the loopback can be had."""
        self._loop = LoopThread("andon-relay")
        self._loop.__enter__()
        try:
            self._loop.do(self._listen())
        except BaseException as error:
            self._loop.__exit__(None, None, None)
            if isinstance(error, OSError):
                raise Unavailable(f"no relay can listen on this machine: {error}") from error
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection and stop listening."""
        assert self._loop is not None  # noqa: S101 - it was entered
        with contextlib.suppress(TimeoutError):
            self._loop.do(self._stop())
        self._loop.__exit__(None, None, None)

    async def _listen(self) -> None:
        try:
            self._server = await asyncio.start_server(self._relay, HOST, self._wanted, limit=_CHUNK)
        except OSError:
            if not self._wanted:
                raise
            self._server = await asyncio.start_server(self._relay, HOST, 0, limit=_CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Python 3.11 logs a server's connection that ends cancelled as if nobody had expected it.
        with contextlib.suppress(asyncio.CancelledError):
            await self._one(reader, writer)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        target: asyncio.StreamWriter | None = None
        try:
            await asyncio.sleep(2 * self._one_way)
            answers, reached = await asyncio.wait_for(self._connect(), _CONNECT)
            target = reached
            _at_once(writer)
            _at_once(reached)
            await self._both_ways(reader, reached, answers, writer)
        except (OSError, TimeoutError):
            if target is None:
                self.refused += 1
            for one in (writer, target):
                _reset(one)
        finally:
            self.open -= 1
            for one in (writer, target):
                if one is not None:
                    one.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._host.startswith("/"):
            path = self._host if not self._target_port else f"{self._host}/.s.PGSQL.{self._target_port}"
            return await asyncio.open_unix_connection(path, limit=_CHUNK)
        return await asyncio.open_connection(self._host, self._target_port, limit=_CHUNK)

    async def _both_ways(
        self,
        asked: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        answers: asyncio.StreamReader,
        client: asyncio.StreamWriter,
    ) -> None:
        ways = [
            asyncio.ensure_future(self._carry(asked, target, self._up, "bytes_up")),
            asyncio.ensure_future(self._carry(answers, client, self._down, "bytes_down")),
        ]
        try:
            await asyncio.gather(*ways)  # a reset of one side ends both at once
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, rate: float, counter: str
    ) -> None:
        """Carry one direction to its end, which is passed on as a half-close."""
        line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_ON_THE_WAY)
        reading = asyncio.ensure_future(self._read(source, line, rate, counter))
        try:
            while True:
                due, chunk = await self._next(line, reading)
                await _until(due)
                if not chunk:
                    break
                sink.write(chunk)
                await sink.drain()
            if sink.can_write_eof():
                sink.write_eof()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _next(
        self, line: asyncio.Queue[tuple[float, bytes]], reading: asyncio.Future[None]
    ) -> tuple[float, bytes]:
        """Return what arrives next; raises what ended the reading once everything before it was carried."""
        getting = asyncio.ensure_future(line.get())
        both: set[asyncio.Future[Any]] = {getting, reading}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not getting.done() and line.empty():
            getting.cancel()
            await asyncio.sleep(self._one_way)  # a reset needs its time too
            reading.result()
        return await getting

    async def _read(
        self,
        source: asyncio.StreamReader,
        line: asyncio.Queue[tuple[float, bytes]],
        rate: float,
        counter: str,
    ) -> None:
        loop = asyncio.get_running_loop()
        free = 0.0  # when the line has sent what it was given
        size = min(_CHUNK, max(int(rate / 20), 1024)) if rate else _CHUNK
        while True:
            chunk = await source.read(size)
            setattr(self, counter, getattr(self, counter) + len(chunk))
            if rate:
                free = max(free, loop.time()) + len(chunk) / rate
            await line.put((max(free, loop.time()) + self._one_way, chunk))
            if not chunk:
                return


async def _until(moment: float) -> None:
    wait = moment - asyncio.get_running_loop().time()
    if wait > 0:
        await asyncio.sleep(wait)


def _at_once(writer: asyncio.StreamWriter) -> None:
    """Send small pieces at once: latency is ours to give, not Nagle's."""
    held = writer.get_extra_info("socket")
    if held is not None and held.family in (socket.AF_INET, socket.AF_INET6):
        held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _reset(writer: asyncio.StreamWriter | None) -> None:
    if writer is None:
        return
    held = writer.get_extra_info("socket")
    if held is not None and held.family in (socket.AF_INET, socket.AF_INET6):
        with contextlib.suppress(OSError):
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
