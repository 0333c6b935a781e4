"""Secrets known by value: read from the service's own files, in the forms in which they leak. Pure."""

from __future__ import annotations

import re
from binascii import b2a_base64

from andon.secrets.patterns import is_harmless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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
_PERCENT = tuple(bytes((byte,)) if byte in _UNRESERVED else b"%%%02X" % byte for byte in range(256))
#: What JSON writes with a backslash and a letter.
_JSON = ((b"\n", b"\\n"), (b"\r", b"\\r"), (b"\t", b"\\t"), (b"\b", b"\\b"), (b"\f", b"\\f"))


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
    """Return the ways in which `value` may be written: as it is, for JSON, a URL or HTML, in hex, in UTF-16.

    JSON (RFC 8259) has non-ASCII letters as they are or by number, the slash plain or escaped, and all once
    more inside of another JSON text; a URL (RFC 3986) has percent signs, a form also plus signs.
    """
    found = [value, *_in_json(value)]
    upper = b"".join(_PERCENT[byte] for byte in value)
    found += [upper, _lower_escapes(upper), upper.replace(b"%20", b"+")]
    html = value.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    found += [
        html,
        html.replace(b'"', b"&quot;").replace(b"'", b"&#x27;"),
        html.replace(b'"', b"&#34;").replace(b"'", b"&#39;"),
    ]
    if len(value) >= SHORTEST:  # of less there is too much hex by chance
        digits = value.hex().encode()
        found += [digits, digits.upper()]
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return tuple(dict.fromkeys(found))
    return tuple(dict.fromkeys((*found, text.encode("utf-16-le"), text.encode("utf-16-be"))))


def _in_json(value: bytes) -> Iterator[bytes]:
    """Yield what stands between the quotes of a JSON text."""
    escaped = value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    for plain, short in _JSON:
        escaped = escaped.replace(plain, short)
    ascii_only = escaped
    if not escaped.isascii():
        numbers = escaped.decode("utf-8", "replace").encode("utf-16-be")
        units = [int.from_bytes(numbers[n : n + 2], "big") for n in range(0, len(numbers), 2)]
        ascii_only = b"".join(bytes((unit,)) if unit < 128 else b"\\u%04x" % unit for unit in units)
    for one in dict.fromkeys((escaped, ascii_only)):
        yield one
        yield one.replace(b"/", b"\\/")
        yield one.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def _lower_escapes(upper: bytes) -> bytes:
    return b"%".join((part[:2].lower() + part[2:]) if n else part for n, part in enumerate(upper.split(b"%")))


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
