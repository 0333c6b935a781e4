"""A browser test's trace without the credentials it recorded; the trace viewer still opens it. Pure.

A trace of Playwright is a zip: JSON lines (`*.trace`, `*.network`), the pages' resources, pictures of them.
It records what was typed, sent and answered. So what was typed, every cookie and every header that carries a
credential is collected first and then taken out of every text in it, in any of its forms.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from io import BytesIO

from andon.record import Record
from andon.secrets.pictures import only_pixels, picture_type
from andon.secrets.redaction import PatternRedactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class Redacting(Protocol):
        """What takes secrets out of a text."""

        def redact(self, content: bytes) -> tuple[bytes, int]:
            """Return the content without secrets and how many were replaced."""


#: Entries and unpacked bytes that an archive may have; a larger one is not kept.
ENTRIES, UNPACKED = 4000, 64 << 20
#: Values that are taken out everywhere, at most; more than that is no smoke test.
_VALUES = 2000
_NAME = re.compile(r"(?!.*\.\.)[\w@][\w@./+-]{0,200}")
_CREDENTIALS = re.compile(
    r"authorization|cookie|token|secret|api-?key|password|session|csrf|xsrf", re.IGNORECASE
)
#: Calls whose arguments are what a person would type.
_TYPING = frozenset(("fill", "type", "insertText", "keyboardType", "keyboardInsertText", "pressSequentially"))
#: Names of the files of JSON lines; a line that is no JSON any more would keep the viewer from opening.
_LINES = (".trace", ".network", ".stacks")
_TYPED = "__playwright_value_"


class CleanTrace(Record):
    """A trace that may be kept, or why not."""

    content: bytes = b""
    redactions: int = 0
    #: Entries that were left out: neither text nor a picture.
    left_out: int = 0
    failure: str = ""


def clean_trace(content: bytes, redactor: Redacting) -> CleanTrace:
    """Return the archive with every text redacted, every picture reduced to its pixels, the rest left out."""
    try:
        entries = _entries(content)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        return CleanTrace(failure=f"the trace cannot be read as a zip file: {type(error).__name__}")
    if entries is None:
        return CleanTrace(failure=f"the trace has more than {ENTRIES} entries or {UNPACKED} bytes unpacked")
    values = sorted({v.encode() for _, text in entries for v in _recorded(text) if len(v) >= 4}, key=len)
    if len(values) > _VALUES:
        return CleanTrace(failure=f"the trace holds more than {_VALUES} typed values and credentials")
    recorded = PatternRedactor(known=reversed(values))
    into, redactions, left_out = BytesIO(), 0, 0
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, old in entries:
            clean = _lines if name.endswith(_LINES) else _without_secrets
            new, count = clean(old, recorded, redactor)
            redactions += count
            if new is None or redactor.redact(name.encode())[1] or recorded.redact(name.encode())[1]:
                left_out += 1
            else:
                archive.writestr(zipfile.ZipInfo(name), new, zipfile.ZIP_DEFLATED)
    return CleanTrace(content=into.getvalue(), redactions=redactions, left_out=left_out)


def _entries(content: bytes) -> list[tuple[str, bytes]] | None:
    """Return the files in an archive; None for one that is too large, whatever its directory says."""
    found, room = [], UNPACKED
    with zipfile.ZipFile(BytesIO(content)) as archive:
        if len(archive.infolist()) > ENTRIES:
            return None
        for info in archive.infolist():
            with archive.open(info) as file:
                unpacked = file.read(room + 1)
            room -= len(unpacked)
            if room < 0:
                return None
            if _NAME.fullmatch(info.filename) and not info.is_dir():
                found.append((info.filename, unpacked))
    return found


def _lines(content: bytes, recorded: PatternRedactor, redactor: Redacting) -> tuple[bytes | None, int]:
    """Return a file of JSON lines as it may be kept; a line that is no JSON once it is clean is left out."""
    kept, total = [], 0
    for line in content.split(b"\n"):
        new, count = _both(line, recorded, redactor)
        if count and not _is_json(new):  # a secret was taken out together with the quotes that ended it
            new, count = _text_by_text(line, recorded, redactor)
            new, more = _both(new, recorded, redactor)
            count += more
            if more and not _is_json(new):
                new = b""
        total += count
        if new:
            kept.append(new + b"\n")
    return b"".join(kept), total


def _both(content: bytes, recorded: PatternRedactor, redactor: Redacting) -> tuple[bytes, int]:
    content, first = recorded.redact(content)
    content, second = redactor.redact(content)
    return content, first + second


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _text_by_text(line: bytes, recorded: PatternRedactor, redactor: Redacting) -> tuple[bytes, int]:
    """Return a line with each of its texts redacted by itself; nothing of one that is no JSON."""
    total = 0

    def clean(value: object) -> object:
        nonlocal total
        if isinstance(value, str):
            new, count = _both(value.encode("utf-8", "replace"), recorded, redactor)
            total += count
            return new.decode("utf-8", "replace")
        if isinstance(value, list):
            return [clean(part) for part in value]
        return {clean(k): clean(v) for k, v in value.items()} if isinstance(value, dict) else value

    try:
        return json.dumps(clean(json.loads(line))).encode(), total
    except (ValueError, RecursionError):
        return b"", total


def _without_secrets(
    content: bytes, recorded: PatternRedactor, redactor: Redacting
) -> tuple[bytes | None, int]:
    """Return an entry as it may be kept, None when it may not, and how much was replaced."""
    if picture_type(content):
        pixels = only_pixels(content)
        return (None, 0) if pixels is None or redactor.redact(pixels)[1] else (pixels, 0)
    try:
        content.decode()
    except UnicodeDecodeError:
        return None, 0
    return _both(content, recorded, redactor)


# -- what was recorded ---------------------------------------------------------------------------------


def _recorded(content: bytes) -> Iterator[str]:
    """Yield what was typed and every credential that a file of JSON lines tells of."""
    if not content.startswith(b"{"):
        return
    for line in content.split(b"\n"):
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            continue
        yield from _in(document)


def _in(document: object) -> Iterator[str]:
    """Yield the secrets of one line, however deep; a loop, because pages nest deeper than Python may."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            yield from _typed(value)
            yield from _sent(value)


def _typed(entry: dict[str, object]) -> Iterator[str]:
    params = entry.get("params")
    method = str(entry.get("method", ""))
    is_typing = method in _TYPING or (method == "pw:api" and "value" in (params or ()))  # type: ignore[operator]
    if is_typing and isinstance(params, dict):
        yield from (v for k, v in params.items() if k in ("value", "text") and isinstance(v, str))
    value = entry.get(_TYPED)
    if isinstance(value, str):
        yield value


def _sent(entry: dict[str, object]) -> Iterator[str]:
    """Yield the values of cookies and of headers and parameters that are named like a credential."""
    cookies = entry.get("cookies")
    for cookie in cookies if isinstance(cookies, list) else ():
        if isinstance(cookie, dict) and isinstance(cookie.get("value"), str):
            yield cookie["value"]
    name, value = entry.get("name"), entry.get("value")
    if isinstance(name, str) and isinstance(value, str) and _CREDENTIALS.search(name):
        yield value
        for part in re.split(r"[;\n]", value):
            yield part.strip()
            yield part.partition("=")[2].strip()
            yield part.strip().partition(" ")[2].strip()  # after the scheme: Bearer, Basic
