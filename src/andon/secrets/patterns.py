"""Finding what looks like a secret: a literal of its kind, then the expression where it stands. Pure."""

from __future__ import annotations

from andon.secrets.formats import FORMATS
from andon.secrets.needles import Needles

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

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
    """Yield (start, end, kind) of what looks like a secret, kind by kind as in FORMATS; they may overlap."""
    found = _needles.find(content)
    if not found:
        return
    for number in sorted({number for needle in found for number in _RULES_OF[needle]}):
        rule = FORMATS[number]
        match = _matcher(number)
        for needle in rule.needles:
            resume = 0
            for at in found.get(needle, ()):
                if at < resume:
                    continue
                resume = at + len(needle)
                matched = match(content, at)
                if matched is not None:
                    start, end = matched.span(matched.lastindex or 0)
                    start -= rule.lead
                    if not (rule.may_be_harmless and is_harmless(content[start:end])):
                        yield start, end, rule.kind
                        resume = max(resume, end)


def _rules_by_needle() -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = {}
    for number, rule in enumerate(FORMATS):
        for needle in rule.needles:
            found.setdefault(needle, []).append(number)
    return found


_RULES_OF = _rules_by_needle()
_needles = Needles(_RULES_OF, folded=True)
_matchers: dict[int, Callable[[bytes, int], re.Match[bytes] | None]] = {}


def _matcher(number: int) -> Callable[[bytes, int], re.Match[bytes] | None]:
    """Return what tries the expression of a format at a place; compiled when it is first needed."""
    match = _matchers.get(number)
    if match is None:
        import re  # not when only the literals are wanted: it costs 7 ms of start-up

        match = _matchers[number] = re.compile(FORMATS[number].expression).match
    return match
