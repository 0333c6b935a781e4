"""OFREP 0.3.0: single and bulk evaluation over HTTP, and notifications of changes, for any language's SDK.

Where this is wider than the published document: a request without a targeting key, or without a context, is
evaluated (a flag that needs none must not fail because of it), and the reason may be DEFAULT, which
OpenFeature knows and the document's list leaves out.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from andon.errors import InvalidInput, Unavailable
from andon.server.flag_access import body_of, has_ticket, let_in
from andon.server.flag_api import STREAM_HEADERS, last_part, transport_of
from andon.server.flag_set import compact
from andon.server.flag_stream import Stream

if TYPE_CHECKING:
    from typing import Any

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from andon.errors import AndonError
    from andon.flags.details import Details
    from andon.server.flag_access import Access
    from andon.server.flag_service import FlagService

PREFIX = "/ofrep/"
#: Bytes of a context at most.
_CONTEXT = 1 << 20
_SINGLE, _BULK = "/ofrep/v1/evaluate/flags/{key:flag}", "/ofrep/v1/evaluate/flags"
_EVENTS = "/ofrep/v1/events"
#: Texts of results that are kept.
_MADE = 10_000
#: Seconds without activity after which a browser may hang up, as the document's default has it.
_INACTIVE = 120
#: Error codes that the document knows; every other one of OpenFeature's is GENERAL there.
_CODES = ("PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL")
#: Targeting that reads the time: what it gives may change while the set and the context do not.
_CLOCK = "$flagd.timestamp"


def ofrep_routes(service: FlagService, access: Access) -> list[Route]:
    """Return the routes of the protocol."""
    ofrep = Ofrep(service, access)
    return [
        Route(_SINGLE, ofrep.single, methods=["POST"]),
        Route(_BULK, ofrep.bulk, methods=["POST"]),
        Route(_EVENTS, OfrepEvents(service, access), methods=["GET"]),
    ]


def is_ofrep(request: Request) -> bool:
    """Return whether errors have to look as the protocol says."""
    return request.url.path.startswith(PREFIX)


def ofrep_problem(request: Request, problem: AndonError) -> Response:
    """Return an error as the protocol has it."""
    if isinstance(problem, Unavailable):
        return JSONResponse({"errorDetails": problem.message}, 503, {"retry-after": "1"})
    code = {"body-json": "PARSE_ERROR", "flag-context": "INVALID_CONTEXT"}.get(problem.rule, "GENERAL")
    status = 413 if problem.rule == "body-size" else 400
    answer = {"errorCode": code, "errorDetails": problem.message}
    if "key" in request.path_params:
        answer = {"key": request.path_params["key"], **answer}
    headers = {"connection": "close"} if status == 413 else {}
    return JSONResponse(answer, status, headers)


class Ofrep:
    """The two evaluations."""

    def __init__(self, service: FlagService, access: Access) -> None:
        """Take the service, and who may ask."""
        self._service = service
        self._access = access
        self._reads_clock: tuple[int, bool] = (0, False)
        #: For results that the evaluator shares between evaluations: status and text, made once.
        self._made: dict[int, tuple[Details, int, str]] = {}

    async def single(self, request: Request) -> Response:
        """Evaluate one flag."""
        let_in(self._access, request, to_switch=False)
        key = last_part(request)
        context = await _context(request)
        status, answer = self._answer(key, context)
        return Response(answer, status, media_type="application/json")

    async def bulk(self, request: Request) -> Response:
        """Evaluate every flag; 304 when neither the set nor the context changed since the ETag."""
        let_in(self._access, request, to_switch=False)
        context = await _context(request)
        set_ = self._service.set
        tag = ""
        if not self._has_clock():
            drawn = json.dumps(context, sort_keys=True, separators=(",", ":")).encode()
            tag = f'"{set_.version}-{sha256(drawn).hexdigest()[:24]}"'
            if _matches(request, tag):
                return Response(status_code=304, headers={"etag": tag})
        flags = ",".join([self._answer(key, context)[1] for key in set_.flags])
        where = _EVENTS + (f"?ticket={ticket}" if (ticket := self._access.ticket()) else "")
        stream = {"type": "sse", "endpoint": {"requestUri": where}, "inactivityDelaySec": _INACTIVE}
        metadata = set_.document.get("metadata")
        told = {"eventStreams": [stream], "metadata": {**_scalars(metadata), "version": str(set_.version)}}
        body = f'{{"flags":[{flags}],{compact(told)[1:]}'.encode()
        if not tag:
            tag = f'"{set_.version}-{sha256(body).hexdigest()[:24]}"'
            if _matches(request, tag):
                return Response(status_code=304, headers={"etag": tag})
        return Response(body, media_type="application/json", headers={"etag": tag})

    def _answer(self, key: str, context: dict[str, Any]) -> tuple[int, str]:
        """Return the status and the JSON text of one evaluation."""
        if key not in self._service.set.flags:
            told = {"key": key, "errorCode": "FLAG_NOT_FOUND", "errorDetails": "there is no such flag"}
            return 404, compact(told)
        found = self._service.evaluator.details(key, None, context)
        made = self._made.get(id(found))
        if made is None or made[0] is not found:
            if len(self._made) >= _MADE:
                self._made.clear()
            made = self._made[id(found)] = (found, *_told(key, found))
        return made[1], made[2]

    def _has_clock(self) -> bool:
        """Say whether any flag's targeting reads the time."""
        set_ = self._service.set
        if self._reads_clock[0] != set_.version:
            self._reads_clock = (set_.version, _CLOCK in set_.whole())
        return self._reads_clock[1]


