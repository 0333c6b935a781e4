"""What the tests believed of an outside service against what production answers, weighed. Pure.

Beliefs come from the tests' recording and from the requests in the suite's artefacts that went to the service
or that the suite answered itself.
"""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import urlsplit

from andon.gaps.dependency.answers import Answer, endpoint, without_base
from andon.gaps.dependency.blend import ANSWER, BODY
from andon.gaps.dependency.findings import findings
from andon.gaps.dependency.shapes import Finding
from andon.gaps.dependency.weighing import Named, Values, weigh
from andon.gaps.experiment import Difference
from andon.gaps.words import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from andon.gaps.beliefs import Beliefs, Exchange
    from andon.gaps.dependency.pairs import Pairs
    from andon.gaps.failure import Failure

#: Places of an endpoint that differ in their values alone, and are told.
_MOST_OTHERS = 100
_PIN = re.compile(r"integrity=[\"']?\s*(sha(?:256|384|512)-[A-Za-z0-9+/=]+)")


def differences(
    name: str,
    pairs: Pairs,
    beliefs: Beliefs,
    failure: Failure,
    hosts: Collection[str] = (),
    base: str = "",
    asked_there: Collection[str] = (),
) -> tuple[Difference, ...]:
    """Return what production's answers hold that the tests never saw, weighed against a failure.

    `hosts` are those of the service (with the port, if it has one), `base` the path its addresses begin with,
    `asked_there` the endpoints that the application's source names where it answers the failing request.
    """
    found: list[Difference] = []
    pins = frozenset(pin for e in beliefs.exchanges for pin in _PIN.findall(e.answer))
    for where in pairs.production.endpoints:
        recorded = pairs.test.at(where)
        seen = [e for e in beliefs.exchanges if _is_of(e, where, hosts, base)]
        mine = [entry.answer for entry in recorded] + [_answer(e) for e in seen if e.status]
        theirs = [entry.answer for entry in pairs.production.at(where)]
        is_mocked = bool(mine) and all(e.is_mocked for e in recorded) and all(e.is_mocked for e in seen)
        told = (*findings(mine, theirs), *_pinned(pins, mine, theirs))
        told += _others(pairs.places(where), told)
        values = Values(mine, theirs, failure)
        service = Named(name=name, endpoint=where, hosts=tuple(hosts), is_asked_there=where in asked_there)
        for one in told:
            weight, reasons = weigh(service, one, failure, values)
            if is_mocked:
                reasons = (*reasons, "the tests made this answer up themselves")
            found.append(_difference(name, where, one, weight, reasons))
    return tuple(found)


def _is_of(exchange: Exchange, where: str, hosts: Collection[str], base: str) -> bool:
    host = urlsplit(exchange.origin).netloc
    if host not in hosts and not exchange.is_mocked:
        return False
    return endpoint(exchange.method, without_base(exchange.path, base)) == where


def _answer(exchange: Exchange) -> Answer:
    headers = exchange.headers
    if exchange.content_type and not any(name == "content-type" for name, _ in headers):
        headers = (*headers, ("content-type", exchange.content_type))
    return Answer(status=exchange.status, headers=headers, body=exchange.answer.encode("utf-8", "replace"))


def _pinned(pins: Collection[str], test: list[Answer], production: list[Answer]) -> tuple[Finding, ...]:
    """Return a finding when a page asks for a script by its digest, and production's is another script."""
    if not any(_digests(a.body) & set(pins) for a in test):
        return ()
    if all(_digests(a.body) & set(pins) for a in production):
        return ()
    return (
        Finding(
            place=BODY,
            test="the content whose digest pages ask for",
            production="another content",
            breaks=True,
            sort="integrity",
        ),
    )


def _others(places: Sequence[str], told: Collection[Finding]) -> tuple[Finding, ...]:
    """Return the other places that differ, for whoever wants to know whether a place still does."""
    known = {one.place for one in told}
    return tuple(
        Finding(place=place, test="one", production="another", breaks=False, sort="value")
        for place in places[:_MOST_OTHERS]
        if place not in known and place != ANSWER
    )


def _digests(body: bytes) -> set[str]:
    made = (hashlib.sha256(body), hashlib.sha384(body), hashlib.sha512(body))
    return {f"{one.name}-{base64.b64encode(one.digest()).decode()}" for one in made}


def _difference(name: str, where: str, one: Finding, weight: int, reasons: tuple[str, ...]) -> Difference:
    return Difference(
        kind=Kind.DEPENDENCY,
        place=(name, where, one.place),
        test=one.test,
        production=one.production,
        weight=weight,
        reasons=reasons,
        summary=f"{name}, {where}, {one.place}: {one.production} in production, {one.test} in the tests",
        probe="answers of outside services",
    )
