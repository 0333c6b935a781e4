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
from andon.gaps.dependency.blend import BODY
from andon.gaps.dependency.findings import findings
from andon.gaps.dependency.pairs import name_of
from andon.gaps.dependency.shapes import Finding
from andon.gaps.experiment import Difference
from andon.gaps.relevance import is_named, shared
from andon.gaps.words import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from andon.gaps.beliefs import Beliefs, Exchange
    from andon.gaps.dependency.pairs import Pairs
    from andon.gaps.failure import Failure

#: What a failure's text says when a difference of a sort is behind it.
_SYMPTOMS = (
    (r"type:object", r"\bdict\b|object Object"),
    (r"type:array", r"\blist\b"),
    (r"type:string", r"\bstr\b|\bNaN\b"),
    (r"type:(?:number|boolean)", r"\bint\b|\bfloat\b|\bbool\b|is not a function"),
    (r"type:null|missing", r"NoneType|\bnull\b|\bundefined\b|\bnil\b|KeyError"),
    (r"no JSON", r"JSON|Unexpected token|Expecting value|<!doctype|ContentTypeError"),
    (r"an empty list", r"IndexError|out of range|empty sequence|ZeroDivision|division by zero"),
    (r"zero", r"ZeroDivision|division by zero|\bInfinity\b"),
    (r"form", r"isoformat|strptime|could not convert|invalid literal|Invalid (?:Date|time)|\bNaN\b|Decimal"),
    (r"status:429", r"\b429\b|rate.?limit|Too Many"),
    (r"status:5\d\d", r"\b50[0-4]\b|Bad Gateway|Service Unavailable|upstream"),
    (r"status:no answer", r"[Cc]onnection (?:refused|reset)|timed? ?out|ECONN"),
    (r"a text beyond ASCII|encoding", r"Unicode|codec|latin-1|ordinal not in range"),
    (r"a number beyond 32 bits", r"[Oo]verflow|out of range"),
    (r"integrity", r"integrity|digest"),
)
_PIN = re.compile(r"integrity=[\"']?\s*(sha(?:256|384|512)-[A-Za-z0-9+/=]+)")


def differences(
    name: str, pairs: Pairs, beliefs: Beliefs, failure: Failure, hosts: Collection[str] = (), base: str = ""
) -> tuple[Difference, ...]:
    """Return what production's answers hold that the tests never saw, weighed against a failure.

    `hosts` are those of the service (with the port, if it has one), `base` the path its addresses begin with.
    """
    found: list[Difference] = []
    pins = frozenset(pin for e in beliefs.exchanges for pin in _PIN.findall(e.answer))
    for where in pairs.production.endpoints:
        recorded = pairs.test.at(where)
        seen = [e for e in beliefs.exchanges if _is_of(e, where, hosts, base)]
        mine = [entry.answer for entry in recorded] + [_answer(e) for e in seen if e.status]
        theirs = [entry.answer for entry in pairs.production.at(where)]
        is_mocked = bool(mine) and all(e.is_mocked for e in recorded) and all(e.is_mocked for e in seen)
        found += [
            _difference(name, where, one, failure, hosts, is_mocked)
            for one in (*findings(mine, theirs), *_pinned(pins, mine, theirs))
        ]
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


def _digests(body: bytes) -> set[str]:
    made = (hashlib.sha256(body), hashlib.sha384(body), hashlib.sha512(body))
    return {f"{one.name}-{base64.b64encode(one.digest()).decode()}" for one in made}


def _difference(
    name: str, where: str, one: Finding, failure: Failure, hosts: Collection[str], is_mocked: bool
) -> Difference:
    weight, reasons = weigh(name, where, one.place, one.sort, one.breaks, failure, hosts)
    if is_mocked:
        reasons = (*reasons, "the tests made this answer up themselves")
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


def weigh(
    name: str, where: str, place: str, sort: str, breaks: bool, failure: Failure, hosts: Collection[str] = ()
) -> tuple[int, tuple[str, ...]]:
    """Return how much a difference weighs by the rules of `gaps.relevance`, and why."""
    field = name_of(place)
    named = [one for one in (field, name, *hosts) if one and is_named(failure, one)]
    words = shared(failure, name, where.partition(" ")[2], field)
    symptom = any(
        re.match(kind, sort) and re.search(text, f"{failure.text}\n{failure.absent}")
        for kind, text in _SYMPTOMS
    )
    reasons = [f"the failure names {one}" for one in named[:1]]
    if words:
        reasons.append(f"it shares {', '.join(sorted(words))} with the failing way")
    if symptom:
        reasons.append("the failure's text is what a program says of it")
    breaks = breaks or symptom
    reasons.append("it is of the sort that breaks programs" if breaks else "it seldom breaks a program")
    if not breaks:
        return 3 if named or words else 1, tuple(reasons)
    return 5 if named else 4 if words or symptom else 2, tuple(reasons)
