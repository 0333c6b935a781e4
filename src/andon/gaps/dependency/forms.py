"""What values of a field look like, in a closed vocabulary: facts that may be shown, never a value. Pure."""

from __future__ import annotations

import re

from andon.gaps.dependency.fields import walked
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_TEXTS = (
    ("a whole number as text", re.compile(r"[+-]?\d{1,18}\Z")),
    ("a decimal number as text", re.compile(r"[+-]?\d+\.\d+\Z")),
    ("a decimal number with a comma as text", re.compile(r"[+-]?\d+,\d+\Z")),
    ("a date", re.compile(r"\d{4}-\d\d-\d\d\Z")),
    ("a moment with its zone", re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)\Z")),
    ("a moment without a zone", re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+\Z")),
    ("a date with slashes or dots", re.compile(r"\d{1,4}[/.]\d{1,2}[/.]\d{1,4}\Z")),
    ("a UUID", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")),
    ("an address", re.compile(r"https?://\S+\Z")),
    ("a mail address", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")),
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}\Z")
_INT32 = 2**31 - 1
#: From how many values on a field may be one of few words, and how many words that is at most.
_ENOUGH, _FEW = 4, 6


class Values(Record):
    """What was seen of one field."""

    types: frozenset[str] = frozenset()
    #: Facts that held for at least one value.
    facts: frozenset[str] = frozenset()
    #: Forms of the texts.
    forms: frozenset[str] = frozenset()
    #: The texts that are words, to be compared and never shown; empty when there were too many.
    words: frozenset[str] = frozenset()
    #: How many values, and the longest list.
    count: int = 0
    longest: int = 0

    @property
    def is_choice(self) -> bool:
        """True when the field seems to be one of few words."""
        return (
            self.count >= _ENOUGH
            and self.types == {"string"}
            and self.forms == {"a word"}
            and 0 < len(self.words) <= min(_FEW, self.count // 2)
        )


def type_of(value: Any) -> str:
    """Return the JSON type of a value; whole numbers are numbers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def form_of(text: str) -> str:
    """Return what a text looks like."""
    for name, pattern in _TEXTS:
        if pattern.match(text):
            return name
    return "a word" if _WORD.match(text) else "text"


def fields_of(values: Iterable[Any]) -> dict[str, Values]:
    """Return what was seen of every field of some JSON values."""
    seen: dict[str, list[Any]] = {}

    def visit(field: str, value: Any) -> None:
        seen.setdefault(field, []).append(value)

    for value in values:
        walked(value, visit)
    return {field: _values(own) for field, own in seen.items()}


def _values(values: list[Any]) -> Values:
    texts = [value for value in values if isinstance(value, str)]
    words = frozenset(texts)
    return Values(
        types=frozenset(type_of(value) for value in values),
        facts=frozenset(fact for value in values for fact in _facts(value)),
        forms=frozenset(form_of(text) for text in texts if text),
        words=words if len(words) <= 4 * _FEW else frozenset(),
        count=len(values),
        longest=max((len(value) for value in values if isinstance(value, list)), default=0),
    )


def _facts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        found = ["an empty text"] if not value else []
        if value and value != value.strip():
            found.append("a text with blanks around it")
        if not value.isascii():
            found.append("a text beyond ASCII")
        return tuple(found)
    if isinstance(value, (list, dict)):
        return () if value else ("an empty list" if isinstance(value, list) else "an empty object",)
    if isinstance(value, bool) or value is None:
        return ()
    found = ["zero"] if value == 0 else ["a negative number"] if value < 0 else []
    if abs(value) > _INT32:
        found.append("a number beyond 32 bits")
    if isinstance(value, float) and not value.is_integer():
        found.append("a number with a fraction")
    return tuple(found)
