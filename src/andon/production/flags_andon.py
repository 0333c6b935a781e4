"""Andon's own flag system: a flag server where one is configured, else a file and the overrides beside it."""

from __future__ import annotations

import http.client
import json
import os
import time
from datetime import UTC, datetime
from urllib.parse import quote

from andon.desk.flags.values import Confirmed, FlagHealth, FlagUsage
from andon.errors import AndonError, Conflict, InvalidInput, NotFound, Unavailable
from andon.flags.overrides import from_plain, to_plain
from andon.incident.words import counted
from andon.production.address import parsed, shown
from andon.production.flag_seen import seen_of
from andon.production.flag_words import state_in_words
from andon.production.reaching import secure_context, why

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from andon.config.model_production import FlagSystemConfig
    from andon.desk.flags.values import FlagSeen
    from andon.desk.ports_flags import FlagSystem
    from andon.flags.overrides import Override

#: Seconds for one exchange, beyond what the server is asked to wait.
TIMEOUT = 10.0
#: Seconds between two looks at who has confirmed.
_STEP = 0.5
#: Bytes of an answer.
_LIMIT = 1 << 27
TOKEN = "ANDON_FLAGS_TOKEN"  # noqa: S105 - where the token is, not what it is
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: What the server calls its errors, and what they are here.
_KINDS: dict[str, type[AndonError]] = {
    "InvalidInput": InvalidInput,
    "NotFound": NotFound,
    "Refused": Unavailable,
    "Conflict": Conflict,
    "Unavailable": Unavailable,
}


def open_system(config: FlagSystemConfig, root: str) -> FlagSystem:
    """Return the server's adapter, or the file's.

    Raises Unavailable when the token's variable is not set and the server is on another machine: only one on
    this machine may go without.
    """
    if not config.server:
        from andon.production.flag_overrides_file import FlagsInFile

        return FlagsInFile(os.path.join(root, config.file))
    name = config.token.removeprefix("$")
    token = os.environ.get(name or TOKEN, "")
    if name and not token and parsed(config.server).hostname not in _LOOPBACK:
        raise Unavailable(
            f"{name} is not set, so the flag server would not let us in",
            where=shown(config.server),
            rule="flag-token",
            remedy=f"export {name}=...",
        )
    return FlagServerSystem(config.server, token, variable=name or TOKEN)


