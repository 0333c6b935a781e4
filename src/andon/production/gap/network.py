"""The network as one of the five kinds: browsers' connections, links between machines, late answers."""

from __future__ import annotations

import contextlib
import os
from urllib.parse import urlsplit

from andon.desk.gap.consent import is_here
from andon.errors import Unavailable
from andon.gaps.beliefs import Beliefs
from andon.gaps.experiment import Conditions, Held, Observed, Part
from andon.gaps.failure import endpoint_of
from andon.gaps.words import Kind
from andon.production.gap.database_link import link_of, relayed
from andon.production.gap.network_hold import held
from andon.production.gap.network_look import LinkSeen, Look, differences
from andon.production.gap.network_profiles import PROFILES
from andon.production.gap.pace import Pace
from andon.production.gap.relay import HOST as LOOPBACK
from andon.production.gap.relay import Relay
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from andon.config.model_gap import GapConfig, GapDependencyConfig, WorldConfig
    from andon.gaps.experiment import Ran, Setting
    from andon.gaps.failure import Failure

#: Milliseconds by which one answer is held back to let others pass it, and endpoints this is tried with.
DELAY, ENDPOINTS = 1500.0, 8
#: What a page asks for while somebody uses it.
_ASYNCHRONOUS = ("fetch", "xhr")
BROWSER, DATABASE = ("browser",), ("link", "database")


