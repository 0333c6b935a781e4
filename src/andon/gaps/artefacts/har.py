"""Entries of an HTTP archive (HAR 1.2), as browsers record it and as traces of Playwright hold it. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import urlsplit

from andon.gaps.artefacts import loose
from andon.gaps.artefacts.found import FoundTest, Piece, Told
from andon.gaps.artefacts.kept_out import is_secret_name
from andon.gaps.beliefs import Exchange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from andon.gaps.artefacts.kept_out import Credentials

#: Characters of a body that are kept; credentials are looked for in all of it.
BODY = 1 << 16
#: Entries of one archive that are read.
ENTRIES = 20_000
_TEXTUAL = re.compile(r"json|text|xml|html|javascript|urlencoded|graphql|csv|yaml", re.IGNORECASE)
#: Headers that say where and how, not what: they differ with every answer.
_DULL = frozenset(
    ("date", "content-length", "connection", "keep-alive", "transfer-encoding", "age", "etag", "expires")
)


def read_har(document: dict[str, Any], name: str, secrets: Credentials) -> Piece:
    """Return a HAR file as one test without a name: it holds no word about tests."""
    secrets.scan(document)
    entries = list(loose.tables(document, "log", "entries"))[:ENTRIES]
    found = [one for entry in entries if (one := read_entry(entry, lambda _: b"", secrets))]
    browser = loose.text(document, "log", "browser", "name")
    test = FoundTest(title=name, outcome="unclear", exchanges=tuple(found), is_trace=True)
    return Piece(sort="HAR", tests=(test,) if found else (), told=Told(browser=browser))


def read_entry(entry: dict[str, Any], body: Callable[[str], bytes], secrets: Credentials) -> Exchange | None:
    """Return one request with its answer, `started` in seconds since 1970; None for what is none.

    `body` returns the content of a body that is kept in a file of its own.
    """
    request, response = loose.table(entry, "request"), loose.table(entry, "response")
    url = loose.text(request, "url")
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    secrets.add_url(url)
    content_type = loose.text(response, "content", "mimeType").split(";")[0].strip()
    sent = _body(loose.table(request, "postData"), body)
    answer = _body(loose.table(response, "content"), body)
    for one, sort in ((sent, loose.text(request, "postData", "mimeType")), (answer, content_type)):
        secrets.add_body(one, sort)
    host = parts.netloc.rpartition("@")[2]
    return Exchange(
        method=loose.text(request, "method").upper() or "GET",
        origin=f"{parts.scheme}://{host}",
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        status=loose.whole(response, "status"),
        started=loose.moment(entry, "startedDateTime"),
        seconds=loose.number(entry, "time") / 1000,
        is_mocked=entry.get("_wasFulfilled") is True,
        resource=_resource(entry),
        content_type=content_type,
        headers=_headers(response, secrets),
        sent=sent,
        answer=answer,
        problem=_problem(entry, response),
    )


def _resource(entry: dict[str, Any]) -> str:
    if loose.text(entry, "_apiRequestRef") or entry.get("_apiRequest") is True:
        return "api"
    return loose.text(entry, "_resourceType")


def _problem(entry: dict[str, Any], response: dict[str, Any]) -> str:
    if entry.get("_wasAborted") is True:
        return "the suite itself broke it off"
    return loose.text(response, "_failureText")[:200]


def _headers(response: dict[str, Any], secrets: Credentials) -> tuple[tuple[str, str], ...]:
    kept = []
    for header in list(loose.tables(response, "headers"))[:100]:
        name, value = loose.text(header, "name").lower(), loose.text(header, "value")
        if is_secret_name(name):
            secrets.add_header(value)
        elif name == "location":
            secrets.add_url(value)
            kept.append((name, value[:500]))
        elif name not in _DULL:
            kept.append((name, value[:500]))
    return tuple(kept)


def _body(content: dict[str, Any], body: Callable[[str], bytes]) -> str:
    """Return a body as text; "" for none, or for what is no text."""
    file = loose.text(content, "_file") or loose.text(content, "_sha1")
    raw = body(file) if file else b""
    if not raw:
        said = loose.text(content, "text")
        if loose.text(content, "encoding") != "base64":
            return said
        try:
            raw = base64.b64decode(said)
        except (binascii.Error, ValueError):
            return ""
    kind = loose.text(content, "mimeType")
    if kind and not _TEXTUAL.search(kind):
        return ""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
