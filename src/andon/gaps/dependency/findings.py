"""What production's answers of one endpoint hold that the tests never saw, before it is weighed. Pure."""

from __future__ import annotations

from andon.gaps.dependency.answers import Answer, json_of
from andon.gaps.dependency.blend import ANSWER, BODY, STATUS, header
from andon.gaps.dependency.shapes import Finding, shapes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

#: Answers of an endpoint that are compared.
_MOST_ANSWERS = 200
#: Bytes of them.
_MOST_BYTES = 4 << 20
_VERSIONS = (
    "api-version",
    "x-api-version",
    "stripe-version",
    "x-version",
    "deprecation",
    "sunset",
    "warning",
)
_LIMITS = ("x-ratelimit-limit", "ratelimit-limit", "x-rate-limit-limit", "ratelimit-policy")


def findings(test: Sequence[Answer], production: Sequence[Answer]) -> tuple[Finding, ...]:
    """Return what production's answers hold that the tests' do not, each place and sort once."""
    found: dict[tuple[str, str], Finding] = {}
    for one in _all(_some(test), _some(production)):
        found.setdefault((one.place, one.sort), one)
    return tuple(found.values())


def _some(answers: Sequence[Answer]) -> list[Answer]:
    """Return answers from the first on, as many as can be compared in a moment."""
    found: list[Answer] = []
    size = 0
    for answer in answers[:_MOST_ANSWERS]:
        size += len(answer.body)
        if size > _MOST_BYTES and found:
            break
        found.append(answer)
    return found


def _all(test: Sequence[Answer], production: Sequence[Answer]) -> Iterator[Finding]:
    if not test or not production:
        return
    yield from _statuses(test, production)
    usual = {a.status for a in test if not a.problem}
    alike = [a for a in production if not a.problem and a.status in usual]
    mine = [a for a in test if not a.problem]
    yield from _contents(mine, alike)
    yield from _headers(mine, alike)
    beliefs, answers = _values(mine), _values(alike)
    if beliefs and answers:
        yield from shapes(beliefs, answers, is_paged=any('rel="next"' in a.header("link") for a in alike))


def _statuses(test: Sequence[Answer], production: Sequence[Answer]) -> Iterator[Finding]:
    known = {_status(a) for a in test}
    for answer in production:
        status = _status(answer)
        if status not in known:
            yield Finding(
                place=ANSWER if answer.problem else STATUS,
                test=", ".join(sorted(known)),
                production=status,
                breaks=bool(answer.problem) or answer.status >= 300 or answer.status == 204,
                sort=f"status:{status}",
            )


def _status(answer: Answer) -> str:
    return f"no answer ({answer.problem})" if answer.problem else str(answer.status)


def _contents(test: Sequence[Answer], production: Sequence[Answer]) -> Iterator[Finding]:
    types = {a.media_type for a in test}
    charsets = {a.charset for a in test}
    was_json = bool(test) and all(_json(a)[0] for a in test)
    for answer in production:
        is_json = _json(answer)[0]
        if answer.media_type not in types:
            yield Finding(
                place=header("content-type"),
                test=", ".join(sorted(filter(None, types))) or "none",
                production=answer.media_type or "none",
                breaks=was_json and not is_json,
                sort="no JSON" if was_json and not is_json else "type of content",
            )
        if "script" in answer.media_type and test and answer.body not in {a.body for a in test}:
            yield Finding(
                place=BODY, test="a script", production="another script", breaks=True, sort="script"
            )
        if was_json and not is_json:
            told = "no content" if not answer.body else "HTML" if _is_html(answer) else "no JSON"
            yield Finding(place=BODY, test="JSON", production=told, breaks=True, sort="no JSON")
        if answer.media_type in types and answer.charset not in charsets:
            yield Finding(
                place=header("content-type"),
                test=", ".join(sorted(charsets)),
                production=answer.charset,
                breaks=True,
                sort="encoding",
            )


def _is_html(answer: Answer) -> bool:
    return "html" in answer.media_type or answer.body.lstrip()[:15].lower().startswith(
        (b"<!doctype", b"<html")
    )


def _headers(test: Sequence[Answer], production: Sequence[Answer]) -> Iterator[Finding]:
    for name in (*_VERSIONS, *_LIMITS):
        mine, theirs = {a.header(name) for a in test}, {a.header(name) for a in production}
        if theirs - mine - {""}:
            yield Finding(
                place=header(name),
                test="another value" if mine - {""} else "not there",
                production="there",
                breaks=False,
                sort="version" if name in _VERSIONS else "limit",
            )
    for name, sort in (("link", "paging"), ("access-control-allow-origin", "cross-origin")):
        was, now = all(a.header(name) for a in test), any(a.header(name) for a in production)
        if name == "link" and now and not any(a.header(name) for a in test):
            yield Finding(place=header("link"), test="not there", production="there", breaks=False, sort=sort)
        if name != "link" and test and production and was and not now:
            yield Finding(place=header(name), test="there", production="not there", breaks=True, sort=sort)


def _values(answers: Sequence[Answer]) -> list[Any]:
    return [value for is_json, value in map(_json, answers) if is_json]


def _json(answer: Answer) -> tuple[bool, Any]:
    return json_of(answer.body, answer.charset)
