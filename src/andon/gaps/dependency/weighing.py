"""How much a difference of an outside service weighs, by the rules of `gaps.relevance`. Pure."""

from __future__ import annotations

import re

from andon.gaps.dependency.answers import json_of
from andon.gaps.dependency.blend import BODY
from andon.gaps.dependency.fields import LENGTH, covers, walked
from andon.gaps.dependency.pairs import name_of
from andon.gaps.relevance import is_named, shared, words
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from andon.gaps.dependency.answers import Answer
    from andon.gaps.dependency.shapes import Finding
    from andon.gaps.failure import Failure

#: What a failure's text says when a difference of a sort is behind it; whether little else makes it say so.
_SYMPTOMS = (
    (r"type:object", r"\bdict\b|object Object", True),
    (r"type:array", r"\blist\b", True),
    (r"type:string", r"\bstr\b|\bNaN\b", False),
    (r"type:(?:number|boolean)", r"\bint\b|\bfloat\b|\bbool\b|is not a function", False),
    (r"type:null|missing", r"NoneType|\bnull\b|\bundefined\b|\bnil\b|KeyError", False),
    (r"no JSON", r"JSON|Unexpected token|Expecting value|<!doctype|ContentTypeError", True),
    (r"an empty list", r"IndexError|out of range|empty sequence|ZeroDivision|division by zero", False),
    (r"zero", r"ZeroDivision|division by zero|\bInfinity\b", False),
    (r"form", r"isoformat|strptime|could not convert|invalid literal|Invalid (?:Date|time)|\bNaN\b", False),
    (r"status:429", r"\b429\b|rate.?limit|Too Many", True),
    (r"status:5\d\d", r"\b50[0-4]\b|Bad Gateway|Service Unavailable|upstream", False),
    (r"status:no answer", r"[Cc]onnection (?:refused|reset)|timed? ?out|ECONN", False),
    (r"a text beyond ASCII|encoding", r"Unicode|codec|latin-1|ordinal not in range", False),
    (r"a number beyond 32 bits", r"[Oo]verflow|out of range", False),
    (r"integrity", r"integrity|digest", True),
    (r"script", r"is not (?:defined|a function|a constructor)|[Cc]annot read|ReferenceError", True),
)
#: Characters of a value that is looked for in a text, and values of an answer that are.
_LEAST, _MOST_VALUES = 4, 5000


class Named(Record):
    """Where a difference is, by all the names that a failure may call it."""

    name: str
    endpoint: str
    hosts: tuple[str, ...] = ()
    #: True when the application's source names it where it answers the failing request.
    is_asked_there: bool = False


class Values:
    """The texts in both worlds' answers of an endpoint, for telling a failure that shows one of them."""

    def __init__(self, test: Sequence[Answer], production: Sequence[Answer], failure: Failure) -> None:
        """Take the answers; the values leave this object in no way but yes and no."""
        self._text, self._absent = failure.text, _plain(failure.absent)
        self._test, self._production = _texts(test), _texts(production)

    def evidence(self, place: str) -> str:
        """Return what the failure shows of the values at a place; "" for nothing."""
        mine, theirs = _at(self._test, place), _at(self._production, place)
        if any(_is_told(value, self._text) for value in theirs - mine):
            return "the failure shows a value that only production's answer has there"
        if len(self._absent) >= _LEAST:
            was = any(self._absent in _plain(value) for value in mine)
            if was and not any(self._absent in _plain(value) for value in theirs):
                return "what should have been seen is in the tests' answer, and not in production's"
        return ""


def weigh(where: Named, one: Finding, failure: Failure, values: Values) -> tuple[int, tuple[str, ...]]:
    """Return how much a difference weighs, and why."""
    field = name_of(one.place)
    names = (field, where.name, *where.hosts)
    reasons = [f"the failure names {name}" for name in names if name and is_named(failure, name)][:1]
    if shown := values.evidence(one.place):
        reasons.append(shown)
    is_named_there = bool(reasons)
    if where.is_asked_there:
        reasons.append(f"the source asks {where.name} where it answers {failure.endpoint}")
    common = shared(failure, where.name, where.endpoint.partition(" ")[2], field)
    if common:
        reasons.append(f"it shares {', '.join(sorted(common))} with the failing way")
    symptom = _symptom(one.sort, failure)
    if symptom is not None:
        reasons.append("the failure's text is what a program says of it")
    breaks = one.breaks or symptom is not None or bool(shown)
    reasons.append("it is of the sort that breaks programs" if breaks else "it seldom breaks a program")
    is_on_the_way = where.is_asked_there or bool(common)
    if not breaks:
        return 3 if is_named_there or is_on_the_way else 1, tuple(reasons)
    if is_named_there or (symptom and is_on_the_way):
        return 5, tuple(reasons)
    return 4 if is_on_the_way or symptom is not None else 2, tuple(reasons)


def _symptom(sort: str, failure: Failure) -> bool | None:
    """Return whether little but this sort makes a program say so; None when the failure says else."""
    text = f"{failure.text}\n{failure.absent}"
    found = [alone for kind, said, alone in _SYMPTOMS if re.match(kind, sort) and re.search(said, text)]
    return any(found) if found else None


def _is_told(value: str, text: str) -> bool:
    """True when a text shows a value: whole, and not as one of the words that are in every text."""
    if len(value) < _LEAST or not words(value):
        return False
    if not re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text):
        return False
    return not value.isalpha() or any(f"{quote}{value}{quote}" in text for quote in "'\"`")


def _texts(answers: Sequence[Answer]) -> list[tuple[str, str]]:
    """Return the texts of answers with their fields."""
    found: list[tuple[str, str]] = []

    def visit(field: str, value: Any) -> None:
        if isinstance(value, str) and len(found) < _MOST_VALUES:
            found.append((field, value))

    for answer in answers:
        is_json, content = json_of(answer.body, answer.charset)
        if is_json:
            walked(content, visit)
        elif len(found) < _MOST_VALUES:
            found.append((BODY, answer.text[:100_000]))
    return found


def _at(texts: list[tuple[str, str]], place: str) -> set[str]:
    if not place.startswith("$"):
        return {text for field, text in texts if place == BODY and field == BODY}
    place = place.removesuffix(LENGTH)
    return {text for field, text in texts if field.startswith("$") and covers(place, field)}


def _plain(text: str) -> str:
    return " ".join(text.split()).lower()
