"""A reverse proxy on the loopback before the application: passes everything on, writes down what went by.

On request it holds answers back: of everything that no slowed-down browser asks for, and of single endpoints,
so that the answer to an older question comes after the answer to a newer one.
"""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, WSMsgType, web
from aiohttp.client_exceptions import ClientError
from multidict import CIMultiDict
from yarl import URL

from andon.errors import Unavailable
from andon.gaps.failure import endpoint_of
from andon.production.gap.front_record import Going, Record
from andon.production.gap.loop_thread import LoopThread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from typing import Self

    from aiohttp import ClientResponse
    from multidict import CIMultiDictProxy

    from andon.desk.ports_journal import Redactor
    from andon.gaps.beliefs import Exchange

HOST = "127.0.0.1"
#: By this header, which goes no further, Andon's own requests are known.
PROBE_HEADER = "X-Andon-Replay"
#: By this one, which goes no further either, those of a crowd.
CROWD_HEADER = "X-Andon-Crowd"
#: Headers that are of one connection, not of the message (RFC 9110, 7.6.1).
_OF_ONE_CONNECTION = frozenset(
    ("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
)
#: A browser sends this with each request to the loopback; a program that only calls itself one does not.
_OF_A_BROWSER = "Sec-Fetch-Mode"
#: What the client library would add by itself.
_NOT_ADDED = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
_OF_A_SERVER = ("Date", "Server", "Content-Type")
_CHUNK = 1 << 16


class Front:
    """A context manager: listens while it is entered. May be asked from any thread what went by."""

    def __init__(
        self,
        target: str,
        *,
        redactor: Redactor,
        latency: float = 0.0,
        delays: Collection[tuple[str, float]] = (),
        probe_header: str = PROBE_HEADER,
        kept: int = 2000,
    ) -> None:
        """Take the application's address, the milliseconds to hold answers back, and how many to remember.

        `latency` is for what is not asked by a browser: those are slowed down in themselves. `delays` are
        endpoints (`GET /search`) with milliseconds: an answer waits so long, but while one of an endpoint
        waits, newer ones of the same endpoint pass it.
        """
        self._target = target.rstrip("/")
        self._latency = latency / 1000
        self._delays = {endpoint: amount / 1000 for endpoint, amount in delays}
        self._probe_header = probe_header
        self._record = Record(redactor, kept)
        self._held: dict[str, int] = dict.fromkeys(self._delays, 0)
        self._waiting: set[str] = set()
        self._loop: LoopThread | None = None
        self._runner: web.ServerRunner | None = None
        self._session: ClientSession | None = None
        #: Its address, once entered.
        self.url = ""

    def __enter__(self) -> Self:
        """Begin to listen on a free port; raises Unavailable when none can be had."""
        self._loop = LoopThread("andon-front")
        self._loop.__enter__()
        try:
            port = self._loop.do(self._begin())
        except BaseException as error:
            self.__exit__()
            if isinstance(error, OSError):
                raise Unavailable(f"nothing can listen before the application: {error}") from error
            raise
        self.url = f"http://{HOST}:{port}"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening and close every connection."""
        if self._loop is None:
            return
        with contextlib.suppress(TimeoutError):
            self._loop.do(self._end())
        self._loop.__exit__(None, None, None)
        self._loop = None

    def exchanges(self) -> tuple[Exchange, ...]:
        """Return what went by, in the order in which it was asked; `resource` is `replay` for Andon's own."""
        return self._record.exchanges()

    @property
    def most_at_once(self) -> int:
        """Return how many requests were under way at once, at most."""
        return self._record.most_at_once

    @property
    def most_beside_tests(self) -> int:
        """Return how many went at once while the tests ran, a crowd's and theirs."""
        return self._record.most_beside_tests()

    @property
    def requests(self) -> int:
        """Return how many requests came, also of those that are not remembered."""
        return self._record.requests

    def held(self, endpoint: str) -> int:
        """Return how many answers of an endpoint of `delays` were held back."""
        return self._held.get(endpoint, 0)

    # -- in the loop

    async def _begin(self) -> int:
        self._session = ClientSession(
            auto_decompress=False,
            cookie_jar=DummyCookieJar(),
            connector=TCPConnector(limit=0, force_close=True),
            timeout=ClientTimeout(total=None),
            skip_auto_headers=_NOT_ADDED,
            max_line_size=1 << 16,
            max_field_size=1 << 16,
        )
        server = web.Server(self._pass, access_log=None)
        self._runner = runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, HOST, 0, backlog=1024).start()
        port: int = runner.addresses[0][1]
        return port

    async def _end(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _pass(self, request: web.BaseRequest) -> web.StreamResponse:
        going = self._record.begin(
            request.method,
            request.raw_path,
            is_replay=self._probe_header in request.headers,
            is_crowd=CROWD_HEADER in request.headers,
        )
        try:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._web_socket(request, going)
            return await self._exchange(request, going)
        except (TimeoutError, ClientError, OSError) as problem:
            going.problem = type(problem).__name__
            # As the application does to its client: no answer that it did not give.
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=502)
        finally:
            self._record.end(going)

    async def _exchange(self, request: web.BaseRequest, going: Going) -> web.StreamResponse:
        assert self._session is not None  # noqa: S101 - it is entered
        answer = await self._session.request(
            request.method,
            URL(self._target + request.raw_path, encoded=True),
            headers=self._headers(request),
            data=self._sent(request, going) if request.body_exists else None,
            allow_redirects=False,
        )
        async with answer:
            going.answered(answer.status, answer.headers)
            await self._hold(request, going)
            return await self._answer(request, answer, going)

    def _headers(self, request: web.BaseRequest) -> CIMultiDict[str]:
        return _passed_on(request.headers, without=self._own_headers())

    def _own_headers(self) -> tuple[str, str]:
        return (self._probe_header.lower(), CROWD_HEADER.lower())

    async def _sent(self, request: web.BaseRequest, going: Going) -> AsyncIterator[bytes]:
        async for chunk in request.content.iter_chunked(_CHUNK):
            going.sent += chunk if len(going.sent) < _CHUNK else b""
            yield chunk

    async def _hold(self, request: web.BaseRequest, going: Going) -> None:
        """Hold the answer back; while one of an endpoint waits, newer ones pass it."""
        if self._latency and _OF_A_BROWSER not in request.headers:
            await asyncio.sleep(self._latency)
        endpoint = endpoint_of(request.method, request.raw_path)
        wait = self._delays.get(endpoint, 0.0)
        if not wait or endpoint in self._waiting or going.is_replay:
            return
        self._waiting.add(endpoint)
        self._held[endpoint] += 1
        try:
            await asyncio.sleep(wait)
        finally:
            self._waiting.discard(endpoint)

    async def _answer(
        self, request: web.BaseRequest, answer: ClientResponse, going: Going
    ) -> web.StreamResponse:
        response = _AsItIs(status=answer.status, reason=answer.reason, headers=_passed_on(answer.headers))
        await response.prepare(request)
        async for chunk in answer.content.iter_any():
            going.add(chunk)
            await response.write(chunk)
        await response.write_eof()
        return response

    # -- sockets

    async def _web_socket(self, request: web.BaseRequest, going: Going) -> web.StreamResponse:
        assert self._session is not None  # noqa: S101 - it is entered
        wanted = [
            one.strip() for one in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if one.strip()
        ]
        headers = _passed_on(request.headers, without=self._own_headers(), prefix="sec-websocket-")
        async with self._session.ws_connect(
            URL(self._target + request.raw_path, encoded=True),
            headers=headers,
            protocols=wanted,
            max_msg_size=0,
            autoping=False,
            autoclose=False,
        ) as theirs:
            going.status = 101
            chosen = (theirs.protocol,) if theirs.protocol else ()
            ours = web.WebSocketResponse(protocols=chosen, max_msg_size=0, autoping=False, autoclose=False)
            await ours.prepare(request)
            ways = [asyncio.ensure_future(_carry(ours, theirs)), asyncio.ensure_future(_carry(theirs, ours))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
            await ours.close(code=theirs.close_code or 1000)
            return ours


class _AsItIs(web.StreamResponse):
    """An answer without the headers that aiohttp would put in: the application sent them, or it did not."""

    async def _prepare_headers(self) -> None:
        own = {name.lower() for name in self.headers}
        await super()._prepare_headers()
        for name in _OF_A_SERVER:
            if name.lower() not in own:
                self.headers.popall(name, None)


async def _carry(source: object, sink: object) -> None:
    """Carry the messages of one direction until it is closed."""
    while True:
        message = await source.receive()  # type: ignore[attr-defined]  # either end of a WebSocket
        match message.type:
            case WSMsgType.TEXT:
                await sink.send_str(message.data)  # type: ignore[attr-defined]
            case WSMsgType.BINARY:
                await sink.send_bytes(message.data)  # type: ignore[attr-defined]
            case WSMsgType.PING:
                await sink.ping(message.data)  # type: ignore[attr-defined]
            case WSMsgType.PONG:
                await sink.pong(message.data)  # type: ignore[attr-defined]
            case WSMsgType.CLOSE:
                await sink.close(code=message.data or 1000, message=(message.extra or "").encode())  # type: ignore[attr-defined]
                return
            case _:
                return


def _passed_on(
    headers: CIMultiDictProxy[str], *, without: Collection[str] = (), prefix: str = ""
) -> CIMultiDict[str]:
    """Return the headers of a message without those of the connection it came by."""
    named = {word.strip().lower() for value in headers.getall("Connection", ()) for word in value.split(",")}
    left_out = _OF_ONE_CONNECTION | named | set(without)
    kept: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        if name.lower() not in left_out and not (prefix and name.lower().startswith(prefix)):
            kept.add(name, value)
    return kept
