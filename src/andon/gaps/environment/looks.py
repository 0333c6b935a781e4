"""What differs between two worlds as they answer from outside, and in the machines they run on. Pure."""

from __future__ import annotations

import re

from andon.gaps.experiment import Difference
from andon.gaps.relevance import is_named, shared
from andon.gaps.words import Kind
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from andon.gaps.failure import Failure

#: Headers by which a server tells browsers what they may do, and others that change what arrives.
COMPARED = (
    "content-security-policy", "content-security-policy-report-only", "access-control-allow-origin",
    "access-control-allow-credentials", "access-control-allow-methods", "access-control-allow-headers",
    "x-frame-options", "strict-transport-security", "referrer-policy", "permissions-policy",
    "cross-origin-opener-policy", "cross-origin-embedder-policy", "cross-origin-resource-policy",
    "x-content-type-options", "content-type", "content-encoding", "cache-control", "vary",
)  # fmt: skip
#: Headers with which a browser refuses what a page does.
_REFUSING = frozenset(COMPARED[:7]) | frozenset(COMPARED[10:14])
_REFUSAL = re.compile(
    r"content security policy|\bcsp\b|\bcors\b|cross-origin|refused to|blocked by|access-control|x-frame"
    r"|mixed content|same-?origin|csrf|samesite|cookie",
    re.IGNORECASE,
)
_TRUST = re.compile(r"certificat|\bssl\b|\btls\b|handshake|self.?signed|expired", re.IGNORECASE)
_NONCE = re.compile(r"'(nonce|sha\d{3})-[^']*'")
#: What in a failure's text a fact of the machine explains.
_EXPLAINED = {
    "open files": re.compile(r"too many open files|EMFILE", re.IGNORECASE),
    "processes": re.compile(r"resource temporarily unavailable|can't start new thread|EAGAIN", re.IGNORECASE),
    "memory": re.compile(r"out of memory|memoryerror|oom|heap|cannot allocate", re.IGNORECASE),
    "time zone": re.compile(r"\d{4}-\d{2}-\d{2}|\b\d{1,2}:\d{2}\b|\bdate|\bday\b|\bhour", re.IGNORECASE),
    "locale": re.compile(r"codec|encod|decod|unicode|ascii|charset", re.IGNORECASE),
    "C library": re.compile(r"symbol not found|GLIBC|musl|ld-linux", re.IGNORECASE),
}


class Cookie(Record):
    """A cookie that a server sets: its name and its flags, never its value."""

    name: str
    #: `Secure`, `HttpOnly`, `SameSite=Lax`, `Domain`, `Path=/x`.
    flags: tuple[str, ...]


class Look(Record):
    """How a world answers one request."""

    #: The request's path.
    path: str
    status: int = 0
    #: `HTTP/1.1`, and what TLS would rather speak (`h2`); "" when not known.
    version: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    cookies: tuple[Cookie, ...] = ()
    #: Where it leads by redirects, paths only for the same host.
    redirects: tuple[str, ...] = ()
    #: Why nothing is known.
    problem: str = ""


class Tls(Record):
    """What a server shows of its encryption."""

    protocol: str = ""
    issuer: str = ""
    #: Whole days until the certificate ends; None when not known.
    days: int | None = None
    #: Why it is not trusted here; "" when it is.
    untrusted: str = ""


def plain_header(name: str, value: str) -> str:
    """Return a header's value as it may be compared and shown: without what is new in every answer."""
    return _NONCE.sub(r"'\1'", value)[:300] if name in COMPARED else ""


