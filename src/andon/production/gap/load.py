"""A bounded ramp of load against an application, with two looks at the generator itself.

It sends to listed hosts only, repeats only what may be repeated, and ends itself when the application is in
trouble. What its figures mean is `gaps.scale.levels`'.
"""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit

import aiohttp

from andon.errors import InvalidInput, Refused, Unavailable
from andon.gaps.failure import endpoint_of
from andon.gaps.scale.levels import Level, Ramp, level
from andon.production.gap.null_server import null_server
from andon.production.gap.own_loop import in_own_loop
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from andon.gaps.beliefs import Exchange

#: Users at once, one level after the other; 64 only when production has as many.
LEVELS, MOST_USERS = (1, 2, 4, 8, 16, 32), 64
#: Seconds of a level, and requests of a whole ramp.
SECONDS, MOST_REQUESTS = 1.5, 20_000
#: It ends when so many answers are errors, or the slowest twentieth takes so many seconds.
TOO_MANY_ERRORS, TOO_SLOW = 0.5, 5.0
#: Levels and seconds of a look at the generator.
_CONTROL, _CONTROL_SECONDS = (1, 8, 32), 0.5
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Bounds(Record):
    """How far a ramp may go."""

    levels: tuple[int, ...] = LEVELS
    #: Seconds of each level.
    seconds: float = SECONDS
    requests: int = MOST_REQUESTS
    #: Hosts that load may go to.
    hosts: tuple[str, ...] = LOOPBACK
    #: Endpoints besides GET and HEAD that may be repeated, as in `POST /search`.
    safe: tuple[str, ...] = ()


def levels_for(users: int) -> tuple[int, ...]:
    """Return the levels of a ramp up to what production has, and no fewer than the usual ones."""
    return (*LEVELS, MOST_USERS) if users > LEVELS[-1] else LEVELS


def may_repeat(method: str, path: str, safe: Collection[str]) -> bool:
    """Say whether a request may be repeated at will: GET, HEAD, and what the team calls safe."""
    if method.upper() in ("GET", "HEAD"):
        return True
    wanted = endpoint_of(method, path)
    return any(endpoint_of(*one.split()) == wanted for one in safe)


