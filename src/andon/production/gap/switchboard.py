"""An HTTP server on the loopback that stands for every outside service, a port for each.

It answers as the service does in the tests' world, as in production, or with some places of an answer from
either. What it was asked is counted: an application that never asks it was not flipped.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web
from multidict import CIMultiDict

from andon.errors import Unavailable
from andon.gaps.dependency.answers import Answer, endpoint, without_base
from andon.gaps.dependency.blend import ANSWER, mixed
from andon.production.gap.loop_thread import LoopThread
from andon.production.gap.own_address import as_own
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol, Self

    class Source(Protocol):
        """One world's service."""

        #: True when an answer has to be waited for.
        blocks: bool

        def answer(self, method: str, path: str, headers: Mapping[str, str], sent: bytes) -> Answer | str:
            """Return the answer to a request below the base path, or why there is none."""


HOST = "127.0.0.1"
_LARGEST = 32 << 20
#: Seconds that a service which never answers is waited for.
_NEVER = 300.0
#: Requests to live services at once.
_AT_ONCE = 64
_RESET = struct.pack("ii", 1, 0)


class Choice(Record):
    """What of a service is as in production: all, some endpoints, some places of endpoints' answers."""

    whole: bool = False
    endpoints: frozenset[str] = frozenset()
    places: tuple[tuple[str, str], ...] = ()

    def at(self, name: str) -> frozenset[str]:
        """Return the places that are as in production in the answers of an endpoint."""
        if self.whole or name in self.endpoints:
            return frozenset((ANSWER,))
        return frozenset(place for where, place in self.places if where == name)


class Line(Record):
    """A service as the switchboard stands for it."""

    name: str
    #: The path that the application puts before all of its own, and the one known to be the service's.
    prefix: str = ""
    base: str = ""
    test: Source | None = None
    production: Source | None = None
    choice: Choice = Choice()
    #: Seconds that each answer is held back.
    delay: float = 0.0
    #: The service's own addresses and base paths, which become the switchboard's in what it answers.
    origins: tuple[tuple[str, str], ...] = ()


class Asked(Record):
    """A request that the switchboard got."""

    name: str
    endpoint: str
    #: `test`, `production`, `both`; "" for one that nothing was known to answer.
    answered_as: str
    told: str = ""


