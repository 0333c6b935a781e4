"""Secrets known by value: read from the service's own files, in the forms in which they leak. Pure."""

from __future__ import annotations

import re
from binascii import b2a_base64

from andon.secrets.patterns import is_harmless

#: Shortest value that is looked for everywhere: shorter ones are words, and words are everywhere.
SHORTEST = 8

_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*"""
    r"""(?:"((?:\\.|[^"\\])*)"|'([^']*)'|([^\r\n]*))""",
    re.MULTILINE,
)
_SECRET_NAME = re.compile(
    r"pass|pwd|secret|token|api_?key|access_?key|private|credential|signing|salt|auth|webhook|_key$|^key$|dsn$",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"change.?me|replace.?me|your[-_ ]|example|placeholder|dummy|xxxx|todo|insert[-_ ]|\.\.\.", re.IGNORECASE
)
_URL_PASSWORD = re.compile(r"://[^\s/:@]*:([^\s/]+)@")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def known_values_from_env_file(text: str) -> tuple[bytes, ...]:
    """Return the secret values of a `NAME=value` file: 8 characters or more, no placeholders, longest first.

    A value is taken when its name says that it is secret or when it looks random; the password is taken out
    of a URL. Plain words, paths, addresses and numbers are left: without them a log would lose its sense.
    """
    found: set[bytes] = set()
    for name, double, single, bare in _LINE.findall(text):
        value = double or single or re.sub(r"\s+#.*$", "", bare).strip()
        for candidate in _URL_PASSWORD.findall(value) or [value]:
            if _is_secret(name, candidate, is_from_url=candidate is not value):
                found.add(candidate.encode("utf-8", "surrogateescape"))
                found.add(_unescaped(candidate).encode("utf-8", "surrogateescape"))
    return tuple(sorted(found, key=lambda value: (-len(value), value)))


def forms(value: bytes) -> tuple[bytes, ...]:
    """Return the ways in which `value` may be written: itself, JSON-escaped, URL-encoded."""
    escaped = value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    escaped = escaped.replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    upper = b"".join(bytes((byte,)) if byte in _UNRESERVED else b"%%%02X" % byte for byte in value)
    lower = b"".join(bytes((byte,)) if byte in _UNRESERVED else b"%%%02x" % byte for byte in value)
    return tuple(dict.fromkeys((value, escaped, upper, lower, upper.replace(b"%20", b"+"))))


def forms_in_base64(value: bytes) -> tuple[bytes, ...]:
    """Return what base64 text must contain when `value` is anywhere inside, in both alphabets."""
    found = [inside for offset in range(3) if len(inside := _inside_base64(value, offset)) >= SHORTEST]
    return tuple(
        dict.fromkeys((*found, *(inside.translate(bytes.maketrans(b"+/", b"-_")) for inside in found)))
    )


def _inside_base64(value: bytes, offset: int) -> bytes:
    """Return the characters that `value` always makes in base64 when `offset` bytes (modulo 3) precede it."""
    whole = b2a_base64(b"\0" * offset + value, newline=False)
    return whole[(0, 2, 3)[offset] : (offset + len(value)) * 8 // 6]


def _is_secret(name: str, value: str, *, is_from_url: bool) -> bool:
    if len(value) < SHORTEST or _PLACEHOLDER.search(value) or is_harmless(value.encode("utf-8", "replace")):
        return False
    return is_from_url or bool(_SECRET_NAME.search(name)) or _looks_random(value)


def _looks_random(value: str) -> bool:
    """True for one long word that mixes letters and digits as no name does."""
    if (
        len(value) < 20
        or not re.fullmatch(r"[\w+/=.~-]+", value)
        or re.fullmatch(r"[\w-]+(\.[\w-]+)+", value)
    ):
        return False
    changes = len(re.findall(r"(?<=\d)[A-Za-z]|(?<=[A-Za-z])\d", value))
    return changes >= 3 and len(set(value)) >= 10


def _unescaped(value: str) -> str:
    return value.replace("\\n", "\n").replace('\\"', '"').replace("\\$", "$").replace("\\\\", "\\")
