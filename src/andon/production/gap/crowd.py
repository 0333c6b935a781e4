"""Many users who go the failing way at once, over HTTP: real requests, really at the same time.

For failures that one user never sees: an update that is lost, an identity given twice, a pool that is empty.
Some of those show only afterwards, in a count that is off; so a last look is taken when all have gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

import aiohttp

from andon.errors import Refused
from andon.gaps.beliefs import Exchange
from andon.gaps.scale.journey import Step, filled, steps_of
from andon.production.gap.beside import pause
from andon.production.gap.load import LOOPBACK, refuse_other_hosts
from andon.production.gap.own_loop import in_own_loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from threading import Event

#: Users at once, and requests of a crowd in all.
MOST_USERS, MOST_REQUESTS = 64, 20_000
#: Bytes of an answer that are read, and characters that are kept of it.
_READ, KEPT = 1 << 20, 16_384
#: Seconds one request may take.
_REQUEST = 30.0
#: Seconds after which it is seen that nobody is to go on, and those that the last requests then get.
_LOOKED, _LAST = 0.05, 2.0
_FIRST = asyncio.FIRST_COMPLETED
#: Headers of an answer that carry a credential, or could.
_CREDENTIALS = frozenset(
    ("set-cookie", "authorization", "www-authenticate", "proxy-authenticate", "location")
)


def crowd(
    url: str,
    requests: Sequence[Exchange],
    users: int,
    rounds: int,
    patience: float,
    *,
    first: int = 1,
    look: Exchange | None = None,
    headers: Sequence[tuple[str, str]] = (),
    redact: Callable[[str], str] = lambda text: text,
    hosts: Collection[str] = LOOPBACK,
    over: Event | None = None,
) -> tuple[Exchange, ...]:
    """Let `users` at once go through recorded `requests`, `rounds` times; return all exchanges as they began.

    Every user has cookies of its own and puts in what its own answers gave it (`gaps.scale.journey`). In
    every other round all wait for each other before each request, so that the same requests meet; in the
    others they only start together, so that different ones do; `first` is the number of the first round.
    `look` is asked once more when all have gone, by one user, and its answer is the last exchange. `headers`
    go with each request. `patience` is in seconds for everything: what is under way when it ends is an
    exchange with a problem. Bodies are cut and redacted.
    With `over` they go beside tests: each pauses between its requests (`beside.pause`), none begins another
    one once it is set, and what was answered is not kept.
    Raises Refused for a host that load may not go to; an application that does not answer is an exchange
    with a problem.
    """
    refuse_other_hosts(url, hosts)
    users = max(1, min(users, MOST_USERS))
    steps = steps_of(requests)
    if steps:
        rounds = max(1, min(rounds, MOST_REQUESTS // (users * len(steps)) or 1))
    together = _Crowd(url, steps, headers, first, over)
    found = in_own_loop(lambda: together.go(users, rounds, patience, look))
    cleaned = _Cleaned(redact)
    return tuple(cleaned(exchange) for exchange in found)


def within(left: int, requests: int, users: int, rounds: int) -> int:
    """Return how many rounds fit into the requests that may still be sent; raises Refused for none."""
    once = max(1, min(users, MOST_USERS)) * max(requests, 1)
    if left < once:
        raise Refused(
            f"a search sends {MOST_REQUESTS} requests of load at most, and these are used up",
            rule="load-bounds",
            remedy="search again with --only scale, or name fewer `users` under [gap.prod]",
        )
    return max(1, min(rounds, left // once))


class _Cleaned:
    """Redacts answers; a crowd gets the same one over and over."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self._known: dict[str, str] = {}

    def __call__(self, exchange: Exchange) -> Exchange:
        fields = {field: getattr(exchange, field) for field in exchange.__fields__}
        for field in ("sent", "answer", "path"):
            fields[field] = self._clean(fields[field])
        fields["headers"] = tuple((name, self._clean(value)) for name, value in exchange.headers)
        return Exchange(**fields)

    def _clean(self, text: str) -> str:
        if text and text not in self._known:
            self._known[text] = self._redact(text)
        return self._known.get(text, "")


