"""What was written down inside the team's runner (inject/): reports, requests, pictures; read without trust.

Every text is redacted here, before anything is cut.
"""

from __future__ import annotations

import json
import os
from urllib.parse import urlsplit

from andon.gaps.beliefs import Exchange
from andon.gaps.experiment import Picture
from andon.production.process import clean
from andon.record import Record
from andon.secrets.pictures import only_pixels, picture_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from andon.desk.ports_journal import Redactor

#: Bytes and lines of a run, exchanges and pictures that are taken, and bytes of a picture.
_LARGEST, _LINES, _EXCHANGES, _PICTURES, _PIXELS = 32 << 20, 50_000, 2000, 6, 8 << 20
#: Characters of a message.
LONGEST = 6000


class Told(Record):
    """What is known of one round of one test beyond the runner's own report."""

    #: `passed`, `failed`, `skipped`, `expected` by phase, as pytest reports it.
    phases: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    message: str = ""
    #: An assertion that failed held a little later.
    is_late: bool = False
    #: What did not hold any more once the page had come to rest.
    moved: str = ""
    #: What the page showed at the end of a test that failed, and the errors of its scripts.
    shown: str = ""
    errors: tuple[str, ...] = ()


class Lines(Record):
    """Everything that was written down in a run."""

    told: tuple[tuple[tuple[str, int], Told], ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    pictures: tuple[Picture, ...] = ()
    #: Seconds to the first byte of the fastest document of the application itself.
    fastest_document: float = 0.0
    #: Pages that were slowed down, and why others were not.
    slowed: int = 0
    unslowed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    #: Why not all of it was read; "" when it was.
    unread: str = ""

    def of(self, test: str, number: int | None = None) -> Told:
        """Return what is known of a test, in any round or in one."""
        for (name, count), told in self.told:
            if name == test and number in (None, count):
                return told
        return Told()


def words(redactor: Redactor, text: object) -> str:
    """Return a text without secrets, terminal sequences and control characters."""
    content, _ = redactor.redact(clean(str(text).encode("utf-8", "replace")).encode("utf-8", "replace"))
    return content.decode("utf-8", "replace")


def read_lines(place: str, url: str, redactor: Redactor) -> Lines:
    """Read what a run of the suite against `url` wrote into its directory; never raises."""
    found, unread = _lines(place)
    sent = [line for line in found if line.get("what") == "exchange"]
    return Lines(
        told=tuple(_told(found, redactor).items()),
        exchanges=_exchanges(sent, redactor),
        pictures=_pictures(found, place, redactor),
        fastest_document=_fastest(sent, url),
        slowed=sum(line.get("what") == "slowed" for line in found),
        unslowed=_texts(found, "unslowed", redactor),
        problems=(*_texts(found, "none", redactor), *_texts(found, "error", redactor)),
        unread=unread,
    )


def _lines(place: str) -> tuple[list[dict[str, Any]], str]:
    """Return what was written down, of all files together so much, and why not all of it; "" for all."""
    found: list[dict[str, Any]] = []
    lines, left = 0, _LARGEST
    for name in sorted(_names(place)):
        try:
            with open(os.path.join(place, name), "rb") as file:
                content = file.read(left + 1)
        except OSError:
            continue
        for line in content[:left].splitlines():
            lines += 1
            if lines > _LINES:
                return found, f"more than {_LINES} lines were written down in the run: the rest was not read"
            found += _line(line)
        if len(content) > left:
            return found, f"more than {_LARGEST} bytes were written down in the run: the rest was not read"
        left -= len(content)
    return found, ""


def _line(line: bytes) -> list[dict[str, Any]]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return []  # cut off when the run was stopped
    return [found] if isinstance(found, dict) else []


def _names(place: str) -> list[str]:
    try:
        return [name for name in os.listdir(place) if name.startswith("seen-") and name.endswith(".jsonl")]
    except OSError:
        return []


def _told(found: Iterable[dict[str, Any]], redactor: Redactor) -> dict[tuple[str, int], Told]:
    gathered: dict[tuple[str, int], dict[str, Any]] = {}
    for line in found:
        if "test" not in line:
            continue
        own = gathered.setdefault((str(line["test"]), _whole(line.get("round"))), {"phases": []})
        match line.get("what"):
            case "report":
                own["phases"].append((str(line.get("when")), str(line.get("outcome"))))
                own["seconds"] = own.get("seconds", 0.0) + _number(line.get("seconds"))
                if line.get("told") and "message" not in own:
                    own["message"] = words(redactor, line["told"])[:LONGEST]
            case "late":
                own["is_late"] = True
            case "moved":
                own["moved"] = words(redactor, line.get("told"))[:LONGEST]
            case "shown":
                own["shown"] = words(redactor, line.get("told"))[:LONGEST]
                given = line.get("errors")
                own["errors"] = (
                    tuple(words(redactor, one) for one in given) if isinstance(given, list) else ()
                )
    return {key: Told(**{**own, "phases": tuple(own["phases"])}) for key, own in gathered.items()}


def _exchanges(sent: list[dict[str, Any]], redactor: Redactor) -> tuple[Exchange, ...]:
    sent = sent[:_EXCHANGES]
    began = min((_number(line.get("wall")) for line in sent), default=0.0)
    return tuple(_exchange(line, began, redactor) for line in sent)


def _exchange(line: dict[str, Any], began: float, redactor: Redactor) -> Exchange:
    origin, path = _taken_apart(str(line.get("url", "")))
    return Exchange(
        method=str(line.get("method", "GET")),
        origin=words(redactor, origin),
        path=words(redactor, path),
        status=_whole(line.get("status")),
        started=max(_number(line.get("wall")) - began, 0.0),
        seconds=_number(line.get("seconds")),
        is_mocked=line.get("mocked") is True,
        resource=words(redactor, line.get("resource", ""))[:20],
        content_type=words(redactor, line.get("type", ""))[:80],
        problem=words(redactor, line.get("problem", ""))[:200],
    )


def _taken_apart(url: str) -> tuple[str, str]:
    """Return the origin of an address, without who asks, and its path with the query."""
    try:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    except ValueError:
        return "", url
    path = parts.path or "/"
    return origin, f"{path}?{parts.query}" if parts.query else path


def _fastest(sent: Iterable[dict[str, Any]], url: str) -> float:
    own = _place(url)
    best = 0.0
    for line in sent:
        if line.get("resource") != "document" or line.get("mocked") or not line.get("status"):
            continue
        first = _number(line.get("first"))
        if _place(str(line.get("url"))) == own and (not best or first < best):
            best = first
    return best


def _place(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port; two names of this machine are one."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme, "127.0.0.1" if host == "localhost" else host, parts.port
    except ValueError:
        return "", url, None


def _pictures(found: Iterable[dict[str, Any]], place: str, redactor: Redactor) -> tuple[Picture, ...]:
    """Return the pictures, those of failures first; only files of the run's own directory."""
    lines = sorted(
        (line for line in found if line.get("what") == "picture"), key=lambda one: not one.get("failed")
    )
    made = []
    for line in lines[:_PICTURES]:
        try:
            with open(os.path.join(place, os.path.basename(str(line.get("file")))), "rb") as file:
                content = file.read(_PIXELS + 1)
        except (OSError, ValueError):
            continue
        kind = picture_type(content)
        if kind and len(content) <= _PIXELS and (pixels := only_pixels(content)):
            title = words(redactor, line.get("title", ""))[:200]
            made.append(Picture(title=title, media_type=kind, content=pixels))
    return tuple(made)


def _texts(found: Iterable[dict[str, Any]], what: str, redactor: Redactor) -> tuple[str, ...]:
    told = (words(redactor, line.get("told"))[:LONGEST] for line in found if line.get("what") == what)
    return tuple(dict.fromkeys(told))[:10]


def _number(given: object) -> float:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return float(given) if is_number and abs(float(given)) < 1e12 else 0.0  # type: ignore[arg-type]  # just seen


def _whole(given: object) -> int:
    return int(_number(given))
