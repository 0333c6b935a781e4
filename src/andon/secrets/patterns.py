"""Finding what looks like a secret: a literal of its kind, then the expression where it stands. Pure."""

from __future__ import annotations

from andon.secrets.formats import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: One of these is in every secret that FORMATS know, in lower case.
NEEDLES = tuple(dict.fromkeys(needle.decode() for rule in FORMATS for needle in rule.needles))

_HARMLESS = frozenset(
    b"none null nil true false undefined required missing invalid expired incorrect wrong empty unset"
    b" changeme change-me redacted hidden masked string password secret token example your-password".split()
)


def is_harmless(value: bytes) -> bool:
    """True for what stands in a secret's place without being one: nothing, a word, a variable, a mask."""
    if len(value) > 64:
        return False
    plain = value.strip().strip(b".)").lower()
    if len(plain) < 4 or plain in _HARMLESS or len(set(plain)) == 1:
        return True
    if plain[:1] in b"$%" or plain[:2] == b"{{" or (plain[:1] == b"<" and plain[-1:] == b">"):
        return True
    return plain.isdigit() and len(plain) < 6


def find(content: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, kind) of what looks like a secret, in no particular order; they may overlap."""
    import re  # not when only the literals are wanted: it costs 7 ms of start-up

    folded = content.lower()
    for rule in FORMATS:
        match = None
        for needle in rule.needles:
            at = folded.find(needle)
            while at >= 0:
                match = match or re.compile(rule.expression).match
                found = match(content, at)
                resume = at + len(needle)
                if found is not None:
                    start, end = found.span(found.lastindex or 0)
                    start -= rule.lead
                    if not (rule.may_be_harmless and is_harmless(content[start:end])):
                        yield start, end, rule.kind
                        resume = max(resume, end)
                at = folded.find(needle, resume)