class Switchboard:
    """A context manager: stands for the services while it is entered."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        """Take the services."""
        self._lines = lines
        self._loop = LoopThread("andon-switchboard")
        self._runners: list[web.AppRunner] = []
        self._ports: dict[str, int] = {}
        #: What it was asked, in order.
        self.asked: list[Asked] = []

    def __enter__(self) -> Self:
        """Begin to answer; raises Unavailable when no port can be had."""
        self._loop.__enter__()
        try:
            self._loop.do(self._make_room())
            for line in self._lines:
                self._ports[line.name] = self._loop.do(self._serve(line))
        except BaseException as error:
            self.__exit__(None, None, None)
            if isinstance(error, OSError):
                raise Unavailable(f"nothing can listen on this machine: {error}") from error
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop answering; what is held back is given up."""
        with contextlib.suppress(TimeoutError):
            self._loop.do(self._stop())
        self._loop.__exit__(None, None, None)

    def address(self, name: str) -> str:
        """Return the address by which an application reaches a service, with its base path."""
        prefix = next(line.prefix for line in self._lines if line.name == name)
        return f"http://{HOST}:{self._ports[name]}{prefix}"

    async def _make_room(self) -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_AT_ONCE, "andon-upstream"))

    async def _serve(self, line: Line) -> int:
        app = web.Application(client_max_size=_LARGEST)

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(line, request)

        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(
            app, access_log=None, handle_signals=False, handler_cancellation=True, shutdown_timeout=0.1
        )
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, HOST, 0)
        await site.start()
        port: int = runner.addresses[0][1]
        return port

    async def _stop(self) -> None:
        for runner in self._runners:
            await runner.cleanup()

    async def _handle(self, line: Line, request: web.Request) -> web.StreamResponse:
        path = without_base(request.raw_path, line.base)
        sent = await request.read()
        if line.delay:
            await asyncio.sleep(line.delay)
        if any(source is not None and source.blocks for source in (line.test, line.production)):
            answer = await asyncio.to_thread(self._answer, line, request, path, sent)
        else:
            answer = self._answer(line, request, path, sent)
        if answer.delay:
            await asyncio.sleep(answer.delay)
        return await _given(request, as_own(answer, _addresses(line, f"http://{request.host}")))

    def _answer(self, line: Line, request: web.Request, path: str, sent: bytes) -> Answer:
        name = endpoint(request.method, path)
        chosen = line.choice.at(name)
        told = ""
        found: dict[str, Answer] = {}
        for world, source in (("test", line.test), ("production", line.production)):
            if (
                source is None
                or (world == "production" and not chosen)
                or (world == "test" and ANSWER in chosen)
            ):
                continue
            got = source.answer(request.method, path, request.headers, sent)
            if isinstance(got, Answer):
                found[world] = got
            else:
                told = told or got
        if ANSWER in chosen and not found and line.test is not None:
            got = line.test.answer(request.method, path, request.headers, sent)
            if isinstance(got, Answer):
                found["test"] = got
        if len(found) == 2:
            self.asked.append(Asked(name=line.name, endpoint=name, answered_as="both"))
            return mixed(found["test"], found["production"], chosen)
        for world, answer in found.items():
            self.asked.append(Asked(name=line.name, endpoint=name, answered_as=world, told=told))
            return answer
        if request.method == "OPTIONS":
            return _preflight(request)
        told = told or f"nothing is recorded of {name}"
        self.asked.append(Asked(name=line.name, endpoint=name, answered_as="", told=told))
        return _unknown(line.name, told)


def _addresses(line: Line, own: str) -> tuple[tuple[str, str], ...]:
    """Return the service's addresses with what stands for them here, the longest first."""
    pairs = [(origin + base, own + line.prefix if base else own) for origin, base in line.origins]
    pairs += [(origin, own) for origin, base in line.origins if base]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _preflight(request: web.Request) -> Answer:
    """Answer a browser that asks whether it may ask: of a recording nobody knows, and it is not the gap."""
    return Answer(
        status=204,
        headers=(
            ("access-control-allow-origin", request.headers.get("Origin", "*")),
            ("access-control-allow-methods", request.headers.get("Access-Control-Request-Method", "GET")),
            ("access-control-allow-headers", request.headers.get("Access-Control-Request-Headers", "*")),
            ("access-control-allow-credentials", "true"),
        ),
    )


def _unknown(name: str, told: str) -> Answer:
    return Answer(
        status=502,
        headers=(("content-type", "text/plain; charset=utf-8"),),
        body=f"Andon stands for {name} here, and cannot answer: {told}\n".encode(),
    )


async def _given(request: web.Request, answer: Answer) -> web.StreamResponse:
    if answer.problem == "timeout":
        await asyncio.sleep(_NEVER)
    if answer.problem and answer.problem != "cut":
        _break_off(request)
    headers = [(name, value) for name, value in answer.headers if name != "content-length"]
    if answer.problem == "cut":
        response = web.StreamResponse(status=answer.status, headers=_multi(headers))
        response.content_length = len(answer.body) + 1
        await response.prepare(request)
        await response.write(answer.body[: len(answer.body) // 2])
        _break_off(request)
    return web.Response(status=answer.status, headers=_multi(headers), body=answer.body)


def _multi(headers: list[tuple[str, str]]) -> CIMultiDict[str]:
    return CIMultiDict(headers)


def _break_off(request: web.Request) -> None:
    """End the connection with a reset."""
    transport = request.transport
    if transport is None:
        return
    held = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