class FlagServerSystem:
    """The port `FlagSystem` over `andon flags serve`."""

    kind = "andon"

    def __init__(self, server: str, token: str = "", timeout: float = TIMEOUT, variable: str = TOKEN) -> None:
        """Take an address, the token that switches, and the variable it is in; nothing is connected yet.

        Raises InvalidInput.
        """
        parts = parsed(server)
        self.address = shown(server)
        self._is_secure = parts.scheme == "https"
        self._host, self._port = str(parts.hostname), parts.port
        self._prefix = parts.path.rstrip("/")
        self._token, self._variable = token, variable
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    @property
    def _configured(self) -> str:
        return f"here it is {self.address}: server under [flags] in andon.toml"

    def flags(self) -> tuple[FlagSeen, ...]:
        """Return every flag as it stands now."""
        definitions, above = self._layers()
        now = datetime.now(UTC)
        return tuple(_seen(key, flag, above.get(key, []), now) for key, flag in definitions.items())

    def find(self, key: str, /) -> FlagSeen:
        """Return one flag; raises NotFound."""
        definitions, above = self._layers()
        if key not in definitions:
            raise NotFound(f"there is no flag {key}", where=self.address, remedy="andon flags list")
        return _seen(key, definitions[key], above.get(key, []), datetime.now(UTC))

    def put(self, override: Override, /) -> str:
        """Put an override in force; return the version that has it."""
        return _version(self._ask("PUT", "/flags/v1/overrides", to_plain(override)), self.address)

    def take(self, key: str, layer: str, operation: str, only: str = "", /) -> str:
        """Take an override away; return the version that is without it."""
        definitions, above = self._layers()
        if key not in definitions and not above.get(key):
            raise NotFound(f"there is no flag {key}", where=self.address, remedy="andon flags list")
        path = f"/flags/v1/overrides/{quote(layer, safe='')}/{quote(key, safe='')}"
        asked = f"{path}?operation={quote(operation, safe='')}"
        if only:
            asked += f"&only={quote(only, safe='')}"
        return _version(self._ask("DELETE", asked), self.address)

    def confirmations(self, version: str, patience: float, tell: Callable[[str], None], /) -> Confirmed:
        """Wait until all have `version`, telling how many have meanwhile."""
        deadline = time.monotonic() + patience
        path = f"/flags/v1/confirmations/{quote(version, safe='')}"
        told = ""
        while True:
            wait = max(0.0, min(_STEP, deadline - time.monotonic()))
            asked = self._ask("GET", f"{path}?wait={wait:.3f}")
            found = _confirmed(asked, self.address)
            if found.confirmed >= found.connected or time.monotonic() >= deadline:
                return found
            now = f"{found.confirmed} of {found.connected} processes confirmed"
            if now != told:
                tell(now)
                told = now

    def health(self) -> FlagHealth:
        """Return what the server says of itself to whoever may read."""
        told = self._ask("GET", "/flags/v1/health")
        findings = told.get("findings")
        problems = tuple(str(one)[:600] for one in findings) if isinstance(findings, list) else ()
        if "version" not in told:
            return FlagHealth(problems=("it does not tell this token how it is",))
        connected = counted(int(told.get("connected") or 0), "process", "processes")
        return FlagHealth(summary=f"version {told['version']}, {connected} connected", problems=problems)

    def usage(self) -> tuple[FlagUsage, ...]:
        """Return what the processes counted."""
        told = self._ask("GET", "/flags/v1/usage")
        try:
            since = _moment(told["since"])
            return tuple(
                FlagUsage(key=key, variant=variant, count=int(count), last_at=_moment(at), since=since)
                for key, variants in told["counts"].items()
                for variant, (count, at) in variants.items()
            )
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise _nonsense(self.address) from problem

    # ---- speaking to it

    def _layers(self) -> tuple[dict[str, Any], dict[str, list[Override]]]:
        told = self._ask("GET", "/flags/v1/flags")
        definitions = told.get("definitions")
        if not isinstance(definitions, dict):
            raise Unavailable(
                "this token reads the flags as they are served, not what stands above which definition",
                where=self.address,
                rule="flag-token",
                remedy=f"use the token that switches: export {self._variable}=...",
            )
        above: dict[str, list[Override]] = {}
        for plain in told.get("overrides", []):
            override = from_plain(plain, self.address)
            above.setdefault(override.flag, []).append(override)
        return definitions, above

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Exchange one request; every one may be repeated, so a connection that went stale is tried anew."""
        content = None if body is None else json.dumps(body).encode()
        for is_last in (self._connection is None, True):
            try:
                status, answer = self._exchange(method, path, content)
                break
            except (http.client.HTTPException, OSError) as problem:
                self.close()
                if is_last or isinstance(problem, TimeoutError):
                    raise Unavailable(
                        f"the flag server does not answer: {why(problem, self._timeout)[1]}",
                        where=self.address,
                        rule="flag-server",
                        remedy=f"is it running? andon flags serve prints its address; {self._configured}",
                    ) from problem
        try:
            told = json.loads(answer)
        except (ValueError, RecursionError) as problem:
            raise _nonsense(self.address, status) from problem
        if not isinstance(told, dict):
            raise _nonsense(self.address, status)
        if status >= 400:
            raise self._problem(status, told)
        return told

    def _exchange(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = (
                http.client.HTTPSConnection(
                    self._host, self._port, timeout=self._timeout, context=secure_context("")
                )
                if self._is_secure
                else http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
            )
        headers = {"Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            self._connection.request(method, self._prefix + path, content, headers)
        except (
            ValueError,
            UnicodeError,
        ):  # http.client shows the header in its message: a token with a newline
            raise Unavailable(
                "the token cannot be sent: it has characters that a header cannot carry",
                where=self.address,
                rule="flag-token",
                remedy=f"export {self._variable}=... without blanks and line ends",
            ) from None
        response = self._connection.getresponse()
        answer = response.read(_LIMIT + 1)
        if len(answer) > _LIMIT:
            self.close()
            raise _nonsense(self.address)
        return response.status, answer

    def _problem(self, status: int, told: dict[str, Any]) -> AndonError:
        error = told.get("error")
        said = error if isinstance(error, dict) else {}
        message = str(said.get("message") or f"it answered {status}")[:500]
        if status in (401, 403):
            return Unavailable(
                f"the flag server does not let us switch: {message}",
                where=self.address,
                rule="flag-token",
                remedy=f"the token that switches, in the environment: export {self._variable}=...",
            )
        kind = _KINDS.get(str(said.get("kind", "")), Unavailable)
        return kind(
            message,
            where=self.address,
            rule=str(said.get("rule", ""))[:60],
            remedy=str(said.get("remedy", ""))[:300]
            or f"the output of andon flags serve; {self._configured}",
        )

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _seen(key: str, flag: Any, above: list[Override], now: datetime) -> FlagSeen:
    if not isinstance(flag, dict):
        return seen_of(key, {}, above, state="its definition cannot be used")
    layers = {override.layer: override for override in above}
    return seen_of(
        key, flag, above, state=state_in_words(flag, layers.get("kill"), layers.get("rollout"), now)
    )


def _version(told: dict[str, Any], address: str) -> str:
    version = told.get("version")
    if not isinstance(version, int):
        raise _nonsense(address)
    return str(version)


def _confirmed(told: dict[str, Any], address: str) -> Confirmed:
    try:
        return Confirmed(
            connected=int(told["connected"]),
            confirmed=int(told["confirmed"]),
            silent=tuple(str(name)[:200] for name in told["silent"]),
            milliseconds=float(told["milliseconds"]),
            slowest=str(told["slowest"])[:200],
            can_confirm=told.get("can_confirm") is not False,
            detail=str(told.get("detail", ""))[:500],
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise _nonsense(address) from problem


def _moment(seconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _nonsense(address: str, status: int = 0) -> Unavailable:
    told = f" (HTTP {status})" if status else ""
    return Unavailable(
        f"what answers there is no flag server of Andon{told}",
        where=address,
        rule="flag-server",
        remedy="[flags] server in andon.toml: the address that andon flags serve prints",
    )
