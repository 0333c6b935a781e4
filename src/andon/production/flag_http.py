"""Asking the API of a flag system: bounded in time and size, no redirects, its token never in words.

What an answer means is left to the adapters; what no answer means is here.
"""

from __future__ import annotations

import http.client
import json
import os
import time
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

from andon.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from andon.production.address import authorization, parsed, shown, target
from andon.production.process import clean, first_words
from andon.production.reaching import Exchange, secure_context, why
from andon.production.tool_answer import Answer
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from urllib.parse import SplitResult

    from andon.config.model_production import FlagSystemConfig

#: Bytes of an answer that are read, seconds one exchange may take, seconds in all that a limit is waited for.
LARGEST, TIMEOUT, PATIENCE = 32 << 20, 15.0, 30.0
#: How often the same thing is asked when it is turned away for now.
_TRIES = 4


class Reply(Record):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def token_of(config: FlagSystemConfig) -> str:
    """Return what opens the flag system; raises Unavailable, naming the variable, when it is not set."""
    name = config.token.removeprefix("$")
    if not name:
        raise Unavailable(
            f"{config.system} is not asked without a token",
            rule="flag-system",
            remedy='token = "$NAME" in [flags] of andon.toml, and NAME in the environment',
        )
    value = os.environ.get(name, "").strip()
    if not value:
        raise Unavailable(
            f"{name} is not set, and {config.system} is not asked without it",
            rule="flag-system",
            remedy=f"export {name}=... and the same command again; token in [flags] of andon.toml names it",
        )
    if not value.isascii() or not value.isprintable():
        raise Unavailable(
            f"{name} holds what no token can: a line break, or letters that a header does not take",
            rule="flag-system",
            remedy=f"export {name}=... again",
        )
    return value


class Told(Answer):
    """A value in what a flag system answered."""

    __slots__ = ()

    def _odd(self, path: Sequence[str], expected: str) -> Unavailable:
        place = ".".join(path) or "it"
        return Unavailable(
            f"the answer is not understood: {place} is not {expected}",
            where=self._asked,
            rule="flag-system",
            remedy="is server in [flags] of andon.toml the address of its API?",
        )


