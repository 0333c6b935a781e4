"""What is encoded or escaped in a text: base64 however it is wrapped, hexadecimal, percent and others. Pure.

Base64 is not looked for piece by piece: all letters of the alphabet are taken together and decoded at each of
the four places at which a piece can begin. What is no base64 becomes noise, of which only printable runs are
kept. So it does not matter how a piece is wrapped, quoted or commented.
"""

from __future__ import annotations

import re

from andon.record import replace
from andon.secrets.expressions import Expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.secrets.views import View

    #: How it is encoded, what comes out, and the line of each of its lines.
    Decoding = tuple[str, bytes, tuple[int, ...] | None]

#: Bytes up to which every letter is taken; of a larger text only runs that a person would not type.
_EVERY_LETTER = 1 << 18
_RUNS = rb"[A-Za-z0-9+/_-]{16,}"
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_OTHER = bytes(c for c in range(256) if c not in _ALPHABET)
_PLAIN = bytes.maketrans(b"-_", b"+/")
#: Shortest base64 in which a secret of 16 bytes lies.
_SHORTEST = 22
#: Two escapes in one line are a text, one may be anything: but a single one can split a token.
_ESCAPE = re.compile(
    rb"%([2-7][0-9A-Fa-f])|\\x([2-7][0-9A-Fa-f])|\\u\{?0{0,4}([2-7][0-9A-Fa-f])\}?"
    rb"|&#x0{0,4}([2-7][0-9A-Fa-f]);|&#0{0,4}([3-9][0-9]|1[01][0-9]|12[0-6]);|\\([01][0-7]{2})"
)
#: Sixteen bytes or more in hexadecimal, together or apart.
_HEX = rb"[0-9a-fA-F]{32,}"
_HEX_APART = (
    rb"(?:(?:0[xX])?[0-9a-fA-F]{2}(?:,[ \t\r\n]{0,16}|[ \t:]|[\r\n]{1,2}[ \t]{0,16})){15,}"
    rb"(?:0[xX])?[0-9a-fA-F]{2}"
)
_PRINTABLE = rb"[\t\n\r -~]{12,}"
_hex, _hex_apart, _printable = Expression(_HEX), Expression(_HEX_APART), Expression(_PRINTABLE)
_escaping = Expression(rb"%[2-7]|\\[xu01]|&#")


def decodings(view: View) -> Iterator[Decoding]:
    """Yield what a text says once it is decoded, one way after the other."""
    yield from _base64(view)
    yield from _escapes(view)
    yield from _hexadecimal(view)


def printable(view: View) -> View | None:
    """Return the runs of a decoded view that can be read, each in lines of its own; None for noise alone."""
    content = view.content.replace(b"\0", b"")
    if not view.numbers and not re.search(rb"[^\t\n\r -~]", content):
        return replace(view, content=content) if content else None
    runs = [content[start:end] for start, end in _printable.spans(content)]
    if not runs:
        return None
    if view.numbers and len(view.numbers) == 1:
        return replace(view, content=b"\n".join(runs))
    if not view.numbers:
        return replace(view, content=b"\n".join(runs), numbers=(0,))
    return replace(view, content=content)


def _base64(view: View) -> Iterator[Decoding]:
    text = view.content
    if len(text) > _EVERY_LETTER:
        text = b"\n".join(re.findall(_RUNS, text))
    letters = text.translate(_PLAIN, _OTHER)
    if len(letters) < _SHORTEST:
        return
    import binascii

    for start in range(4):
        whole = (len(letters) - start) // 4 * 4
        rest = letters[start + whole :]
        decoded = binascii.a2b_base64(letters[start : start + whole])
        if len(rest) > 1:
            decoded += binascii.a2b_base64(rest + b"=" * (4 - len(rest)))
        yield "base64", decoded, (_line_of_base64(view, start, decoded),)


def _line_of_base64(view: View, start: int, decoded: bytes) -> int:
    """Return the line in which the first run that can be read begins; 0 where the text was too large."""
    if len(view.content) > _EVERY_LETTER:
        return 0
    first, last = next(_printable.spans(decoded.replace(b"\0", b"")), (0, 0))
    if not last or b"\0" in decoded[:last]:
        return 0
    wanted = start + first * 4 // 3
    for number, line in enumerate(view.content.split(b"\n")):
        wanted -= len(line.translate(None, _OTHER))
        if wanted < 0:
            return view.numbers[min(number, len(view.numbers) - 1)] if view.numbers else number + 1
    return 0


def _escapes(view: View) -> Iterator[Decoding]:
    text = view.content
    lines, numbers = [], []
    number, counted, at = 1, 0, 0
    for place, _ in _escaping.spans(text):
        if place < at:
            continue
        start = text.rfind(b"\n", 0, place) + 1
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        new, count = _ESCAPE.subn(_unescaped, text[start:end])
        if count:
            number, counted = number + text.count(b"\n", counted, start), start
            lines.append(new)
            numbers.append(number if view.numbers is None else view.numbers[-1])
        at = end
    if lines:
        yield "escaped", b"\n".join(lines), tuple(numbers)


def _unescaped(found: re.Match[bytes]) -> bytes:
    percent, short, long, entity, decimal, octal = found.groups()
    digits = percent or short or long or entity
    if digits:
        return bytes((int(digits, 16),))
    return bytes((int(decimal),)) if decimal else bytes((int(octal, 8),))


def _hexadecimal(view: View) -> Iterator[Decoding]:
    text = view.content
    pieces, numbers = [], []
    for expression in (_hex, *((_hex_apart,) if len(text) <= _EVERY_LETTER else ())):
        for low, high in expression.spans(text):
            digits = re.sub(rb"0[xX]|[^0-9a-fA-F]", b"", text[low:high])
            for start in (0, 1):  # a digit before it moves every byte
                decoded = bytes.fromhex(digits[start : start + (len(digits) - start) // 2 * 2].decode())
                if next(_printable.spans(decoded.replace(b"\0", b"")), None):
                    number = text.count(b"\n", 0, low) + 1
                    number = number if view.numbers is None else view.numbers[-1]
                    pieces.append(decoded)
                    numbers += [number] * (decoded.count(b"\n") + 1)
    if pieces:
        yield "hexadecimal", b"\n".join(pieces), tuple(numbers)
