"""The ways in which a leaked value may stand in a content, as patterns for `re` and RE2 alike. Pure.

One pattern stands for all mixtures of the escapes of a family: what JSON, a URL, HTML, a shell and a mailer
make of the same value, lines broken in between. A match tells by its own bytes how it is written.
"""

from __future__ import annotations

import contextlib
import re
from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64

from andon.record import Record
from andon.secrets.leak.credential import why_doubtful

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.secrets.leak.credential import Credential

#: Longest value of which every character is looked for in every escape; else only the special ones.
_ESCAPED_WHOLE = 160
#: Longest value that is looked for as one; of a longer one its beginning, which nothing else has.
_LONGEST = 2048
#: Shortest line of a key that is looked for by itself.
_KEY_LINE = 16
#: Shortest run of a key's own bytes that is looked for: half a line of it.
_KEY_BYTES = 24
#: Where a line was broken: by a mailer or a shell, by an encoder, in YAML or the header of a commit.
_BREAK = rb"(?:[=\\]?\r?\n[ \t]*)?"
_HTML = {"&": b"amp", "<": b"lt", ">": b"gt", '"': b"quot", "'": b"apos"}
#: Control characters that JSON, C or a shell writes with a letter.
_CONTROLS = {"\t": b"t", "\f": b"f", "\v": b"v", "\b": b"b", "\a": b"a", "\x1b": b"[eE]", "\0": b"0"}
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_PUNCTUATION = re.compile(rb"[ -/:-@\[-`{-~]")
#: How an escape in a match is told, by the family of its syntax.
_ESCAPES = (
    ("percent-encoded", re.compile(rb"%(?:25)*[0-9A-Fa-f]{2}")),
    ("HTML-escaped", re.compile(rb"&(?:#\d+|#[xX][0-9A-Fa-f]+|[a-z]+);")),
    ("escaped", re.compile(rb"\\+(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[0-7]{3}|[^0-9A-Za-z\r\n]|[nrtabefv0])")),
    ("quoted-printable", re.compile(rb"=[0-9A-Fa-f]{2}|=\r?\n")),
)


class Form(Record):
    """One family of ways in which a credential may stand."""

    credential: Credential
    #: Its name; `plain` is told more exactly by what was matched.
    encoding: str
    #: In the syntax that `re` and RE2 share, without groups that capture.
    pattern: bytes
    #: The value, or the part of it that this pattern is about.
    piece: bytes
    #: Bytes at the end of a match that are the value; 0 for all of it.
    tail: int = 0

    def __repr__(self) -> str:
        """Say which it is, never its value."""
        return f"Form({self.encoding} of {self.credential!r})"


def forms_of(credential: Credential) -> tuple[Form, ...]:
    """Return the families of ways in which a credential is looked for; of a doubtful one the plain word.

    `why_doubtful` says which are. A key is looked for by its lines, so that any part of it is found.
    """
    if not credential.value:
        return ()
    if why_doubtful(credential.value):
        return (_as_word(credential),)
    found = []
    for piece in pieces(credential.value):
        for encoding, pattern in _patterns(piece):
            found.append(Form(credential=credential, encoding=encoding, pattern=pattern, piece=piece))
    for piece in _unarmoured(credential.value):
        for encoding, pattern in (("DER", re.escape(piece)), ("hex", _in_hex(piece))):
            found.append(Form(credential=credential, encoding=encoding, pattern=pattern, piece=piece))
    return tuple(found)


def _unarmoured(value: bytes) -> tuple[bytes, ...]:
    """Return the bytes that the lines of a key stand for (RFC 7468): what a file in DER holds."""
    if not value.lstrip().startswith(b"-----BEGIN"):
        return ()
    found = []
    for piece in pieces(value):
        with contextlib.suppress(NotBase64):
            raw = a2b_base64(piece)
            found += [raw] if len(raw) >= _KEY_BYTES else []
    return tuple(found)


def pieces(value: bytes) -> tuple[bytes, ...]:
    """Return the parts of a value that are looked for each by itself: lines of a key, else the value.

    The first line of a key is left out where there are others: it says which kind of key it is, as many do.
    """
    lines = [line.strip() for line in value.splitlines()]
    if any(line.startswith(b"-----BEGIN") for line in lines):
        body = [
            line for line in lines if len(line) >= _KEY_LINE and b"-----" not in line and b":" not in line
        ]
        if len(body) > 2:
            return tuple(dict.fromkeys(body[1:]))
        if body:
            return (max(body, key=len),)
    return (value.strip(b"\r\n")[:_LONGEST] or value,)


def written_how(form: Form, matched: bytes) -> str:
    """Return how a match of a form is written: `plain`, `percent-encoded`, `base64`, ..."""
    if form.encoding != "plain" or matched == form.piece or form.tail:
        return form.encoding
    for name, escape in _ESCAPES:
        if len(escape.findall(matched)) > len(escape.findall(form.piece)):
            return name
    return "over several lines" if b"\n" in matched else "escaped"


