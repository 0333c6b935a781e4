"""The server's own interface, `/flags/v1`: streams, overrides, confirmations, processes, counts."""

from __future__ import annotations

import re
import time
from functools import partial
from typing import TYPE_CHECKING

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from andon.errors import InvalidInput, NotFound, Unavailable
from andon.flags.overrides import KILL, ROLLOUT, from_plain, to_plain
from andon.server.flag_access import body_of, let_in, may
from andon.server.flag_stream import Stream

if TYPE_CHECKING:
    from typing import Any

    from starlette.types import Receive, Scope, Send

    from andon.server.flag_access import Access
    from andon.server.flag_service import Done, FlagService

#: Bytes of an override, and of one process's counts, at most.
_OVERRIDE, _COUNTS = 1 << 16, 1 << 20
#: Where processes confirm.
CONFIRM = "/flags/v1/acknowledgements"
#: Versions are exact in every language's JSON below this.
LARGEST = 1 << 53
_IDENTITY = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class FlagKey(Convertor[str]):
    """The rest of a path, whatever characters it has: Starlette's own ends at a newline."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Return it as it is."""
        return value


register_url_convertor("flag", FlagKey())


def flag_routes(service: FlagService, access: Access) -> list[Route]:
    """Return the routes of the interface."""
    api = FlagApi(service, access)
    return [
        Route("/flags/v1/stream", FlagStream(service, access), methods=["GET"]),
        Route(CONFIRM, partial(acknowledge, service, access), methods=["POST"]),
        Route("/flags/v1/flags", api.flags, methods=["GET"]),
        Route("/flags/v1/overrides", api.put, methods=["PUT"]),
        Route("/flags/v1/overrides/{layer}/{key:flag}", api.take, methods=["DELETE"]),
        Route("/flags/v1/confirmations/{version}", api.confirmations, methods=["GET"]),
        Route("/flags/v1/processes", api.processes, methods=["GET"]),
        Route("/flags/v1/usage", api.usage, methods=["GET"]),
        Route("/flags/v1/health", api.health, methods=["GET"]),
    ]


class FlagApi:
    """The endpoints that answer and end."""

    def __init__(self, service: FlagService, access: Access) -> None:
        """Take the service, and who may use it."""
        self._service = service
        self._access = access

    async def flags(self, request: Request) -> Response:
        """Return the whole set: as clients have it, and for the admin token its layers."""
        let_in(self._access, request, to_switch=False)
        set_ = self._service.set
        is_admin = may(self._access, request, to_switch=True)
        tag = f'"{set_.version}{"-layers" if is_admin else ""}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        answer: dict[str, Any] = {
            "version": set_.version,
            "document": {**set_.rest(), "flags": set_.flags},
            "overrides": [],
        }
        if is_admin:
            answer["definitions"] = set_.definitions
            answer["overrides"] = [
                {**to_plain(one.override), "version": one.version} for one in set_.placed.values()
            ]
        return JSONResponse(answer, headers={"etag": tag})

    async def put(self, request: Request) -> Response:
        """Put one override in force."""
        let_in(self._access, request, to_switch=True)
        override = from_plain(await body_of(request, _OVERRIDE), "the request")
        return _done(await self._service.put(override))

    async def take(self, request: Request) -> Response:
        """Take one override away."""
        let_in(self._access, request, to_switch=True)
        layer = request.path_params["layer"]
        if layer not in (KILL, ROLLOUT):
            raise InvalidInput(f"there is no layer {layer[:40]!r}: kill or rollout", rule="flag-override")
        key = last_part(request)
        asked = request.query_params
        done = await self._service.take(key, layer, asked.get("operation", ""), asked.get("only", ""))
        return _done(done)

    async def confirmations(self, request: Request) -> Response:
        """Wait for the confirmations of a version and return who has it."""
        let_in(self._access, request, to_switch=True)
        version = request.path_params["version"]
        if not version.isascii() or not version.isdigit() or len(version) > 19:
            raise NotFound(f"{version[:40]!r} is no version", rule="flag-version")
        try:
            wait = float(request.query_params.get("wait", "0"))
        except ValueError as problem:
            raise InvalidInput("wait is a number of seconds", rule="wait") from problem
        if wait != wait:
            raise InvalidInput("wait is a number of seconds", rule="wait")
        asked = await self._service.confirmations(int(version), wait)
        return JSONResponse({field: getattr(asked, field) for field in asked.__fields__})

    async def processes(self, request: Request) -> Response:
        """Return every process that is known."""
        let_in(self._access, request, to_switch=True)
        service = self._service
        return JSONResponse(
            {
                "version": service.set.version,
                "connected": service.processes.connected,
                "processes": service.processes.listed(),
            }
        )

    async def usage(self, request: Request) -> Response:
        """Return how often each variant was served."""
        let_in(self._access, request, to_switch=False)
        self._service.count_own()
        return JSONResponse(self._service.usage.plain())

    async def health(self, request: Request) -> Response:
        """Say that the server lives; to whoever may read, also what somebody should look at."""
        service = self._service
        problems = service.problems()
        answer: dict[str, Any] = {"status": "degraded" if problems else "ok"}
        if may(self._access, request):
            answer |= {
                "version": service.set.version,
                "flags": len(service.set.flags),
                "overrides": len(service.set.placed),
                "connected": service.processes.connected,
                "streams": len(service.streams) + len(service.held),
                "dropped": service.streams.dropped,
                "seconds": round(time.time() - service.started, 1),
                "findings": problems,
            }
        return JSONResponse(answer)