class NetworkDimension:
    """`gaps.experiment.Dimension` for the network."""

    kind = Kind.NETWORK

    def __init__(
        self,
        gap: GapConfig,
        test: WorldConfig,
        prod: WorldConfig,
        dependencies: Sequence[GapDependencyConfig],
        root: str,
        *,
        beliefs: Beliefs | None = None,
        consent: Callable[[str], bool] = is_here,
        pace: Pace | None = None,
    ) -> None:
        """Take both worlds, the services of both, and which hosts may be asked, and how fast."""
        del gap, root
        self._test, self._prod = test, prod
        self._services = _by_name(dependencies)
        self._beliefs = beliefs or Beliefs()
        self._consent, self._pace = consent, pace or Pace()
        self._seen: dict[str, LinkSeen] = {}
        self._relay: Relay | None = None

    # -- looking

    def observe(self, beliefs: Beliefs, failure: Failure) -> Observed:
        """Compare what is configured, and time a few connections to hosts that may be asked."""
        self._beliefs = beliefs
        look = Look(self._consent, self._pace)
        for name, (_, prod) in self._services.items():
            if prod is not None and prod.url:
                self._seen[name] = look.at(prod.url)
        whole = look.at(self._prod.url) if self._prod.url else None
        return Observed(
            kind=self.kind,
            differences=differences(
                beliefs, failure, self._test, self._prod, self._links(), self._seen, page=whole
            ),
            looked="the connections of browsers, and links to databases and services, as configured"
            + (f"; {look.connections} connections were timed" if look.connections else ""),
            problems=(*look.problems, *self._too_many()),
            requests=look.connections,
            seconds=look.seconds,
        )

    # -- what can be flipped

    def parts(self) -> tuple[Part, ...]:
        """Return the connection of browsers, each link that differs, and each endpoint that may come late."""
        return (*self._browser(), *self._database(), *self._service_links(), *self._delays())

    def cannot(self) -> str:
        """Return why nothing of it can be flipped; "" when something can or nothing differs."""
        if self.parts() or self._prod.database_latency == self._test.database_latency:
            return ""
        return "the database of the tests' world is no PostgreSQL on one host: there is no link to slow down"

    def split(self, part: Part) -> tuple[Part, ...]:
        """Return nothing: what differs are amounts."""
        del part
        return ()

    def _browser(self) -> tuple[Part, ...]:
        own, theirs = PROFILES[self._test.network], PROFILES[self._prod.network]
        if own.latency == theirs.latency:
            return ()
        return (Part(kind=self.kind, place=BROWSER, amount=theirs.latency, least=own.latency),)

    def _database(self) -> tuple[Part, ...]:
        if self._test.database_latency == self._prod.database_latency or not self._is_linked():
            return ()
        amount, least = self._prod.database_latency, self._test.database_latency
        return (Part(kind=self.kind, place=DATABASE, amount=amount, least=least),)

    def _is_linked(self) -> bool:
        address = self._test.database
        if address.startswith("$"):
            address = os.environ.get(address[1:], "")
        return link_of(address) is not None

    def _service_links(self) -> tuple[Part, ...]:
        return tuple(
            Part(kind=self.kind, place=("link", name), amount=theirs, least=own)
            for name, own, theirs in self._links()
            if own != theirs
        )

    def _links(self) -> tuple[tuple[str, float, float], ...]:
        """Return each service of both worlds with milliseconds to it in either, configured or measured."""
        found = []
        for name, (test, prod) in self._services.items():
            if test is None or prod is None:
                continue
            seen = self._seen.get(name)
            theirs = prod.latency or (seen.milliseconds if seen and seen.is_far else 0.0)
            found.append((name, test.latency, theirs or test.latency))
        return tuple(found)

    def _delays(self) -> tuple[Part, ...]:
        return tuple(
            Part(kind=self.kind, place=("delay", endpoint), amount=DELAY)
            for endpoint in self._asked_meanwhile()[:ENDPOINTS]
        )

    def _too_many(self) -> tuple[str, ...]:
        """Tell the endpoints that are not held back, for there are more than are tried."""
        rest = self._asked_meanwhile()[ENDPOINTS:]
        more = f" and {len(rest) - 3} more" if len(rest) > 3 else ""
        return (f"not held back, one at a time: {', '.join(rest[:3])}{more}",) if rest else ()

    def _asked_meanwhile(self) -> list[str]:
        """Return the endpoints that pages ask for while somebody uses them."""
        return list(
            dict.fromkeys(
                endpoint_of(one.method, one.path)
                for one in self._beliefs.exchanges
                if one.resource in _ASYNCHRONOUS and not one.is_mocked and self._is_own(one.origin)
            )
        )

    def _is_own(self, origin: str) -> bool:
        """True for the application's own address, as the tests knew it; only its answers can be held back."""
        return not origin or not self._beliefs.base_url or _place(origin) == _place(self._beliefs.base_url)

    # -- flipping

    @contextlib.contextmanager
    def prepare(self, setting: Setting, parts: Collection[Part]) -> Iterator[None]:
        """Set the conditions, and put a relay before the database; raises Unavailable when that cannot be."""
        mine = {part.place: part for part in parts if part.kind is self.kind}
        setting.conditions = self._conditions(setting.conditions, mine)
        self._relay = None
        link = mine.get(DATABASE)
        milliseconds = link.amount if link and link.amount is not None else self._test.database_latency
        with contextlib.ExitStack() as stack:
            if milliseconds > 0 and (link is not None or self._is_linked()):
                self._relay = self._before_database(stack, setting, milliseconds)
            yield

    def _conditions(self, given: Conditions, mine: dict[tuple[str, ...], Part]) -> Conditions:
        own = PROFILES[self._test.network]
        browser = mine.get(BROWSER)
        profile = PROFILES[self._prod.network] if browser else own
        latency = browser.amount if browser and browser.amount is not None else own.latency
        delays = tuple((place[1], part.amount or 0.0) for place, part in mine.items() if place[0] == "delay")
        return replace(given, latency=latency, down=profile.down, up=profile.up, delays=given.delays + delays)

    def _before_database(self, stack: contextlib.ExitStack, setting: Setting, milliseconds: float) -> Relay:
        variable = self._test.database_variable
        address = setting.variables.get(variable, "")
        link = link_of(address)
        if link is None:
            raise Unavailable(
                f"{variable} holds no address of a PostgreSQL database on one host: nothing to slow down",
                remedy="set database and database_variable under [gap.test]",
            )
        relay = stack.enter_context(Relay(link.host, link.port, latency=milliseconds))
        setting.variables[variable] = relayed(address, LOOPBACK, relay.port)
        return relay

    # -- checking

    def took_hold(self, parts: Collection[Part], ran: Ran) -> Held | None:
        """Say whether what was flipped of the network was really so."""
        mine = [part for part in parts if part.kind is self.kind]
        connections = self._relay.connections if self._relay is not None else 0
        return held(mine, ran, connections, self._test.database_variable) if mine else None


def _by_name(
    dependencies: Sequence[GapDependencyConfig],
) -> dict[str, tuple[GapDependencyConfig | None, GapDependencyConfig | None]]:
    found: dict[str, tuple[GapDependencyConfig | None, GapDependencyConfig | None]] = {}
    for one in dependencies:
        test, prod = found.get(one.name, (None, None))
        found[one.name] = (one, prod) if one.world == "test" else (test, one)
    return found


def _place(address: str) -> tuple[str, int | None]:
    """Return host and port of an address; the names of this machine are one."""
    try:
        parts = urlsplit(address)
        return _same_machine(parts.hostname or ""), parts.port
    except ValueError:
        return "", None


def _same_machine(host: str) -> str:
    return LOOPBACK if host in ("localhost", "::1") else host
