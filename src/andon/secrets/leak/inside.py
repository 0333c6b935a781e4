"""Leaked values in what is packed: archives up to three deep, also in base64. Pure, bounded."""

from __future__ import annotations

import re
from binascii import Error as NotBase64
from binascii import a2b_base64

from andon.secrets.views import LIMITS, Reading
from andon.secrets.views_archives import entries, is_zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.secrets.leak.finder import Finder

_IN_BASE64 = re.compile(rb"(?:H4sI|UEsDB|QlpoO|/Td6WFoA)[A-Za-z0-9+/_\s-]{24,}={0,2}")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def inside(finder: Finder, content: bytes, problems: dict[str, None]) -> tuple[tuple[str, str], ...]:
    """Return (mark, encoding) of what is packed in a content; what stays closed is put into `problems`.

    `gzip` is a value as it is in a gzip stream, `base64 in zip` one that is encoded in a file of an archive.
    """
    reading = Reading(LIMITS)
    found = _inside(finder, content, reading, 0)
    problems.update(reading.problems)
    problems.update(reading.closed)
    return tuple(dict.fromkeys(found))


def _inside(finder: Finder, content: bytes, reading: Reading, depth: int) -> list[tuple[str, str]]:
    if depth >= reading.limits.depth:
        reading.stop(f"archives lie in it more than {reading.limits.depth} deep")
        return []
    found = []
    for name, how, packed in entries(content, reading):
        kind = how.split(" ")[0]
        found += [(mark, f"name in {kind}") for mark, _ in finder.told(name.encode("utf-8", "replace"))]
        spans, more = finder.scan(packed)
        found += [(span.mark, _in(span.encoding, kind)) for span in spans]
        if more or is_zlib(packed):
            found += [(mark, f"{how} in {kind}") for mark, how in _inside(finder, packed, reading, depth + 1)]
    for encoded in _IN_BASE64.findall(content):
        for mark, how in _inside(finder, _decoded(encoded), reading, depth + 1):
            found.append((mark, f"{how} in base64"))
    return found


def _in(encoding: str, kind: str) -> str:
    return kind if encoding == "plain" else f"{encoding} in {kind}"


def _decoded(encoded: bytes) -> bytes:
    """Return what base64 stands for, as far as it can be read."""
    text = re.sub(rb"[\s=]+", b"", encoded).translate(_URL_SAFE)
    text = text[: len(text) - (len(text) % 4 == 1)]
    try:
        return a2b_base64(text + b"=" * (-len(text) % 4))
    except NotBase64:
        return b""
