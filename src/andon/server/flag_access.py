"""Who may read and who may switch, and how large a request may be."""

from __future__ import annotations

import asyncio
import json
from hmac import compare_digest, digest

from andon.errors import AndonError, InvalidInput, Refused
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from starlette.requests import Request

#: Hosts that only programs on this machine reach.
LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: Seconds in which a body has to come.
PATIENCE = 20.0
#: How deep the JSON of a request may be nested.
_DEEPEST = 64


class Access(Record):
    """The tokens; "" for none. Never printed."""

    #: Opens everything.
    admin: str = ""
    #: Opens what reads: streams, evaluation, acknowledgements.
    read: str = ""

    def __repr__(self) -> str:
        """Say which there are, never what they are."""
        return f"Access(admin={'set' if self.admin else 'none'}, read={'set' if self.read else 'none'})"

    @property
    def is_open(self) -> bool:
        """True when no token is asked for."""
        return not self.admin

    def check(self, host: str) -> None:
        """Raise Refused when a server on `host` would be open to more than this machine."""
        if self.read and not self.admin:
            raise Refused(
                "there is a token for reading and none for switching, so that everybody could switch",
                where="ANDON_FLAGS_READ_TOKEN",
                rule="flag-token",
                remedy="set ANDON_FLAGS_TOKEN too",
            )
        if self.is_open and host not in LOOPBACK:
            raise Refused(
                f"without a token, whoever reaches {host} could switch every flag",
                where="andon flags serve",
                rule="flag-token",
                remedy="set ANDON_FLAGS_TOKEN and ANDON_FLAGS_READ_TOKEN; or --host 127.0.0.1",
            )

    def ticket(self) -> str:
        """Return what opens OFREP's notifications, for browsers that cannot send a header; "" if open."""
        if self.is_open:
            return ""
        return digest((self.read or self.admin).encode(), b"andon flags: ofrep events", "sha256").hex()


class NotLetIn(Exception):  # never leaves the server
    """401 or 403."""

    def __init__(self, status: int, told: str) -> None:
        """Keep the status and what to say."""
        super().__init__(told)
        self.status = status
        self.told = told


def let_in(access: Access, request: Request, *, to_switch: bool) -> None:
    """Raise NotLetIn unless the request may do this; compares in constant time."""
    admit(access, _given(request), request.headers.get("host", ""), to_switch=to_switch)


def admit(access: Access, given: str, host: str, *, to_switch: bool) -> None:
    """Raise NotLetIn unless a request with this token and Host header may do this."""
    if access.is_open:
        if _host(host) not in LOOPBACK:
            # A page in somebody's browser reaches loopback under a name of its own: DNS rebinding.
            raise NotLetIn(403, "without a token, only requests to 127.0.0.1 or localhost are answered")
        return
    if not given:
        raise NotLetIn(401, "a token is needed: Authorization: Bearer TOKEN")
    is_admin = _same(given, access.admin)
    may_read = is_admin or (bool(access.read) and _same(given, access.read))
    if not may_read:
        raise NotLetIn(401, "the token is not known")
    if to_switch and not is_admin:
        raise NotLetIn(403, "this token reads; switching needs the other one")


def may(access: Access, request: Request, *, to_switch: bool = False) -> bool:
    """Return whether the request would be let in."""
    try:
        let_in(access, request, to_switch=to_switch)
    except NotLetIn:
        return False
    return True


def has_ticket(access: Access, request: Request) -> bool:
    """Return whether the request carries the ticket of the notifications."""
    return not access.is_open and _same(request.query_params.get("ticket", ""), access.ticket())


def _host(header: str) -> str:
    """Return the host of a Host header, without port and brackets."""
    host, colon, port = header.rpartition(":")
    if not colon or not port.isdigit():
        host = header
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def _given(request: Request) -> str:
    return bearer(request.headers.get("authorization", "")) or request.headers.get("x-api-key", "")


def bearer(authorization: str) -> str:
    """Return the token in an Authorization header; "" for another scheme."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode("utf-8", "surrogateescape"), other.encode("utf-8", "surrogateescape"))


async def body_of(request: Request, limit: int) -> Any:
    """Return the JSON of a request; raises InvalidInput for another type, and what is too large or deep."""
    from starlette.requests import ClientDisconnect

    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise InvalidInput("the body has to be JSON: Content-Type: application/json", rule="content-type")
    parts, size = [], 0
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise InvalidInput(f"the body is larger than {limit} bytes", rule="body-size")
                parts.append(part)
    except ClientDisconnect as problem:
        raise InvalidInput("the connection ended in the middle of the body", rule="body-late") from problem
    except TimeoutError as problem:
        raise InvalidInput(f"the body did not come within {PATIENCE:g} s", rule="body-late") from problem
    return read_json(b"".join(parts))


def read_json(content: bytes) -> Any:
    """Return the value of a body; raises InvalidInput for what is no JSON, or too deep."""
    try:
        value = _DECODER.decode(content.decode())
    except (ValueError, RecursionError) as problem:
        raise InvalidInput("the body is not JSON", rule="body-json") from problem
    if _is_deeper(value, _DEEPEST):
        raise InvalidInput(f"the body is nested deeper than {_DEEPEST} levels", rule="body-depth")
    return value


def _no_number(told: str) -> float:
    raise ValueError(f"{told} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def _is_deeper(value: Any, most: int) -> bool:
    """Say whether lists and objects are nested deeper than `most`, without recursion."""
    level = [value]
    for _ in range(most + 1):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                below.extend(v for v in one.values() if isinstance(v, (dict, list)))
            elif isinstance(one, list):
                below.extend(v for v in one if isinstance(v, (dict, list)))
        if not below:
            return False
        level = below
    return True


def told(problem: AndonError) -> dict[str, Any]:
    """Return an error as the command line's --json has it."""
    return {
        "error": {
            "kind": type(problem).__name__,
            "message": problem.message,
            "where": problem.where,
            "rule": problem.rule,
            "remedy": problem.remedy,
        }
    }
