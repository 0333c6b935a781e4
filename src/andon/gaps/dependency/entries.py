"""What entries of recordings have in common: addresses, statuses, headers, contents, read with mistrust."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import zlib
from urllib.parse import urlsplit

from andon.gaps.dependency.answers import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Bytes of one content.
MOST_BYTES = 32 << 20
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class Wrong(Exception):
    """What is wrong with an entry, without anything of what it holds."""


def required(entry: dict[str, Any], key: str) -> dict[str, Any]:
    found = entry.get(key)
    if not isinstance(found, dict):
        raise Wrong(f"has no {key}")
    return found


def method_of(value: Any) -> str:
    method = value.upper() if isinstance(value, str) else ""
    if method not in _METHODS:
        raise Wrong("has no method that is known")
    return method


def status_of(value: Any, *, may_fail: bool = False) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong("has no status")
    if value in (0, -1) and may_fail:  # how browsers write that no answer came
        return 0
    if not 200 <= value <= 599:
        raise Wrong("has a status that is none")
    return value


def address_of(value: Any) -> tuple[str, str]:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        _ = parts.port
    except ValueError:
        raise Wrong("has an address that is none") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Wrong("has no http address")
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}", (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def headers_of(value: Any) -> tuple[tuple[str, str], ...]:
    """Return headers, whether they are a list of name and value, or an object with one or several of each."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        for name, given in value.items():
            pairs += [(name, one) for one in (given if isinstance(given, list) else [given])]
    elif isinstance(value, list):
        pairs = [(one.get("name"), one.get("value")) for one in value if isinstance(one, dict)]
    return tuple(
        (name.lower(), given)
        for name, given in pairs
        if isinstance(name, str)
        and isinstance(given, str)
        and name.isascii()
        and name.isprintable()
        and name.strip(" :")
        and not set(given) & {"\r", "\n", "\0"}
    )


def text_of(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Wrong("has a content that is no text")
    return value


def from_base64(value: Any) -> bytes:
    try:
        return base64.b64decode("".join(text_of(value).split()), validate=True)
    except (binascii.Error, ValueError):
        raise Wrong("has a content that is not the base64 it says") from None


def fitting(body: bytes) -> bytes:
    if len(body) > MOST_BYTES:
        raise Wrong(f"has a content of more than {MOST_BYTES >> 20} MB")
    return body


def uncompressed(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the headers without those of a transfer that is over."""
    return tuple(
        p for p in headers if p[0] not in ("content-encoding", "content-length", "transfer-encoding")
    )


def unpacked(body: bytes, headers: tuple[tuple[str, str], ...]) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    coding = Answer(headers=headers).header("content-encoding").strip().lower()
    try:
        if coding in ("gzip", "x-gzip") and body[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
                body = packed.read(MOST_BYTES + 1)
        elif coding == "deflate":
            body = zlib.decompressobj().decompress(body, MOST_BYTES + 1)
        elif coding in ("br", "zstd") and not _is_text(body):
            raise Wrong(
                f"has a content packed with {coding}: record it unpacked (decode_compressed_response)"
            )
    except (OSError, EOFError, zlib.error):
        pass  # it was recorded unpacked
    return body, uncompressed(headers)


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