class OfrepEvents:
    """Notifications that evaluations changed: raw ASGI, as a stream has no response that ends."""

    def __init__(self, service: FlagService, access: Access) -> None:
        """Take the service, and who may listen: whoever may evaluate, or has the ticket of an evaluation."""
        self._service = service
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Notify of every change until either side hangs up; at once when one was missed."""
        from starlette.requests import Request

        request = Request(scope, receive)
        if not has_ticket(self._access, request):
            let_in(self._access, request, to_switch=False)
        service = self._service
        transport = transport_of(scope, service.events.is_closing)
        stream = Stream(transport, "ofrep")
        last = request.headers.get("last-event-id", "")
        try:
            await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
            has_missed = last and last != str(service.set.version)
            service.events.add(stream, service.refetch() if has_missed else service.still())
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            service.events.remove(stream)


async def _context(request: Request) -> dict[str, Any]:
    body = await body_of(request, _CONTEXT)
    if not isinstance(body, dict):
        raise InvalidInput("the body has to be a JSON object with a context", rule="flag-context")
    context = body.get("context", {})
    if not isinstance(context, dict):
        raise InvalidInput("the context has to be a JSON object", rule="flag-context")
    if not isinstance(context.get("targetingKey", ""), str):
        raise InvalidInput("the targetingKey of a context has to be a string", rule="flag-context")
    return context


def _told(key: str, found: Details) -> tuple[int, str]:
    """Return the status and the text for one result."""
    metadata = _scalars(found.metadata)
    if found.error_code is not None:
        code = found.error_code if found.error_code in _CODES else "GENERAL"
        answer = {"key": key, "errorCode": code, "errorDetails": found.error_message or found.error_code}
        return 400, compact({**answer, "metadata": metadata} if metadata else answer)
    answer = {"key": key, "reason": found.reason}
    if found.variant is not None:  # else the code's own default decides, which has no value here
        answer |= {"value": found.value, "variant": found.variant}
    return 200, compact({**answer, "metadata": metadata} if metadata else answer)


def _scalars(metadata: Any) -> dict[str, Any]:
    """Return what of metadata the protocol can carry."""
    if not isinstance(metadata, dict):
        metadata = dict(metadata) if hasattr(metadata, "keys") else {}
    return {str(k): v for k, v in metadata.items() if isinstance(v, (bool, str, int, float))}


def _matches(request: Request, tag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in given.split(","))
