"""Answers that are mixed of the tests' and production's: which places differ, and one with some of them.

A place of an answer is `status`, `headers` (all of them), `header NAME`, `delay`, `body` (when it is no
JSON), a field of its JSON (see `fields`), or `answer`, all of it.
"""

from __future__ import annotations

import json

from andon.gaps.dependency.answers import Answer, json_of
from andon.gaps.dependency.fields import blended, covers, differing
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

ANSWER, STATUS, HEADERS, DELAY, BODY = "answer", "status", "headers", "delay", "body"
_HEADER = "header "
#: Headers that say nothing to a program, or are made anew for every answer.
_IDLE_NAMES = """
date age expires last-modified etag content-length transfer-encoding connection keep-alive via server
server-timing x-request-id x-correlation-id x-trace-id traceparent x-runtime x-cache cf-ray
cf-cache-status x-amz-cf-id x-amz-cf-pop x-amzn-requestid x-amzn-trace-id x-served-by x-timer nel
report-to alt-svc
"""
_IDLE = frozenset(_IDLE_NAMES.split())


def header(name: str) -> str:
    """Return the place of a header."""
    return _HEADER + name.lower()


def places(test: Answer, production: Answer) -> tuple[str, ...]:
    """Return the finest places in which two answers differ."""
    if test.problem or production.problem:
        return () if _plain(test) == _plain(production) else (ANSWER,)
    found: list[str] = [STATUS] if test.status != production.status else []
    if test.delay != production.delay:
        found.append(DELAY)
    mine, theirs = _by_name(test), _by_name(production)
    found += [header(n) for n in dict.fromkeys((*mine, *theirs)) if mine.get(n) != theirs.get(n)]
    if test.body != production.body:
        (is_json, one), (other_is_json, other) = _json(test), _json(production)
        found += differing(one, other) if is_json and other_is_json else [BODY]
    return tuple(found)


def mixed(test: Answer, production: Answer, chosen: Collection[str]) -> Answer:
    """Return the tests' answer with the chosen places as in production.

    Nothing chosen that differs: the tests' answer as it is; all of it: production's as it is.
    """
    differ = places(test, production)
    taken = [place for place in differ if is_in(place, chosen)]
    if not taken:
        return test
    if len(taken) == len(differ):
        return production
    headers = _headers(test, production, taken)
    mixture = replace(
        test,
        status=production.status if STATUS in taken else test.status,
        delay=production.delay if DELAY in taken else test.delay,
        headers=headers,
    )
    if BODY in taken:
        return replace(mixture, body=production.body)
    fields = [place for place in taken if place.startswith("$")]
    if not fields:
        return mixture
    value = blended(_json(test)[1], _json(production)[1], fields)
    text = json.dumps(value, ensure_ascii=False)
    return replace(mixture, body=text.encode(mixture.charset, "replace"))


def is_in(place: str, chosen: Collection[str]) -> bool:
    """True when a place is chosen, by itself or with what holds it."""
    if place in chosen or ANSWER in chosen:
        return True
    if place.startswith(_HEADER):
        return HEADERS in chosen
    return place.startswith("$") and any(covers(one, place) for one in chosen if one.startswith("$"))


def _headers(test: Answer, production: Answer, taken: Collection[str]) -> tuple[tuple[str, str], ...]:
    swapped = {place[len(_HEADER) :] for place in taken if place.startswith(_HEADER)}
    kept = [pair for pair in test.headers if pair[0] not in swapped]
    return (*kept, *(pair for pair in production.headers if pair[0] in swapped))


def _by_name(answer: Answer) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in answer.headers:
        if name not in _IDLE:
            found.setdefault(name, []).append(value)
    return found


def _json(answer: Answer) -> tuple[bool, object]:
    return json_of(answer.body, answer.charset)


def _plain(answer: Answer) -> tuple[object, ...]:
    return answer.problem, answer.status, answer.body, answer.delay
