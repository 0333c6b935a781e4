"""The failing way as steps that many users can go: recorded requests, and what each user puts in for itself.

Pure. What a server made up for one user (the number of an order, a form's token) is of no use to another.
Where a later request holds such a value of an earlier answer, it is a hole that each user fills from its own
answer to that earlier step. Besides, `{user}` and `{turn}` in a path or a body stand for the number of the
user and of its round: for what must differ, such as the name in a sign-up. All else is sent as recorded.
"""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from andon.gaps.beliefs import Exchange

    #: Where in an answer a value was: keys and positions of JSON, or the name of a form's hidden field.
    Path = tuple[str | int, ...]

#: What only a server makes up: a UUID, a digest, a token of eight characters and more with a digit in it.
_MADE_UP = re.compile(r"(?=[\w.~+/=-]*\d)[\w.~+/=-]{8,}")
_NUMBER = re.compile(r"\d{1,18}")
#: Keys whose values are identities, as programs write them.
_IDENTITY_KEY = re.compile(r"(?:^|_)(?:id|key|token|uuid|number|ref|reference|csrf\w*)$|(?:Id|Key|Token)$")
_HIDDEN = re.compile(r"<input\b[^>]*\btype=[\"']?hidden\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(name|value)=(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
#: Values of one answer that are looked at.
_MOST_VALUES = 500


class Hole(Record):
    """A recorded value that each user replaces by its own."""

    recorded: str
    #: The step whose answer has it, and where in it.
    step: int
    path: tuple[str | int, ...]


class Step(Record):
    """One request of the way."""

    method: str
    #: Path and query.
    path: str
    body: str = ""
    content_type: str = ""
    holes: tuple[Hole, ...] = ()


def steps_of(requests: Sequence[Exchange]) -> tuple[Step, ...]:
    """Return the steps that a user goes, from requests as they were recorded with their answers."""
    known: dict[str, Hole] = {}
    found = []
    for number, request in enumerate(requests):
        used = tuple(hole for value, hole in known.items() if _is_used(value, request))
        found.append(
            Step(
                method=request.method.upper(),
                path=request.path if request.path.startswith("/") else f"/{request.path}",
                body=request.sent,
                content_type=content_type(request.sent),
                holes=used,
            )
        )
        makes = request.method.upper() not in ("GET", "HEAD")
        for path, value in values(request.answer):
            if _is_made_up(path, value, makes):
                known.setdefault(value, Hole(recorded=value, step=number, path=path))
    return tuple(found)


def content_type(body: str) -> str:
    """Return the media type of a body by its form; "" for none."""
    if not body:
        return ""
    if _json(body) is not None:
        return "application/json"
    if re.fullmatch(r"[^\s=&]+=[^\s&]*(?:&[^\s=&]+=[^\s&]*)*", body):
        return "application/x-www-form-urlencoded"
    return "text/plain; charset=utf-8"


def filled(step: Step, answers: Mapping[int, str], user: int, turn: int) -> tuple[str, str]:
    """Return the path and the body that one user sends, from its own answers to earlier steps."""
    put = {}
    for hole in step.holes:
        own = dict(values(answers.get(hole.step, ""))).get(hole.path)
        if own is not None and own != hole.recorded:
            put[hole.recorded] = own
    path, body = _with(step.path, put), _body_with(step.body, put)
    for name, number in (("{user}", user), ("{turn}", turn)):
        path, body = path.replace(name, str(number)), body.replace(name, str(number))
    return path, body


def values(answer: str) -> tuple[tuple[Path, str], ...]:
    """Return the scalar values of a JSON answer, or the hidden fields of a page, with their places."""
    found = _json(answer)
    pairs = _leaves(found, ()) if found is not None else _hidden(answer)
    return tuple(pair for pair, _ in zip(pairs, range(_MOST_VALUES), strict=False))


def _json(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if len(path) > 20:
        return
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, (*path, key))
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _leaves(part, (*path, position))
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield path, str(value)


def _hidden(page: str) -> Iterator[tuple[Path, str]]:
    for tag in _HIDDEN.findall(page):
        found = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(tag)}
        if found.get("name") and found.get("value"):
            yield (found["name"],), found["value"]


def _is_made_up(path: Path, value: str, makes: bool) -> bool:
    """Say whether a value is one that the server made up for this user.

    A number counts when the request made something: those of a list are the same for everybody.
    """
    if _MADE_UP.fullmatch(value):
        return True
    key = path[-1] if path else ""
    is_identity = isinstance(key, str) and bool(_IDENTITY_KEY.search(key))
    return is_identity and (makes or not _NUMBER.fullmatch(value)) and 0 < len(value) <= 200


def _is_used(value: str, request: Exchange) -> bool:
    put = {value: f"{value}0"}
    return _with(request.path, put) != request.path or _body_with(request.sent, put) != request.sent


def _with(path: str, put: Mapping[str, str]) -> str:
    """Return a path with whole segments and whole identities of the query replaced."""
    if not put:
        return path
    parts = urlsplit(path)
    segments = "/".join(quote(put[s], safe="") if s in put else s for s in parts.path.split("/"))
    query = parts.query
    pairs = parse_qsl(query, keep_blank_values=True)
    new = [(key, _own(key, value, put)) for key, value in pairs]
    if new != pairs:
        query = urlencode(new)
    return f"{segments}?{query}" if query else segments


def _body_with(body: str, put: Mapping[str, str]) -> str:
    if not put or not body:
        return body
    found = _json(body)
    if found is not None:
        new = _json_with(found, "", put)
        return body if new == found else json.dumps(new)
    if content_type(body) != "application/x-www-form-urlencoded":
        return body
    pairs = parse_qsl(body, keep_blank_values=True)
    changed = [(key, _own(key, value, put)) for key, value in pairs]
    return body if changed == pairs else urlencode(changed)


def _json_with(value: Any, key: str, put: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _json_with(part, name, put) for name, part in value.items()}
    if isinstance(value, list):
        return [_json_with(part, key, put) for part in value]
    if isinstance(value, bool) or not isinstance(value, str | int) or str(value) not in put:
        return value
    new = _own(key, str(value), put)
    return int(new) if isinstance(value, int) and re.fullmatch(r"-?\d{1,18}", new) else new


def _own(key: str, value: str, put: Mapping[str, str]) -> str:
    """Return the user's own value; a number is replaced only where the key says that it is an identity."""
    if value not in put or (_NUMBER.fullmatch(value) and not _IDENTITY_KEY.search(key)):
        return value
    return put[value]
