"""What one kind of secret looks like, and short ways to write its row. Pure.

Every expression is linear on hostile text: what it consumes cannot begin another attempt, and what it only
looks at is bounded. It is broad, so that a cut-off token is hidden in a log; how long a real one is, and what
its checksum must be, is judged by the gate (andon.secrets.judging).
"""

from __future__ import annotations

from andon.record import Record

#: Alphabets of tokens.
ALNUM = rb"[A-Za-z0-9]"
WORD = rb"[\w-]"
HEX = rb"[a-f0-9]"
ANY_HEX = rb"[A-Fa-f0-9]"
UPPER = rb"[A-Z0-9]"
LOWER = rb"[a-z0-9]"
BASE64 = rb"[A-Za-z0-9+/]"
UUID = rb"[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}"
#: The start of a word: after nothing of a word, after an escaped line end, after a terminal's colour.
START = rb"(?:(?<![\w.-])|(?<=set-)|(?<=\\[nrt])|(?<=[0-9;\[]m))"
_KEY_WORDS = rb"key|token|secret|passw|pwd|auth|credential|pat\b"
#: Between a name and its value, in settings, code, markup and words.
ASSIGNED = (
    rb"\\{0,2}[\"'`\])]{0,2}(?:[ \t]{0,6}(?::=|=>|==?|[:,(>])"
    rb"|[ \t]{1,6}(?:(?:to|is)[ \t]|[\w&.<>]{1,20}[ \t]{0,2}=)"
    rb"|\s{1,20}value[\"']?[ \t]{0,2}[=:]|[ \t]{0,2}\{\s{1,20}default[ \t]{0,6}=|[ \t]{1,6})[ \t]{0,6}"
    rb"(?:[\w.]{1,20}\()?\\{0,2}[\"'`]?"
)
#: Between the name of a provider and the value: the rest of a name, and what assigns it.
_NAMED = rb"(?:[\w. -]{0,30}(?:%s)[\w.-]{0,20})%s(?:Bearer )?" % (_KEY_WORDS, ASSIGNED)


class Format(Record):
    """One kind of secret."""

    #: Named in the marker that replaces it; rows of one kind differ in their prefixes.
    kind: str
    #: Literals in lower case at one of which the expression begins.
    needles: tuple[bytes, ...]
    #: What is in the last group that matched is the secret; without groups, everything is.
    expression: bytes
    #: False for formats that are a secret whatever stands there.
    may_be_harmless: bool = False
    #: Who gives such secrets out, as in andon.secrets.rotation; "" for those of no provider.
    provider: str = ""
    #: How bad it is to lose one: P0 opens everything, P3 hardly anything.
    badness: str = "P1"
    #: False when even a perfect one is for a person to look at.
    is_sure: bool = True
    #: Fewest and most characters of a real one, prefix included; 0 when not known.
    least: int = 0
    most: int = 0
    #: The alphabet after the prefix, as a class of an expression; b"" when the parts differ.
    letters: bytes = b""
    #: Name of the check in andon.secrets.checksums.
    checksum: str = ""
    #: True when only the name that it is given to tells it.
    is_named: bool = False
    #: Characters of the secret that stand before the needle.
    lead: int = 0


def token(
    kind: str,
    provider: str,
    prefixes: str,
    letters: bytes,
    least: int,
    most: int = 0,
    *,
    badness: str = "P1",
    checksum: str = "",
    starts: bool = False,
    is_sure: bool = True,
) -> Format:
    """Return the row for a token of a prefix and `least` to `most` letters (0: exactly `least`).

    `starts` for a prefix so short that it must begin a word.
    """
    given = prefixes.split()
    found = b"|".join(_escaped(prefix) for prefix in given)
    floor = max(min(least, 8), least * 3 // 4)
    return Format(
        kind=kind,
        provider=provider,
        needles=tuple(prefix.lower().encode() for prefix in given),
        expression=b"%s(?:%s)%s{%d,}" % (START if starts else b"", found, letters, floor),
        least=min(map(len, given)) + least,
        most=max(map(len, given)) + (most or least),
        letters=letters,
        badness=badness,
        checksum=checksum,
        is_sure=is_sure,
    )


def shaped(
    kind: str,
    provider: str,
    needles: str,
    expression: bytes,
    *,
    badness: str = "P1",
    checksum: str = "",
    lead: int = 0,
    is_sure: bool = True,
) -> Format:
    """Return the row for a secret of several parts, which the expression tells whole."""
    return Format(
        kind=kind,
        provider=provider,
        needles=tuple(needle.encode() for needle in needles.split()),
        expression=expression,
        badness=badness,
        checksum=checksum,
        lead=lead,
        is_sure=is_sure,
    )


def named(
    kind: str, provider: str, names: str, value: bytes, *, badness: str = "P1", is_sure: bool = True
) -> Format:
    """Return the row for a secret without a form of its own, told by its provider's name and its length."""
    found = b"|".join(_escaped(name) for name in names.split())
    return Format(
        kind=kind,
        provider=provider,
        needles=tuple(name.lower().encode() for name in names.split()),
        expression=rb"(?i:(?:%s)%s)(%s)(?![\w+/=-])" % (found, _NAMED, value),
        badness=badness,
        is_sure=is_sure,
        is_named=True,
    )


def _escaped(text: str) -> bytes:
    return b"".join(b"\\" + c.encode() if c in ".$+-|^*?()[]{}" else c.encode() for c in text)
