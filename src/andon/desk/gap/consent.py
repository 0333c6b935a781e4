"""Which hosts a search would ask, what for, and which of them somebody consented to.

A host of this machine may be asked; any other only by name (`--i-own-this HOST`), read-only and slowly.
"""

from __future__ import annotations

import os
from urllib.parse import parse_qs, urlsplit

from andon.errors import InvalidInput
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from andon.config.model import Config
    from andon.config.model_gap import WorldConfig

#: Requests a second that one host gets at most (production/gap/pace.py holds to it).
PACE = 5
_HERE = frozenset(("127.0.0.1", "::1", "localhost", ""))
_BY_TOOL = {"container": "docker inspect", "compose": "docker compose config", "kubernetes": "kubectl get"}


class Asked(Record):
    """One host, or tool, that a search asks, and what for."""

    host: str
    what: str
    #: True when it is another machine, so that it is asked with consent only.
    needs_consent: bool
    has_consent: bool


class Consents:
    """The hosts that may be asked."""

    def __init__(self, given: Iterable[str]) -> None:
        """Take the hosts that somebody consented to, as they were written; raises InvalidInput for none."""
        self.given = tuple(dict.fromkeys(_host(one) for one in given))

    def __call__(self, host: str) -> bool:
        """True when the host may be asked."""
        return is_here(host) or host in self.given or host.strip("[]").lower() in self.given


def is_here(host: str) -> bool:
    """True for this machine itself."""
    return host.strip("[]").lower() in _HERE


def asked(config: Config, may: Consents) -> tuple[Asked, ...]:
    """Return every host that a search with this configuration would ask; the configuration alone is read."""
    found: list[tuple[str, str]] = []
    for name, world in (("test", config.gap_test), ("prod", config.gap_prod)):
        if world.url:
            found.append((host_of(world.url), f"{name}: status, headers, certificate"))
        found += [(host, f"{name}: database, read-only") for host in (database_host(world.database),) if host]
        if tool := _BY_TOOL.get(world.env.partition(":")[0] if ":" in world.env else ""):
            found.append((f"({tool})", f"{name}: settings of {world.env}"))
    for dependency in config.gap_dependencies:
        if dependency.url:
            found.append((host_of(dependency.url), f"{dependency.world}: {dependency.name}"))
    inside = config.gap_prod.env if config.gap_prod.env.partition(":")[0] in _BY_TOOL else ""
    if inside:
        found.append((inside, "prod: versions, locale, limits, by a few lines of shell in it"))
    return tuple(
        Asked(
            host=host,
            what=what,
            needs_consent=not host.startswith("(") and not is_here(host),
            has_consent=host.startswith("(") or may(host),
        )
        for host, what in dict.fromkeys(found)
    )


def host_of(address: str) -> str:
    """Return the host of an address, without user, password and port."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def database_host(place: str) -> str:
    """Return the host of a configured database; "" for a file, a socket, or one that is not set."""
    found = os.environ.get(place[1:].strip("{}"), "") if place.startswith("$") else place
    if "://" not in found:
        return ""
    try:
        parts = urlsplit(found.removeprefix("jdbc:"))
        named = parse_qs(parts.query)
        hosts = [host for word in ("host", "hostaddr", "service") for host in named.get(word, ())]
        return (parts.hostname or next((one for one in hosts if not one.startswith("/")), "")).lower()
    except ValueError:
        return ""


def missing(hosts: Sequence[Asked]) -> tuple[str, ...]:
    """Return the hosts that nobody consented to, once each."""
    return tuple(dict.fromkeys(one.host for one in hosts if not one.has_consent))


def starts_here(world: WorldConfig) -> bool:
    """True when the world can be built on this machine."""
    return bool(world.start)


def _host(text: str) -> str:
    if text.partition(":")[0] in _BY_TOOL and text.partition(":")[2]:
        return text  # a container, in which a few lines of shell may be run to look at it
    host = (host_of(text) if "://" in text else text.strip().strip("[]").lower()) or ""
    if not host or any(c in host for c in "/@ *"):
        raise InvalidInput(
            f"{text!r} is no host",
            where="--i-own-this",
            rule="gap-consent",
            remedy="name one host as it is configured: --i-own-this shop.example.com",
        )
    return host
