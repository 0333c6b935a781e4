"""The front before the application: everything passes as it is, and what went by is known."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, WSMsgType, web

from andon.gaps.beliefs import Exchange
from andon.production.gap.front import CROWD_HEADER, PROBE_HEADER, Front
from andon.production.gap.loop_thread import LoopThread
from andon.secrets.redaction import PatternRedactor
from tests.fakes.flag_stream import until

CANARIES = tuple(f"canary-{n}-Hq3vT{n}pRw" for n in range(10))


class Application:
    """An aiohttp application in a thread, which remembers what it got."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.go_on = threading.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.got.append(
            {
                "method": request.method,
                "path": request.raw_path,
                "headers": request.headers.copy(),
                "body": body,
            }
        )
        match request.path:
            case "/socket":
                return await self._socket(request)
            case "/stream":
                return await self._stream(request)
            case "/gone":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case "/packed":
                content = gzip.compress(b'{"packed": true}')
                return web.Response(
                    body=content, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"}
                )
            case "/cookies":
                made = web.Response(status=302, headers={"Location": "/elsewhere"})
                made.headers.add("Set-Cookie", f"a={CANARIES[0]}")
                made.headers.add("Set-Cookie", f"b={CANARIES[1]}")
                return made
            case "/tells":
                return web.json_response(
                    {"token": CANARIES[2], "fine": 1}, headers={"X-Api-Key": CANARIES[3]}
                )
            case "/picture":
                return web.Response(body=bytes(range(256)) * 4000, content_type="image/png")
            case "/bare":
                assert request.transport is not None
                request.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Own: 1\r\n\r\nbare")
                request.transport.close()
                return web.Response()
            case "/nothing":
                return web.Response(status=304)
        return web.Response(text=f"{request.method} {request.path_qs} {len(body)}")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        ours = web.WebSocketResponse(protocols=("shop.v2",))
        await ours.prepare(request)
        async for message in ours:
            if message.type == WSMsgType.TEXT:
                if message.data == "bye":
                    await ours.close(code=4001, message=b"as you wish")
                    break
                await ours.send_str(message.data.upper())
            elif message.type == WSMsgType.BINARY:
                await ours.send_bytes(message.data[::-1])
        return ours

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        made = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await made.prepare(request)
        await made.write(b"data: one\n\n")
        while not self.go_on.is_set():
            await asyncio.sleep(0.005)
        await made.write(b"data: two\n\n")
        return made