def _as_word(credential: Credential) -> Form:
    value = re.escape(credential.value)
    name = re.escape(credential.variable.encode("utf-8", "surrogateescape"))
    before = rb"\b" if credential.value[:1].isalnum() else b""
    after = rb"\b" if credential.value[-1:].isalnum() else b""
    if name:
        before = b"(?i:" + name + rb""")["']?[ \t]*(?:[:=]|=>|:=|,)?[ \t]*["']?""" + before
    return Form(
        credential=credential,
        encoding="plain",
        pattern=before + value + after,
        piece=credential.value,
        tail=len(credential.value),
    )


def _patterns(piece: bytes) -> Iterator[tuple[str, bytes]]:
    text = _text(piece)
    yield "plain", _escaped(text)
    yield "base64", _any_of(_in_base64(piece))
    yield "hex", _in_hex(piece)
    for encoding in _WIDE:
        wide = text.encode(encoding, "surrogatepass")
        yield encoding[: encoding.rindex("-")], re.escape(wide)
    yield "base64 of utf-16", _any_of(_in_base64(text.encode("utf-16-le", "surrogatepass")))
    yield "base64 twice", _any_of(_in_base64_twice(piece))


def _text(piece: bytes) -> str:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return piece.decode("latin-1")


def _escaped(text: str) -> bytes:
    is_short = len(text) <= _ESCAPED_WHOLE
    return _BREAK.join(_character(c, is_short or not c.isalnum()) for c in text)


def _character(character: str, in_every_way: bool) -> bytes:
    """Return a pattern for one character as it is and in every escape."""
    if character in "\r\n":
        return rb"(?:[\r\n]+[ \t]*|\\+[rn]|%0[aAdD]|&#1[03];|\\+u000[aAdD])" if character == "\n" else b""
    plain = re.escape(character.encode("utf-8", "surrogatepass"))
    if not in_every_way:
        return plain
    code = ord(character)
    ways = [plain, _percent(character), b"&#0*%d;" % code, b"&#[xX]0*" + _hex(b"%x" % code) + b";"]
    units = character.encode("utf-16-be", "surrogatepass")
    ways.append(b"".join(rb"\\+u" + _hex(units[i : i + 2].hex().encode()) for i in range(0, len(units), 2)))
    octets = character.encode("utf-8", "surrogatepass")
    ways.append(b"".join(rb"\\+x" + _hex(b"%02x" % octet) for octet in octets))
    ways.append(rb"(?:=\r?\n)?".join(b"=" + _hex(b"%02x" % octet) for octet in octets))
    ways.append(b"".join(rb"\\+%03o" % octet for octet in octets))
    if code > 127:
        ways += [rb"\\+(?:U0*|u\{0*)" + _hex(b"%x" % code) + rb"\}?"]
        ways += [re.escape(bytes((code,))), rb"\\+x" + _hex(b"%02x" % code)] if code < 256 else []
    elif _PUNCTUATION.fullmatch(plain[-1:]):
        ways.append(rb"\\+" + plain)
        if name := _HTML.get(character):
            ways.append(b"&" + name + b";")
        ways += {" ": [rb"\+"], "'": [rb"'\\+''", rb"''", rb"""'"'"'"""], '"': [b'""']}.get(character, [])
    elif letter := _CONTROLS.get(character):
        ways.append(rb"\\+" + letter)
    return _any_of(ways)


def _percent(character: str) -> bytes:
    return b"".join(
        b"%(?:25)*" + _hex(b"%02x" % octet) for octet in character.encode("utf-8", "surrogatepass")
    )


def _hex(digits: bytes) -> bytes:
    """Return a pattern for hexadecimal digits in both cases."""
    return b"".join(
        bytes((digit,)) if digit < 97 else b"[%c%c]" % (digit - 32, digit) for digit in digits.lower()
    )


def _in_hex(piece: bytes) -> bytes:
    between = rb"(?:[ :-]|, ?|\r?\n[ \t]*)?(?:0[xX]|\\+x)?"
    return between.join(_hex(b"%02x" % octet) for octet in piece)


def _in_base64(content: bytes) -> list[bytes]:
    return [_base64_pattern(_inside_base64(content, offset)) for offset in range(3)]


def _in_base64_twice(piece: bytes) -> list[bytes]:
    once = [_inside_base64(piece, offset) for offset in range(3)]
    return [_base64_pattern(_inside_base64(inner, offset)) for inner in once for offset in range(3)]


def _base64_pattern(characters: bytes) -> bytes:
    """Return a pattern for base64 in both alphabets, broken into lines, and in a URL or in JSON."""
    special = {43: b"(?:[+-]|%2[bB])", 47: rb"(?:\\*/|_|%2[fF])"}
    between = rb"(?:\r?\n[ \t]*|\\+r?\\*n)?"
    return between.join(special.get(c) or bytes((c,)) for c in characters)


def _inside_base64(content: bytes, offset: int) -> bytes:
    """Return the characters `content` always makes in base64 when `offset` bytes (modulo 3) precede it."""
    whole = b2a_base64(b"\0" * offset + content, newline=False)
    return whole[(0, 2, 3)[offset] : (offset + len(content)) * 8 // 6]


def _any_of(ways: list[bytes]) -> bytes:
    return b"(?:" + b"|".join(dict.fromkeys(ways)) + b")"
