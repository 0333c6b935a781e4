"""JSON of unknown origin, taken apart without trusting the kind of anything."""

from __future__ import annotations

import json

from andon.response.audits.weakness import not_understood

TYPE_CHECKING = False
if TYPE_CHECKING:
    Table = dict[str, object]

#: Bytes of an answer that is read.
LARGEST = 64 << 20
_LONGEST = 300


def decoded(content: bytes, tool: str) -> str:
    """Return the text of an answer; raises InvalidInput for one that is too large."""
    if len(content) > LARGEST:
        raise not_understood(tool, f"it is larger than {LARGEST >> 20} MB")
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return content.decode(encoding, "replace")


def parsed(content: bytes, tool: str) -> object:
    """Return one JSON value; raises InvalidInput for none."""
    text = decoded(content, tool).strip()
    if not text:
        raise not_understood(tool, "it says nothing")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        shown = " ".join(text[:60].split())
        raise not_understood(tool, f"it is not JSON: {shown!r}") from problem


def parsed_stream(content: bytes, tool: str) -> list[object]:
    """Return JSON values that follow each other, one a line or not; raises InvalidInput."""
    text, found, at = decoded(content, tool).strip(), [], 0
    decoder = json.JSONDecoder()
    try:
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            found.append(value)
            while at < len(text) and text[at] in " \t\r\n":
                at += 1
    except (ValueError, RecursionError) as problem:
        shown = " ".join(text[at : at + 60].split())
        raise not_understood(tool, f"it is not JSON: {shown!r}") from problem
    return found


def table(value: object, *path: str) -> Table:
    """Return the table at a path, empty for anything else."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def entries(value: object, *path: str) -> list[object]:
    """Return the list at a path, empty for anything else."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, list) else []


def text_of(value: object, *path: str) -> str:
    """Return the text at a path on one line, "" for anything else; numbers as they are written."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return " ".join(str(value).split())[:_LONGEST]


def number_of(value: object, *path: str) -> int | None:
    """Return the whole number at a path, None for anything else."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if type(value) is int and 0 <= value < 1 << 40 else None


def advisory_of(address: str) -> str:
    """Return the name of the advisory an address ends in: `GHSA-...`; "" for another address."""
    last = address.rstrip("/").rpartition("/")[2]
    return last if last.startswith(("GHSA-", "CVE-", "RUSTSEC-", "PYSEC-", "GO-")) else ""