def compare_looks(test: Look, production: Look, failure: Failure) -> tuple[Difference, ...]:
    """Return what differs between two answers to one request.

    The failing page's own status is what failed, and not why; and the headers of an answer with another
    status say nothing of the settings.
    """
    if test.status != production.status:
        if production.path == failure.path:
            return ()
        return (_difference(f"status of {test.path}", str(test.status), str(production.status), 2, ()),)
    found = []
    ours, theirs = dict(test.headers), dict(production.headers)
    for name in COMPARED:
        if ours.get(name, "") != theirs.get(name, ""):
            weight, reasons = _header_weight(name, failure)
            found.append(
                _difference(
                    f"header {name}",
                    ours.get(name) or "missing",
                    theirs.get(name) or "missing",
                    weight,
                    reasons,
                )
            )
    if test.redirects != production.redirects:
        found.append(_difference(f"redirects of {test.path}", _listed(test), _listed(production), 2, ()))
    if test.version != production.version:
        found.append(_difference("HTTP version", test.version, production.version, 1, ()))
    return (*found, *_cookies(test, production, failure))


def _header_weight(name: str, failure: Failure) -> tuple[int, tuple[str, ...]]:
    if is_named(failure, name):
        return 5, (f"the failure names {name}",)
    if name in _REFUSING and _REFUSAL.search(_text(failure)):
        return 4, ("the failure is about something that a browser refused",)
    return (2, ("by it a browser may refuse something",)) if name in _REFUSING else (1, ())


def _cookies(test: Look, production: Look, failure: Failure) -> list[Difference]:
    ours, theirs = ({one.name: one.flags for one in look.cookies} for look in (test, production))
    found = []
    for name in sorted(ours.keys() & theirs.keys()):
        if ours[name] != theirs[name]:
            is_so = bool(_REFUSAL.search(_text(failure)) or shared(failure, name))
            test_flags, flags = (", ".join(one[name]) or "no flags" for one in (ours, theirs))
            reason = "by its flags a browser sends it or keeps it back"
            found.append(_difference(f"cookie {name}", test_flags, flags, 4 if is_so else 2, (reason,)))
    return found


def compare_tls(test: Tls | None, production: Tls | None, failure: Failure) -> tuple[Difference, ...]:
    """Return what differs in encryption, and what is wrong with production's certificate."""
    if production is None:
        return ()
    is_so = bool(_TRUST.search(_text(failure)))
    found = []
    if production.untrusted and not (test and test.untrusted == production.untrusted):
        ours = (test.untrusted or "trusted") if test else "no encryption"
        weight = 4 if is_so else 2
        found.append(_difference("certificate", ours, production.untrusted, weight, ("it is not trusted",)))
    elif production.days is not None and production.days < 14:
        found.append(_difference("certificate", "", f"ends in {production.days} days", 2, ("it ends soon",)))
    if test is not None:
        for name, ours, theirs in (
            ("TLS version", test.protocol, production.protocol),
            ("certificate's issuer", test.issuer, production.issuer),
        ):
            if ours and theirs and ours != theirs:
                found.append(_difference(name, ours, theirs, 1, ()))
    return tuple(found)


def compare_machines(
    test: Mapping[str, str], production: Mapping[str, str], failure: Failure
) -> tuple[Difference, ...]:
    """Return what differs between the machines: versions of runtimes, system, limits, locale, time zone."""
    found = []
    for name in sorted({*test, *production}):
        ours, theirs = test.get(name, ""), production.get(name, "")
        if ours == theirs or not ours or not theirs:
            continue
        explains = _EXPLAINED.get(name)
        if explains and explains.search(_text(failure)):
            found.append(
                _difference(name, ours, theirs, 4, ("it explains failures of this sort",), "runtime")
            )
        else:
            weight = 2 if name.startswith("version of") and _series(ours) != _series(theirs) else 1
            found.append(_difference(name, ours, theirs, weight, (), "runtime"))
    return tuple(found)


def _series(version: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\d+", version)[:2])


def _difference(
    name: str, test: str, production: str, weight: int, reasons: tuple[str, ...], probe: str = "http"
) -> Difference:
    return Difference(
        kind=Kind.ENVIRONMENT,
        place=(name,),
        test=test,
        production=production,
        weight=weight,
        reasons=reasons,
        summary=f"{name}: {production} in production, {test or 'otherwise'} in test",
        probe=probe,
    )


def _listed(look: Look) -> str:
    return " then ".join(look.redirects) or "none"


def _text(failure: Failure) -> str:
    return f"{failure.text}\n{failure.absent}"