class _Crowd:
    def __init__(
        self,
        url: str,
        steps: Sequence[Step],
        headers: Sequence[tuple[str, str]],
        first: int,
        over: Event | None,
    ) -> None:
        self._over = over
        self._pause = 0.0
        self._first = first
        self._url = url.rstrip("/")
        self._steps = steps
        self._headers = dict(headers)
        self._began = 0.0
        self._found: list[Exchange] = []

    async def go(self, users: int, rounds: int, patience: float, look: Exchange | None) -> list[Exchange]:
        self._began = time.monotonic()
        connector = aiohttp.TCPConnector(limit=0)
        async with connector:
            if self._steps:
                self._pause = pause(users) if self._over is not None else 0.0
                # A look must still be possible when the crowd took all the time there was.
                await self._going(connector, users, rounds, max(0.1, patience * (0.9 if look else 1.0)))
            found = sorted(self._found, key=lambda exchange: exchange.started)
            if look is not None:
                left = max(1.0, patience - (time.monotonic() - self._began))
                self._found = []
                async with self._session(connector) as session:
                    await self._ask(session, steps_of((look,))[0], look.path, look.sent, left)
                found += self._found
        return found

    async def _going(self, connector: aiohttp.TCPConnector, users: int, rounds: int, patience: float) -> None:
        barrier = asyncio.Barrier(users)
        going = [
            asyncio.ensure_future(self._user(connector, barrier, number, rounds))
            for number in range(1, users + 1)
        ]
        ending = asyncio.ensure_future(self._ends(barrier, patience))
        await asyncio.wait((ending, asyncio.gather(*going, return_exceptions=True)), return_when=_FIRST)
        ending.cancel()
        for task in going:
            task.cancel()
        await asyncio.gather(ending, *going, return_exceptions=True)

    async def _ends(self, barrier: asyncio.Barrier, patience: float) -> None:
        """Return when the time is over, or soon after nobody is to begin a request any more."""
        until = time.monotonic() + patience
        while (left := until - time.monotonic()) > 0:
            if self._over is None:
                await asyncio.sleep(left)
            elif not self._over.is_set():
                await asyncio.sleep(min(_LOOKED, left))
            else:
                await barrier.abort()  # who waits there for the others would wait for ever
                await asyncio.sleep(min(_LAST, left))
                return

    async def _user(
        self, connector: aiohttp.TCPConnector, barrier: asyncio.Barrier, number: int, rounds: int
    ) -> None:
        with contextlib.suppress(asyncio.BrokenBarrierError):
            for turn in range(self._first, self._first + rounds):
                answers: dict[int, str] = {}
                async with self._session(connector) as session:  # cookies of its own, new in each round
                    for at, step in enumerate(self._steps):
                        path, body = filled(step, answers, number, turn)
                        if at == 0 or turn % 2:
                            await barrier.wait()
                        if self._over is not None and self._over.is_set():
                            return
                        answers[at] = await self._ask(session, step, path, body, _REQUEST)
                        if self._pause:
                            await asyncio.sleep(self._pause)

    def _session(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            connector_owner=False,
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # the application is at an IP address
            headers=self._headers,
        )

    async def _ask(
        self, session: aiohttp.ClientSession, step: Step, path: str, body: str, patience: float
    ) -> str:
        """Send one request, note the exchange, return the whole text of the answer."""
        began = time.monotonic()
        status, text, media, problem = 0, "", "", ""
        headers: tuple[tuple[str, str], ...] = ()
        given = {"Content-Type": step.content_type} if step.content_type else {}
        try:
            async with session.request(
                step.method,
                self._url + path,
                data=body.encode() if body else None,
                headers=given,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=min(patience, _REQUEST)),
            ) as answer:
                content = await _read(answer)
                status, media = answer.status, answer.headers.get("Content-Type", "")
                text = content.decode("utf-8", "replace") if _is_text(media) else ""
                headers = tuple(
                    (name.lower(), value)
                    for name, value in answer.headers.items()
                    if name.lower() not in _CREDENTIALS
                )
        except asyncio.CancelledError:
            self._note(step, path, body, began, problem="no whole answer when the time was over")
            raise
        except TimeoutError:
            problem = f"no whole answer within {min(patience, _REQUEST):g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            problem = f"no answer: {type(error).__name__}"
        self._note(step, path, body, began, status, text, media, headers, problem)
        return text

    def _note(
        self,
        step: Step,
        path: str,
        body: str,
        began: float,
        status: int = 0,
        text: str = "",
        media: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        problem: str = "",
    ) -> None:
        self._found.append(
            Exchange(
                method=step.method,
                origin=self._url,
                path=path,
                status=status,
                started=began - self._began,
                seconds=time.monotonic() - began,
                resource="api",
                content_type=media,
                headers=headers,
                sent=body[:KEPT] if self._over is None else "",
                answer=text[:KEPT] if self._over is None else "",
                problem=problem,
            )
        )


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """Return the first mebibyte of an answer; the rest is read too: it must get to its end."""
    got = bytearray()
    async for piece in answer.content.iter_chunked(1 << 16):
        if len(got) < _READ:
            got += piece
    return bytes(got[:_READ])


def _is_text(media: str) -> bool:
    kind = media.partition(";")[0].strip().lower()
    return (
        not kind or kind.startswith("text/") or any(w in kind for w in ("json", "xml", "javascript", "form"))
    )
