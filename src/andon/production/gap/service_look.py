"""A read-only look at outside services that are asked live: a few GET requests, and their certificates."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from andon.gaps.dependency.answers import without_base
from andon.gaps.experiment import Difference
from andon.gaps.words import Kind
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.beliefs import Beliefs
    from andon.production.gap.services import Service, Side
    from andon.production.gap.upstream import Upstream

#: Paths of one service that are asked.
_MOST = 20
#: A certificate that ends sooner is told.
_DAYS = 7


class Look(Record):
    """What a look at one service showed."""

    #: Hosts that are this service's, with their ports.
    hosts: tuple[str, ...] = ()
    requests: int = 0
    problems: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()


def look(service: Service, beliefs: Beliefs) -> Look:
    """Ask a service's live sides for what the other side, or the suite, asked; raises nothing for it."""
    sides = [side for side in (service.test, service.production) if side is not None]
    hosts = tuple(dict.fromkeys(urlsplit(origin).netloc for side in sides for origin in side.origins))
    paths = _paths(service, beliefs, hosts)
    problems, found = [], []
    before = _sent(sides)
    for side in sides:
        if side.upstream is None or side.problem:
            continue
        for path in paths:
            got = side.upstream.answer("GET", path)
            if isinstance(got, str):
                problems.append(got)
                break  # the others would not be answered either
        if not paths:
            problems.append(
                f"{service.name}: nobody knows what to ask {side.upstream.host}: record what tests ask"
            )
    if service.production and service.production.upstream and not service.production.problem:
        found += _certificate(service, service.production.upstream)
    service.forget()
    return Look(
        hosts=hosts,
        requests=_sent(sides) - before,
        problems=tuple(problems),
        differences=tuple(found),
    )


def _sent(sides: Sequence[Side]) -> int:
    """Return how many requests were sent to a service until now."""
    return sum(side.upstream.requests for side in sides if side.upstream is not None)


def _paths(service: Service, beliefs: Beliefs, hosts: tuple[str, ...]) -> tuple[str, ...]:
    known = [
        entry.path
        for answers in (service.pairs.test, service.pairs.production)
        for name in answers.endpoints
        for entry in answers.at(name)
        if entry.method == "GET"
    ]
    base = service.test.base if service.test else ""
    known += [
        without_base(e.path, base)
        for e in beliefs.exchanges
        if e.method == "GET" and urlsplit(e.origin).netloc in hosts
    ]
    return tuple(dict.fromkeys(known))[:_MOST]


def _certificate(service: Service, upstream: Upstream) -> list[Difference]:
    if not upstream.is_encrypted:
        return []
    report = upstream.certificate()
    if report.expires_at is None:
        return []
    left = report.expires_at - datetime.now(UTC)
    if left.days >= _DAYS:
        return []
    is_over = left.total_seconds() < 0
    told = "has ended" if is_over else f"ends in {left.days} days"
    return [
        Difference(
            kind=Kind.DEPENDENCY,
            place=(service.name,),
            test="",
            production=f"the certificate {told}",
            weight=4 if is_over else 2,
            reasons=("a program that checks certificates is refused" if is_over else "it still holds",),
            summary=f"{service.name}: production's certificate {told}",
            probe="certificate",
        )
    ]