@contextmanager
def served(**options: Any) -> Iterator[tuple[Front, Application]]:
    application = Application()

    async def begin() -> tuple[web.AppRunner, int]:
        own = web.Application(client_max_size=1 << 26)
        own.router.add_route("*", "/{rest:.*}", application.answer)
        runner = web.AppRunner(own, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner, runner.addresses[0][1]

    redactor = PatternRedactor(known=[one.encode() for one in CANARIES])
    with LoopThread("application") as loop:
        runner, port = loop.do(begin())
        try:
            with Front(f"http://127.0.0.1:{port}", redactor=redactor, **options) as front:
                yield front, application
        finally:
            application.go_on.set()
            loop.do(runner.cleanup())


def ask(
    front: Front, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    parts = urlsplit(front.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def seen(front: Front, count: int) -> tuple[Exchange, ...]:
    """Return the exchanges once there are so many: the last byte is there before the front has noted it."""
    until(lambda: len(front.exchanges()) >= count)
    return front.exchanges()


def test_a_request_passes_as_it_is_and_nothing_is_added() -> None:
    with served() as (front, application):
        path = "/a%2Fb/%C3%BC?q=%C3%A4&q=2"
        answer, body = ask(front, path, "PUT", b"x" * 100_000, X_Own="1", **{PROBE_HEADER: "1"})
        got = application.got[0]
        assert answer.status == 200
        assert body.endswith(b" 100000")
        assert got["path"] == path
        assert got["headers"]["Host"] == urlsplit(front.url).netloc
        assert got["headers"]["Content-Length"] == "100000"
        assert set(got["headers"]) <= {"Host", "Accept-Encoding", "Content-Length", "X-Own", "Connection"}
        (one,) = seen(front, 1)
        assert (one.method, one.path, one.status, one.resource) == ("PUT", got["path"], 200, "replay")


def test_what_aiohttp_would_change_in_an_answer_stays() -> None:
    with served() as (front, _):
        packed, body = ask(front, "/packed")
        assert (packed.headers["Content-Encoding"], gzip.decompress(body)) == ("gzip", b'{"packed": true}')
        redirect, _body = ask(front, "/cookies")
        assert (redirect.status, redirect.headers["Location"]) == (302, "/elsewhere")
        assert len(redirect.headers.get_all("Set-Cookie", [])) == 2
        assert ask(front, "/nothing")[0].status == 304
        head, body = ask(front, "/picture", "HEAD")
        assert (head.headers["Content-Length"], body) == (str(256 * 4000), b"")
        assert ask(front, "/picture")[1] == bytes(range(256)) * 4000
        exchanges = seen(front, 5)
        assert exchanges[0].answer == '{"packed": true}'
        assert exchanges[4].answer == ""


def test_an_answer_gets_no_header_that_it_did_not_have() -> None:
    with served() as (front, _):
        answer, body = ask(front, "/bare")
        assert (sorted(answer.headers.items()), body) == ([("Content-Length", "4"), ("X-Own", "1")], b"bare")


def test_a_stream_passes_piece_by_piece() -> None:
    with (
        served() as (front, application),
        urllib.request.urlopen(f"{front.url}/stream", timeout=10) as answer,
    ):
        assert answer.readline() == b"data: one\n"
        application.go_on.set()
        assert b"data: two\n" in answer.read()


def test_a_web_socket_passes_both_ways() -> None:
    async def talk(url: str) -> list[Any]:
        async with (
            ClientSession() as session,
            session.ws_connect(f"{url}/socket", protocols=("shop.v2",)) as ours,
        ):
            await ours.send_str("hello")
            await ours.send_bytes(b"abc")
            said: list[Any] = [ours.protocol, await ours.receive_str(), await ours.receive_bytes()]
            await ours.send_str("bye")
            last = await ours.receive()
            return [*said, last.type, ours.close_code]

    with served() as (front, _):
        assert asyncio.run(talk(front.url)) == ["shop.v2", "HELLO", b"cba", WSMsgType.CLOSE, 4001]
        assert seen(front, 1)[0].status == 101


def test_an_application_that_hangs_up_does_so_to_its_client_too() -> None:
    with served() as (front, _):
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            ask(front, "/gone")
        (one,) = seen(front, 1)
        assert (one.status, bool(one.problem)) == (0, True)


def test_an_application_that_is_not_there_answers_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Front(f"http://127.0.0.1:{port}", redactor=PatternRedactor()) as front:
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            ask(front, "/")
        assert seen(front, 1)[0].problem == "ClientConnectorError"


def test_no_credential_is_written_down() -> None:
    with served() as (front, _):
        ask(front, "/cookies", Cookie=f"s={CANARIES[4]}", Authorization=f"Bearer {CANARIES[5]}")
        ask(
            front,
            f"/tells?key={CANARIES[6]}",
            "POST",
            f"pass={CANARIES[7]}".encode(),
            Content_Type="text/plain",
        )
        exchanges = seen(front, 2)
        assert not [canary for canary in CANARIES if canary in repr(exchanges)]
        assert '"fine": 1' in exchanges[1].answer
        assert exchanges[1].sent.startswith("pass=")


def test_how_many_were_under_way_at_once_is_counted() -> None:
    with served() as (front, application):
        threads = [threading.Thread(target=ask, args=(front, "/stream")) for _ in range(5)]
        for thread in threads:
            thread.start()
        until(lambda: front.most_at_once == 5)
        application.go_on.set()
        for thread in threads:
            thread.join()
        assert front.requests == 5


def test_only_what_no_browser_asks_is_slowed_down() -> None:
    with served(latency=1500.0) as (front, _):
        ask(front, "/plain")
        ask(front, "/page", Sec_Fetch_Mode="navigate")
        plain, page = seen(front, 2)
        assert plain.seconds >= 1.5 > page.seconds


def test_while_one_answer_is_held_back_newer_ones_pass_it() -> None:
    with served(delays=(("GET /search", 2000.0), ("GET /none", 2000.0))) as (front, _):
        first = threading.Thread(target=ask, args=(front, "/search?q=a"))
        first.start()
        until(lambda: front.held("GET /search") == 1)
        ask(front, "/search?q=ab")
        ask(front, "/other")
        ask(front, "/search?q=mine", **{PROBE_HEADER: "1"})
        assert first.is_alive()
        first.join()
        by = {one.path: one.seconds for one in seen(front, 4)}
        assert by["/search?q=a"] >= 2.0 > by["/search?q=ab"]
        assert (front.held("GET /search"), front.held("GET /none"), front.held("GET /other")) == (1, 0, 0)


def test_a_crowd_is_told_from_the_tests_and_counts_while_they_run() -> None:
    with served() as (front, application):
        crowd = [
            threading.Thread(target=ask, args=(front, "/stream"), kwargs={CROWD_HEADER: "1"})
            for _ in range(3)
        ]
        for thread in crowd:
            thread.start()
        until(lambda: front.most_at_once == 3)
        assert front.most_beside_tests == 3  # the tests asked for nothing
        ask(front, "/a-test")
        assert front.most_beside_tests == 4
        application.go_on.set()
        for thread in crowd:
            thread.join()
        assert front.most_beside_tests == 4
        assert not any(CROWD_HEADER in got["headers"] for got in application.got)


def test_a_crowd_leaves_room_for_what_the_tests_ask_for() -> None:
    with served(kept=4) as (front, _):
        for number in range(5):
            ask(front, f"/many/{number}", **{CROWD_HEADER: "1"})
        ask(front, "/a-test")
        assert [one.path for one in seen(front, 3)] == ["/many/0", "/many/1", "/a-test"]


def test_andons_own_request_is_neither_of_the_crowd_nor_of_the_tests() -> None:
    with served() as (front, _):
        ask(front, "/once", **{PROBE_HEADER: "1"})
        ask(front, "/many", **{CROWD_HEADER: "1"})
        assert front.most_beside_tests == 1
        ask(front, "/a-test")
        assert front.most_beside_tests == 2


def test_nothing_listens_after_it_was_left() -> None:
    with served() as (front, _):
        address = urlsplit(front.url)
    with (
        pytest.raises(ConnectionError),
        socket.create_connection((address.hostname or "", address.port or 0), 2),
    ):
        pass
