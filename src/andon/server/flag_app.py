"""The application of the flag server: its routes, and how errors are told."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from andon.errors import AndonError, Conflict, InvalidInput, NotFound, Refused, Unavailable
from andon.server.flag_access import NotLetIn, told
from andon.server.flag_api import CONFIRM, FlagAcknowledgements, flag_routes
from andon.server.ofrep import is_ofrep, ofrep_problem, ofrep_routes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from andon.server.flag_access import Access
    from andon.server.flag_service import FlagService

_STATUS: dict[type[AndonError], int] = {
    InvalidInput: 400,
    NotFound: 404,
    Refused: 403,
    Conflict: 409,
    Unavailable: 503,
}
#: Rules whose status says more than the kind of error does.
_BY_RULE = {"body-size": 413, "content-type": 415, "body-late": 408}


def flag_app(service: FlagService, access: Access, origins: Sequence[str] = ()) -> ASGIApp:
    """Return the application; `origins`: web pages that may evaluate by OFREP, such as https://shop.example."""
    app = Starlette(
        routes=[*ofrep_routes(service, access), *flag_routes(service, access)],
        exception_handlers={AndonError: _explained, NotLetIn: _not_let_in, Exception: _broken},
    )
    app.router.redirect_slashes = False
    if origins:
        from starlette.middleware.cors import CORSMiddleware

        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", "if-none-match", "x-api-key"],
            expose_headers=["etag"],
        )
    confirm = FlagAcknowledgements(service, access)

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        """Answer confirmations without the way through the framework, which costs as much as they do."""
        if scope["type"] != "http" or scope["path"] != CONFIRM or scope["method"] != "POST":
            await app(scope, receive, send)
            return
        try:
            await confirm(scope, receive, send)
        except AndonError as problem:
            await (await _explained(Request(scope), problem))(scope, receive, send)
        except NotLetIn as problem:
            await (await _not_let_in(Request(scope), problem))(scope, receive, send)

    return routed


async def _explained(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, AndonError)  # noqa: S101 - what it is registered for
    if is_ofrep(request):
        return ofrep_problem(request, problem)
    status = _BY_RULE.get(problem.rule) or _STATUS.get(type(problem), 400)
    headers = {"retry-after": "1"} if status == 503 else {}
    if problem.rule == "body-size":
        headers["connection"] = "close"  # the rest of the body is not read
    return JSONResponse(told(problem), status, headers)


async def _not_let_in(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, NotLetIn)  # noqa: S101 - what it is registered for
    headers = {"www-authenticate": "Bearer"} if problem.status == 401 else {}
    if is_ofrep(request):
        return JSONResponse({"errorDetails": problem.told}, problem.status, headers)
    refused = Refused(problem.told, rule="flag-token")
    return JSONResponse(told(refused), problem.status, headers)


async def _broken(request: Request, problem: Exception) -> Response:
    """Answer for a bug: who asked learns that it is one, the server's own terminal learns which."""
    print(f"this is a bug in Andon: {type(problem).__name__} at {request.url.path!r}", file=sys.stderr)
    return JSONResponse({"errorDetails": "a bug in the flag server", **told(AndonError("a bug"))}, 500)
