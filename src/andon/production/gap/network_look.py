"""What of two worlds' networks can be seen without an experiment: settings, and how long connecting takes."""

from __future__ import annotations

import re
import socket
import statistics
import time
from urllib.parse import urlsplit

from andon.gaps.experiment import Difference
from andon.gaps.relevance import is_named, shared
from andon.gaps.words import Kind
from andon.production.gap.network_profiles import PROFILES
from andon.production.gap.pace import Pace
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from andon.config.model_gap import WorldConfig
    from andon.gaps.beliefs import Beliefs
    from andon.gaps.failure import Failure

#: Connections to one host, and seconds one may take.
_TIMES, _PATIENCE = 3, 3.0
#: Milliseconds from which a host is not next door, and by which links must differ to be worth a word.
_FAR = 5.0
#: What programs say when time ran out, and what only browsers say of a connection.
_TIME = re.compile(r"time[d ]?[- ]?out|deadline|too slow|took too long|aborted|\bgave up\b", re.IGNORECASE)
_BROWSERS = re.compile(
    r"AbortError|failed to fetch|networkerror|load failed|net::ERR_|user aborted|hydrat|loading chunk",
    re.IGNORECASE,
)


class LinkSeen(Record):
    """How far a host is."""

    host: str
    milliseconds: float = 0.0

    @property
    def is_far(self) -> bool:
        """True when connecting takes longer than within one building."""
        return self.milliseconds >= _FAR


class Look:
    """Times connections to hosts that may be asked; what could not be done is told."""

    def __init__(self, consent: Callable[[str], bool], pace: Pace | None = None) -> None:
        """Take which hosts may be asked, and how fast."""
        self._consent, self._pace = consent, pace or Pace()
        self._known: dict[tuple[str, int], LinkSeen] = {}
        self._problems: list[str] = []
        self._began = time.monotonic()
        #: Connections that were opened, and closed again at once.
        self.connections = 0

    @property
    def problems(self) -> tuple[str, ...]:
        """Return what could not be looked at, and why."""
        return tuple(dict.fromkeys(self._problems))

    @property
    def seconds(self) -> float:
        """Return how long all of it took until now."""
        return time.monotonic() - self._began

    def at(self, url: str) -> LinkSeen:
        """Return the median of a few connections to the host of a URL; 0 ms for one that was not asked."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            return LinkSeen(host="")
        if (host, port) not in self._known:
            self._known[host, port] = self._timed(host, port)
        return self._known[host, port]

    def _timed(self, host: str, port: int) -> LinkSeen:
        if not host or not self._consent(host):
            self._problems.append(f"{host or 'a host'} was not asked: give --i-own-this {host}".rstrip())
            return LinkSeen(host=host)
        taken = []
        for _ in range(_TIMES):
            with self._pace.turn(host):
                began = time.monotonic()
                self.connections += 1
                try:
                    socket.create_connection((host, port), _PATIENCE).close()
                except OSError as problem:
                    self._problems.append(f"{host} could not be reached: {problem.strerror or problem}")
                    return LinkSeen(host=host)
                taken.append((time.monotonic() - began) * 1000)
        return LinkSeen(host=host, milliseconds=statistics.median(taken))


def differences(
    beliefs: Beliefs,
    failure: Failure,
    test: WorldConfig,
    prod: WorldConfig,
    links: Sequence[tuple[str, float, float]],
    seen: Mapping[str, LinkSeen],
    *,
    page: LinkSeen | None,
) -> tuple[Difference, ...]:
    """Return what differs. `links` are services with milliseconds to them in either world."""
    found = [*_browsers(beliefs, failure, test, prod), *_database(failure, test, prod)]
    found += [
        _service(failure, name, own, theirs, name in seen) for name, own, theirs in links if own != theirs
    ]
    if page is not None and page.is_far:
        found.append(_far_page(page))
    return tuple(found)


def _browsers(beliefs: Beliefs, failure: Failure, test: WorldConfig, prod: WorldConfig) -> list[Difference]:
    own, theirs = PROFILES[test.network], PROFILES[prod.network]
    if own.latency == theirs.latency:
        return []
    is_said = bool(_BROWSERS.search(failure.text))
    reasons = (
        [f"the failure speaks as browsers do of a connection: weight {4 if is_said else 2}"]
        if is_said
        else []
    )
    slowest = beliefs.slowest * 1000
    if slowest and slowest < theirs.latency:
        reasons.append(f"the slowest answer that the tests ever saw took {slowest:.0f} ms")
    return [
        Difference(
            kind=Kind.NETWORK,
            place=("browser",),
            test=own.told,
            production=theirs.told,
            weight=4 if is_said else 2,
            reasons=tuple(reasons),
            summary=f"browsers are {theirs.latency:g} ms away in production, {own.latency:g} ms in the tests",
            probe="network settings",
            command="network under [gap.test] and [gap.prod] in andon.toml",
        )
    ]


def _database(failure: Failure, test: WorldConfig, prod: WorldConfig) -> list[Difference]:
    own, theirs = test.database_latency, prod.database_latency
    if own == theirs:
        return []
    return [
        Difference(
            kind=Kind.NETWORK,
            place=("link", "database"),
            test=f"{own:g} ms",
            production=f"{theirs:g} ms",
            # Many short statements, a lock, or too many users end in the same words.
            weight=3 if _TIME.search(failure.text) and theirs > own + _FAR else 1,
            reasons=("time ran out",) if _TIME.search(failure.text) else (),
            summary=f"the database is {theirs:g} ms away in production, {own:g} ms in the tests' world",
            probe="network settings",
            command="database_latency under [gap.test] and [gap.prod] in andon.toml",
        )
    ]


def _service(failure: Failure, name: str, own: float, theirs: float, is_measured: bool) -> Difference:
    is_late = bool(_TIME.search(failure.text)) and theirs > own + _FAR
    common = shared(failure, name)
    reasons = ["time ran out"] if is_late else []
    if is_named(failure, name):
        weight = 5 if is_late else 3
        reasons.append(f"the failure names {name}")
    elif common:
        weight = 4 if is_late else 3
        reasons.append(f"it shares {', '.join(sorted(common))} with the failure")
    else:
        weight = 2 if is_late else 1
    return Difference(
        kind=Kind.NETWORK,
        place=("link", name),
        test=f"{own:g} ms",
        production=f"{theirs:.0f} ms",
        weight=weight,
        reasons=tuple(reasons),
        summary=f"{name} is {theirs:.0f} ms away in production, {own:g} ms in the tests' world",
        probe="connections timed" if is_measured else "network settings",
        command="latency under [[gap.prod.dependency]] in andon.toml",
    )


def _far_page(page: LinkSeen) -> Difference:
    return Difference(
        kind=Kind.NETWORK,
        place=("browser",),
        test="this machine",
        production=f"{page.milliseconds:.0f} ms to connect from here",
        weight=1,
        summary=f"connecting to {page.host} takes {page.milliseconds:.0f} ms from here",
        probe="connections timed",
        command=f"curl -so /dev/null -w '%{{time_connect}}\\n' https://{page.host}/",
    )