class FlagApi:
    """One flag system's API."""

    def __init__(
        self,
        base: str,
        token: str,
        *,
        name: str,
        token_name: str,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
        patience: float = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take the address and the token; `name` is what people call the system.

        `timeout`: seconds for one exchange; `patience`: for all that `sleep` waits for when there is a limit.
        """
        self._parts = parsed(base)
        if "@" in self._parts.netloc:
            raise InvalidInput(
                "there is a password in the address of the flag system, and a file is no place for it",
                where="[flags] server",
                rule="flag-system",
                remedy='token = "$NAME" in [flags] of andon.toml',
            )
        self.address = shown(base)
        self._base = base.rstrip("/")
        self._token = token
        self._token_name = token_name
        self.name = name
        self._headers = {"Accept": "application/json", "User-Agent": "andon", **(headers or {})}
        self._timeout = timeout
        self._patience = patience
        self._sleep = sleep

    def get(self, *path: str, query: Mapping[str, str] | None = None, what: str = "") -> Answer:
        """Return what the system tells; raises Unavailable, NotFound, Refused."""
        return self.ask("GET", *path, query=query, what=what)

    def ask(
        self,
        method: str,
        *path: str,
        query: Mapping[str, str] | None = None,
        body: object = None,
        content_type: str = "application/json",
        what: str = "",
    ) -> Answer:
        """Ask once, or again when it was turned away for now; `what` is what was asked about, for people.

        Raises NotFound (404), Refused (400, 403, 405, 422), Conflict (409), Unavailable for everything else.
        """
        place = "/".join(quote(part, safe="") for part in path)
        url = f"{self._base}/{place}{'?' + urlencode(query) if query else ''}"
        waited = 0.0
        for attempt in range(1, _TRIES + 1):
            reply = self._exchange(method, url, body, content_type)
            pause = self._pause(reply, attempt)
            if pause is None or attempt == _TRIES or waited + pause > self._patience:
                break
            waited += pause
            self._sleep(pause)
        if 200 <= reply.status < 300:
            return self._json(reply, f"{method} {shown(url)}")
        raise self._refusal(reply, what or f"{method} {shown(url)}", pause)

    def _pause(self, reply: Reply, attempt: int) -> float | None:
        """Return the seconds to wait before the same again; None when that would not help."""
        if reply.status == 409:
            return 0.5 * attempt
        if reply.status != 429:
            return None
        given = reply.headers.get("retry-after", "")
        if given.isascii() and given.isdigit():
            return min(float(given), 86_400.0)
        try:
            if given:
                return max(parsedate_to_datetime(given).timestamp() - time.time(), 0.5)
            return max(int(reply.headers["x-ratelimit-reset"]) / 1000 - time.time(), 0.5)
        except (KeyError, ValueError, TypeError, OverflowError):
            return 2.0 * attempt

    def _json(self, reply: Reply, asked: str) -> Answer:
        if not reply.body.strip():
            return Told(None, asked)
        try:
            return Told(json.loads(reply.body), asked)
        except (ValueError, RecursionError) as problem:
            raise Unavailable(
                f"{self.name} answered something that is no JSON, or nested too deeply",
                where=self.address,
                rule="flag-system",
                remedy="is server in [flags] of andon.toml the address of its API?",
            ) from problem

    def _refusal(self, reply: Reply, what: str, pause: float | None) -> Exception:
        """Translate what is no yes into an error with the way out."""
        said = self._said(reply)
        told, status = f"{self.name}: {what}: {said}" if said else f"{self.name}: {what}", reply.status
        token = f"the token in {self._token_name}"
        match status:
            case 401:
                return Unavailable(
                    f"{self.name} does not take {token} (401)",
                    where=self.address,
                    rule="flag-system",
                    remedy=f"make a new one in {self.name}, and export {self._token_name}=...",
                )
            case 403:
                return Refused(
                    f"{told}: {token} may not do that (403)",
                    where=self.address,
                    rule="flag-permission",
                    remedy=f"give it that right in {self.name}, or switch the flag there by hand",
                )
            case 404:
                return NotFound(
                    f"{self.name} does not have {what} (404)", where=self.address, remedy="andon flags"
                )
            case 409:
                return Conflict(
                    f"{told}: somebody else changes it at the same time (409)",
                    where=self.address,
                    rule="flag-system",
                    remedy="the same command again",
                )
            case 400 | 405 | 422:
                return Refused(
                    f"{told} ({status})",
                    where=self.address,
                    rule="flag-system",
                    remedy=f"switch the flag in {self.name} by hand",
                )
            case 429:
                return Unavailable(
                    f"{self.name} asks to wait (429)",
                    where=self.address,
                    rule="flag-system",
                    remedy=f"the same command again in {pause or 10:.0f} s; or by hand in {self.name}",
                )
        remedy = f"the same command again; or by hand in {self.name}"
        if 300 <= status < 400:
            remedy = "server in [flags] of andon.toml: the address that it leads to"
        return Unavailable(f"{told} ({status})", where=self.address, rule="flag-system", remedy=remedy)

    def _said(self, reply: Reply) -> str:
        """Return what the system says of its refusal, without its token and without control characters."""
        try:
            body = json.loads(reply.body[:65536])
        except (ValueError, RecursionError):
            return ""
        said = body.get("message") if isinstance(body, dict) else None
        if not isinstance(said, str):
            return ""
        said = said.replace(self._token, "***") if self._token else said
        return " ".join(first_words(clean(said.encode("utf-8", "replace")), 300).split())

    # ---- the exchange

    def _exchange(self, method: str, url: str, body: object, content_type: str) -> Reply:
        payload = b"" if body is None else json.dumps(body).encode()
        headers = {**self._headers, "Authorization": self._token} if self._token else dict(self._headers)
        if payload or method in ("POST", "PUT", "PATCH"):
            headers |= {"Content-Type": content_type, "Content-Length": str(len(payload))}

        def ask(exchange: Exchange[Reply]) -> Reply:
            connection, where = self._connection(urlsplit(url), headers)
            exchange.watch(lambda: connection.sock)
            try:
                connection.request(method, where, body=payload or None, headers=headers)
                answer = connection.getresponse()
                content = answer.read(LARGEST + 1)
                if answer.length and len(content) <= LARGEST:
                    raise http.client.IncompleteRead(content)
                known = {name.lower(): value for name, value in answer.getheaders()}
                return Reply(status=answer.status, headers=known, body=content)
            finally:
                connection.close()

        reply = Exchange(ask).result(self._timeout)
        if isinstance(reply, Exception):
            reason = why(reply, self._timeout)[1].replace("this probe", "the request")
            raise Unavailable(
                f"{self.name} cannot be asked: {reason}",
                where=self.address,
                rule="flag-system",
                remedy=f"the same command again: nothing is done twice; or by hand in {self.name}",
            ) from None  # the cause could hold the request's headers
        if len(reply.body) > LARGEST:
            raise Unavailable(
                f"{self.name} answered more than {LARGEST >> 20} MB", where=self.address, rule="flag-system"
            )
        return reply

    def _connection(
        self, parts: SplitResult, headers: dict[str, str]
    ) -> tuple[http.client.HTTPConnection, str]:
        """Return a connection, through the proxy that the environment names, and what to ask for on it."""
        host, port, secure = parts.hostname or "", parts.port, parts.scheme == "https"
        given = None if proxy_bypass(host) else getproxies().get(parts.scheme)
        if not given:
            if secure:
                context = secure_context("")
                return http.client.HTTPSConnection(
                    host, port, timeout=self._timeout, context=context
                ), target(parts)
            return http.client.HTTPConnection(host, port, timeout=self._timeout), target(parts)
        proxy = parsed(given if "//" in given else f"http://{given}")
        its = {f"Proxy-{name}": value for name, value in authorization(proxy).items()}
        if secure:
            through = http.client.HTTPSConnection(
                proxy.hostname or "", proxy.port or 80, timeout=self._timeout, context=secure_context("")
            )
            through.set_tunnel(host, port or 443, headers=its)
            return through, target(parts)
        headers |= its
        plain = http.client.HTTPConnection(proxy.hostname or "", proxy.port or 80, timeout=self._timeout)
        return plain, f"{parts.scheme}://{parts.netloc}{target(parts)}"
