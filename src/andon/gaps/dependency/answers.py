"""What was recorded of an outside service, and which recorded answer belongs to which request."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

from andon.gaps.failure import template
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    #: Path, query and content of a request.
    _Key = tuple[str, tuple[tuple[str, str], ...], str | bytes]

#: How a service answers without an answer.
PROBLEMS = ("refused", "reset", "timeout", "cut")


class Answer(Record):
    """What a service answered."""

    status: int = 200
    #: By lower-case name, in order; a name may come twice.
    headers: tuple[tuple[str, str], ...] = ()
    #: The content itself: not compressed, not in chunks.
    body: bytes = b""
    #: Seconds before it comes, where a recording says so by itself.
    delay: float = 0.0
    #: Instead of an answer: one of `PROBLEMS` (`cut`: the connection ends within the content); "" for none.
    problem: str = ""

    def header(self, name: str) -> str:
        """Return the first header of a name (lower case); "" for none."""
        return next((value for own, value in self.headers if own == name), "")

    @property
    def media_type(self) -> str:
        """Its content type without parameters, in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The encoding that its content type names; `utf-8` when it names none that is known."""
        found = self.header("content-type").lower().partition("charset=")[2].split(";")[0].strip(" \"'")
        try:
            "".encode(found or "utf-8")
        except (LookupError, ValueError):
            return "utf-8"
        return found or "utf-8"

    @property
    def text(self) -> str:
        """Its content as text."""
        return self.body.decode(self.charset, "replace")


class Recorded(Record):
    """One request to a service and its answer."""

    method: str
    #: Scheme, host and port; "" when not known.
    origin: str = ""
    #: Path and query.
    path: str
    sent: bytes = b""
    answer: Answer
    #: True when a suite made the answer up.
    is_mocked: bool = False

    @property
    def endpoint(self) -> str:
        """Method and template of the path."""
        return endpoint(self.method, self.path)


class Recording(Record):
    """Everything that is known of a service in one world."""

    entries: tuple[Recorded, ...] = ()
    #: `HAR`, `cassette`, `recording`, `live look`; what it was read from.
    form: str = ""
    #: What could not be used, each with the reason.
    problems: tuple[str, ...] = ()

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints that it has answers of, as they come."""
        return tuple(dict.fromkeys(entry.endpoint for entry in self.entries))


def endpoint(method: str, path: str) -> str:
    """Return how an endpoint is written."""
    return f"{method.upper()} {template(path) or '/'}"


def json_of(content: bytes, charset: str = "utf-8") -> tuple[bool, Any]:
    """Return whether a content is JSON, and its value."""
    try:
        return True, json.loads(content.decode(charset))
    except (ValueError, RecursionError, LookupError):
        return False, None


def of_service(recording: Recording, name: str, url: str) -> Recording:
    """Return the part of a recording that is this service's, when it holds the answers of several hosts."""
    hosts = {urlsplit(entry.origin).netloc for entry in recording.entries}
    if len(hosts) < 2:
        return recording
    wanted = {urlsplit(url).netloc} if url else {h for h in hosts if name.lower() in h.lower()}
    if not wanted & hosts:
        told = f"it holds {len(hosts)} hosts and none is known as {name}: give its url"
        return Recording(form=recording.form, problems=(*recording.problems, told))
    kept = tuple(e for e in recording.entries if urlsplit(e.origin).netloc in wanted)
    return Recording(entries=kept, form=recording.form, problems=recording.problems)


class Answers:
    """The answers of a service by request, each request's in the order in which they came."""

    def __init__(self, entries: Iterable[Recorded], base: str = "") -> None:
        """Take recorded answers, and the path that all of the service's begin with."""
        self._by_endpoint: dict[str, dict[_Key, list[Recorded]]] = {}
        for entry in entries:
            below = replace(entry, path=without_base(entry.path, base.rstrip("/")))
            alike = self._by_endpoint.setdefault(below.endpoint, {})
            alike.setdefault(_key(below.path, below.sent), []).append(below)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints with answers, below the base path."""
        return tuple(self._by_endpoint)

    def at(self, name: str) -> tuple[Recorded, ...]:
        """Return everything recorded of an endpoint; paths are below the base path."""
        return tuple(entry for group in self._by_endpoint.get(name, {}).values() for entry in group)

    def to(self, method: str, path: str, sent: bytes = b"") -> tuple[Recorded, ...]:
        """Return the answers to a request in turn, from the most alike that was recorded; () for none.

        The same path goes before one with other identities, then the same query, then the same content. A
        HEAD is answered as the GET. `path` is below the base path.
        """
        found = self._by_endpoint.get(endpoint(method, path))
        if not found and method.upper() == "HEAD":
            found = self._by_endpoint.get(endpoint("GET", path))
        if not found:
            return ()
        wanted = _key(path, sent)
        if wanted not in found:
            wanted = max(found, key=lambda key: _alike(key, wanted))  # the first of equals
        return tuple(found[wanted])


def without_base(path: str, base: str) -> str:
    """Return a path below a base path; as it is when it is not below it."""
    if base and (path == base or path.startswith((f"{base}/", f"{base}?"))):
        path = path[len(base) :]
    return path if path.startswith("/") else f"/{path}"


def _key(path: str, sent: bytes) -> _Key:
    where = urlsplit(path)
    return where.path, tuple(sorted(parse_qsl(where.query, keep_blank_values=True))), _content(sent)


def _alike(key: _Key, wanted: _Key) -> tuple[bool, int, bool]:
    in_common = sum(1 for pair in key[1] if pair in wanted[1])
    others = len(key[1]) + len(wanted[1]) - 2 * in_common
    return key[0] == wanted[0], -others, key[2] == wanted[2]


def _content(sent: bytes) -> str | bytes:
    is_json, value = json_of(sent)
    return json.dumps(value, sort_keys=True) if is_json else sent
