"""Recordings of outside services as they were read from a file: HAR, cassettes of vcrpy and VCR, Andon's own.

Nothing of what they hold is ever in an error: only which entry it is, and what is wrong with it.
"""

from __future__ import annotations

import json

from andon.errors import InvalidInput
from andon.gaps.dependency.answers import PROBLEMS, Answer, Recorded, Recording
from andon.gaps.dependency.entries import (
    Wrong,
    address_of,
    fitting,
    from_base64,
    headers_of,
    method_of,
    required,
    status_of,
    text_of,
    uncompressed,
    unpacked,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: Entries that are read; the rest is left out and told.
MOST_ENTRIES = 20_000


def recording(plain: Any) -> Recording:
    """Return what was recorded, by whichever form the value has; raises InvalidInput for none of them.

    An entry that cannot be used is left out and told.
    """
    if isinstance(plain, dict):
        log = plain.get("log")
        if isinstance(log, dict) and isinstance(log.get("entries"), list):
            return _all("HAR", log["entries"], _har_entry)
        for key in ("interactions", "http_interactions"):
            if isinstance(plain.get(key), list):
                return _all("cassette", plain[key], _cassette_entry)
        if isinstance(plain.get("answers"), list):
            return _all("recording", plain["answers"], _own_entry)
    raise InvalidInput(
        "this is no HAR (log.entries), no cassette (interactions) and no recording of Andon's (answers)",
        remedy='a list of answers is enough: {"answers": [{"ask": "GET /rates", "json": {"rate": 1}}]}',
    )


def _all(form: str, entries: list[Any], read: Callable[[dict[str, Any]], Recorded]) -> Recording:
    found: list[Recorded] = []
    wrong: dict[str, list[int]] = {}
    for number, entry in enumerate(entries[:MOST_ENTRIES], 1):
        try:
            if not isinstance(entry, dict):
                raise Wrong("is no object")
            found.append(read(entry))
        except Wrong as why:
            wrong.setdefault(str(why), []).append(number)
    problems = [f"entry {_numbers(numbers)} {why}" for why, numbers in wrong.items()]
    if len(entries) > MOST_ENTRIES:
        problems.append(f"only the first {MOST_ENTRIES} of {len(entries)} entries were read")
    return Recording(entries=tuple(found), form=form, problems=tuple(problems))


def _numbers(numbers: list[int]) -> str:
    shown = ", ".join(str(n) for n in numbers[:3])
    return shown if len(numbers) <= 3 else f"{shown} and {len(numbers) - 3} more:"


def _har_entry(entry: dict[str, Any]) -> Recorded:
    request, response = required(entry, "request"), required(entry, "response")
    origin, path = address_of(request.get("url"))
    content = response.get("content")
    content = content if isinstance(content, dict) else {}
    status = status_of(response.get("status"), may_fail=True)
    if content.get("_file") or content.get("_sha1"):
        raise Wrong("has its content in another file: record it with the content embedded")
    headers = headers_of(response.get("headers"))
    given = content.get("text")
    if content.get("encoding") == "base64":
        body = from_base64(given)
    else:
        charset = Answer(headers=headers).charset
        body = text_of(given).encode(charset, "replace")
    posted = request.get("postData")
    sent = posted.get("text") if isinstance(posted, dict) else ""
    return Recorded(
        method=method_of(request.get("method")),
        origin=origin,
        path=path,
        sent=text_of(sent).encode("utf-8", "replace"),
        answer=Answer(
            status=status,
            headers=uncompressed(headers),
            body=fitting(body),
            problem="" if status else "reset",
        ),
        is_mocked=bool(entry.get("_wasFulfilled")),
    )


def _cassette_entry(entry: dict[str, Any]) -> Recorded:
    request, response = required(entry, "request"), required(entry, "response")
    origin, path = address_of(request.get("uri") or request.get("url"))
    status = response.get("status")
    headers = headers_of(response.get("headers"))
    body, left = unpacked(_cassette_body(response.get("body")), headers)
    return Recorded(
        method=method_of(request.get("method")),
        origin=origin,
        path=path,
        sent=_cassette_body(request.get("body")),
        answer=Answer(
            status=status_of(status.get("code") if isinstance(status, dict) else status),
            headers=left,
            body=fitting(body),
        ),
    )


def _own_entry(entry: dict[str, Any]) -> Recorded:
    unknown = set(entry) - {"ask", "sent", "status", "headers", "json", "text", "base64", "delay", "problem"}
    if unknown:
        raise Wrong(
            "has settings that mean nothing; known are ask, sent, status, headers, json, text, base64, "
            "delay and problem"
        )
    ask = entry.get("ask")
    method, _, where = ask.partition(" ") if isinstance(ask, str) else ("", "", "")
    if not where:
        raise Wrong('has no ask, as in "GET /rates?base=EUR"')
    if where.startswith("/"):
        origin, path = "", where
    else:
        origin, path = address_of(where)
    headers = headers_of(entry.get("headers"))
    if "json" in entry:
        body = _as_json(entry["json"])
        if not any(name == "content-type" for name, _ in headers):
            headers = (*headers, ("content-type", "application/json"))
    elif "base64" in entry:
        body = from_base64(entry["base64"])
    else:
        body = text_of(entry.get("text")).encode(Answer(headers=headers).charset, "replace")
    delay, problem, sent = entry.get("delay", 0), entry.get("problem", ""), entry.get("sent", "")
    if isinstance(delay, bool) or not isinstance(delay, (int, float)) or not 0 <= delay <= 600_000:
        raise Wrong("has a delay that is no number of milliseconds up to 600000")
    if problem and problem not in PROBLEMS:
        raise Wrong(f"has a problem that is none of {', '.join(PROBLEMS)}")
    return Recorded(
        method=method_of(method),
        origin=origin,
        path=path,
        sent=sent.encode("utf-8", "replace") if isinstance(sent, str) else _as_json(sent),
        answer=Answer(
            status=status_of(entry.get("status", 200)),
            headers=uncompressed(headers),
            body=fitting(body),
            delay=delay / 1000,
            problem=problem,
        ),
    )


def _as_json(value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError):  # bytes, dates and circles of a YAML file
        raise Wrong("has a content that cannot be written as JSON") from None


def _cassette_body(value: Any) -> bytes:
    if isinstance(value, dict):
        for key in ("base64_string", "base64"):
            if key in value:
                return from_base64(value[key])
        value = value.get("string")
    if isinstance(value, bytes):
        return value
    return text_of(value).encode("utf-8", "surrogateescape")