def refuse_other_hosts(url: str, hosts: Collection[str]) -> None:
    """Raise Refused for a host that load may not be sent to, InvalidInput for what is no address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https"):
        raise InvalidInput(f"no load is sent to {url!r}: that is no http:// or https:// address")
    if host not in hosts:
        raise Refused(
            f"no load is sent to {host}: it is not among `load_hosts` of [gap]",
            rule="load-hosts",
            remedy=f'load_hosts = ["{host}"] under [gap] in andon.toml, if it stands no customer before it',
        )


def ramp(url: str, requests: Sequence[Exchange], bounds: Bounds | None = None) -> Ramp:
    """Send more and more at once to an application and return what each level got.

    `url` is the application's address; `requests` are sent in turn. Raises Refused for a host that is not
    listed or when no request may be repeated, Unavailable when the generator cannot work here.
    """
    bounds = bounds or Bounds()
    refuse_other_hosts(url, bounds.hosts)
    wanted = tuple(r for r in requests if may_repeat(r.method, r.path, bounds.safe))
    if not wanted:
        raise Refused(
            "no load is sent: none of the requests may be repeated at will",
            rule="safe-requests",
            remedy='safe = ["POST /search"] under [gap] in andon.toml for those that change nothing',
        )
    try:
        before = _control(bounds)
        found, ended, sent = in_own_loop(lambda: _ramp(url, wanted, bounds))
        after = _control(bounds)
    except OSError as problem:
        raise Unavailable(f"no load can be made here: {problem}") from problem
    return Ramp(levels=found, before=before, after=after, ended=ended, requests=sent)


def _control(bounds: Bounds) -> tuple[Level, ...]:
    levels = tuple(n for n in _CONTROL if n <= bounds.levels[-1])
    own = Bounds(levels=levels, seconds=min(_CONTROL_SECONDS, bounds.seconds))
    with null_server() as url:
        found, _, _ = in_own_loop(lambda: _ramp(url, (_Ping(),), own))
    return found


class _Ping(Record):
    """What is asked of the server that does nothing."""

    method: str = "GET"
    path: str = "/"
    sent: str = ""


async def _ramp(
    url: str, requests: Sequence[Exchange | _Ping], bounds: Bounds
) -> tuple[tuple[Level, ...], str, int]:
    found: list[Level] = []
    left = bounds.requests
    timeout = aiohttp.ClientTimeout(total=TOO_SLOW)
    connector = aiohttp.TCPConnector(limit=0, force_close=False)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=jar, auto_decompress=False
    ) as session:
        for users in bounds.levels:
            one = _Load(session, url, requests, left)
            found.append(await one.level(users, bounds.seconds))
            left -= one.sent
            if ended := _why_end(found[-1], left):
                return tuple(found), ended, bounds.requests - left
    return tuple(found), "", bounds.requests - left


def _why_end(last: Level, left: int) -> str:
    if last.answers and last.error_share >= TOO_MANY_ERRORS:
        return f"{last.error_share:.0%} of the answers at {last.users} users were errors"
    if last.p95 >= TOO_SLOW * 0.99:
        return f"the slowest twentieth took {TOO_SLOW:g} s and more at {last.users} users"
    if left <= 0:
        return "all the requests that a ramp may send were sent"
    return ""


class _Load:
    """One level: users who ask one request after the other until the time is over."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, requests: Sequence[Exchange | _Ping], most: int
    ) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._requests = requests
        self._left = most
        self._latencies: list[float] = []
        self._errors = 0
        self.sent = 0

    async def level(self, users: int, seconds: float) -> Level:
        began = time.monotonic()
        end = began + seconds
        await asyncio.gather(*(self._user(number, end) for number in range(users)))
        # What was under way at the end is waited for, and its time counts: it was answered in it.
        return level(users, time.monotonic() - began, self._latencies, self._errors)

    async def _user(self, number: int, end: float) -> None:
        turn = number
        while time.monotonic() < end and self._left > 0:
            self._left -= 1
            self.sent += 1
            request = self._requests[turn % len(self._requests)]
            turn += 1
            began = time.monotonic()
            is_error = await self._ask(request)
            self._latencies.append(time.monotonic() - began)
            self._errors += is_error
            if is_error and self._latencies[-1] < 0.005:
                await asyncio.sleep(0.005)  # a refused connection comes back at once: do not spin on it

    async def _ask(self, request: Exchange | _Ping) -> bool:
        body = request.sent.encode() if request.sent else None
        try:
            async with self._session.request(
                request.method, self._url + request.path, data=body, allow_redirects=False
            ) as answer:
                async for _ in answer.content.iter_any():
                    pass  # to its end, and not kept: it may be of any size
                return answer.status >= 500 or answer.status in (408, 429)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return True


def median_seconds(url: str, request: Exchange, times: int = 9) -> float:
    """Return the median seconds of one request asked one after the other, after one that is not counted.

    0 when no answer came. Raises Refused for a host that is not listed or a request that may not be repeated.
    """
    bounds = Bounds(levels=(1,))
    refuse_other_hosts(url, bounds.hosts)
    if not may_repeat(request.method, request.path, bounds.safe):
        raise Refused("only GET and HEAD are timed", rule="safe-requests")
    return in_own_loop(lambda: _timed(url, request, times))


async def _timed(url: str, request: Exchange, times: int) -> float:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TOO_SLOW)) as session:
        one = _Load(session, url, (request,), times + 1)
        await one.level(1, TOO_SLOW * (times + 1))
        latencies = sorted(one._latencies[1:])
        return latencies[len(latencies) // 2] if latencies and one._errors <= times else 0.0