async def acknowledge(service: FlagService, access: Access, request: Request) -> Response:
    """Answer `POST /flags/v1/acknowledgements`."""
    let_in(access, request, to_switch=False)
    confirm(service, await body_of(request, _COUNTS))
    return Response(status_code=204)


def confirm(service: FlagService, body: Any) -> None:
    """Note what a process has, what it counted, and that it leaves; raises InvalidInput, Unavailable."""
    if not isinstance(body, dict):
        raise InvalidInput("an acknowledgement is a JSON object", rule="acknowledgement")
    identity, version, counts = _identity(body.get("process")), body.get("version", 0), body.get("counts", [])
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version < LARGEST:
        raise InvalidInput("version is no version", rule="acknowledgement")
    if not isinstance(counts, list):
        raise InvalidInput("counts is a list of [key, variant, count]", rule="acknowledgement")
    forked = _name(body.get("forked_from"))
    process = service.processes.acknowledge(identity, _name(body.get("name")), version, forked)
    if counts:
        service.usage.count(counts, service.set.definitions, time.time())
    if body.get("closing") is True:
        service.processes.goodbye(process)


class FlagStream:
    """`GET /flags/v1/stream`: raw ASGI, because an open stream has no response that ends."""

    def __init__(self, service: FlagService, access: Access) -> None:
        """Take the service, and who may listen."""
        self._service = service
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the set, then every change, until either side hangs up."""
        request = Request(scope, receive)
        let_in(self._access, request, to_switch=False)
        headers = request.headers
        identity, name = headers.get("andon-process", ""), _name(headers.get("andon-process-name"))
        last = headers.get("last-event-id", "")
        version = int(last) if last.isascii() and last.isdigit() and len(last) <= 16 else None
        transport = transport_of(scope, self._service.streams.is_closing)
        process = None
        if identity:
            process = self._service.processes.connect(_identity(identity), name, version or 0)
        stream = Stream(transport, name)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
            self._service.follow(stream, version, identity)
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._service.leave(stream)
            if process is not None:
                self._service.processes.disconnect(process)


def transport_of(scope: Scope, is_closing: bool) -> Any:
    """Return the connection of a request; raises Unavailable when no stream can begin."""
    transport = scope.get("state", {}).get("transport")
    if transport is None or is_closing:
        raise Unavailable("the server stops: no stream begins now", rule="flag-stream")
    return transport


def last_part(request: Request) -> str:
    """Return the flag's key at the end of the path: decoded once, with whatever characters it has."""
    from urllib.parse import unquote_to_bytes

    raw = request.scope.get("raw_path", b"")
    prefix = request.scope["path"][: -len(request.path_params["key"]) or None].encode()
    if raw.startswith(prefix):
        try:
            return unquote_to_bytes(raw[len(prefix) :]).decode()
        except UnicodeDecodeError as problem:
            raise NotFound("the key is not UTF-8", rule="flag") from problem
    return str(request.path_params["key"])


def _done(done: Done) -> Response:
    return JSONResponse({"version": done.version, "connected": done.connected, "changed": done.has_changed})


def _identity(given: object) -> str:
    if not isinstance(given, str) or not _IDENTITY.fullmatch(given):
        raise InvalidInput("a process is named by up to 64 letters and digits", rule="flag-process")
    return given


def _name(given: object) -> str:
    """Return a name without what could spoil a terminal; at most 120 characters."""
    return "".join(c for c in given[:120] if c.isprintable()) if isinstance(given, str) else ""
