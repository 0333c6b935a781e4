"""A leaked secret while it is worked on: the one place where its value is held, and never printed. Pure."""

from __future__ import annotations

import re

from andon.record import Record

#: Shortest value that is looked for wherever it stands; a shorter one is part of too many words.
SHORTEST = 8
#: Longest run of letters that still passes for a word somebody could have meant otherwise.
_LONGEST_WORD = 20
#: Longest run of digits that still passes for a number of something else.
_LONGEST_NUMBER = 11


class Credential(Record):
    """One secret that got out, with its value."""

    #: The digits of its keyed hash (`Redactor.mark`): how it is called everywhere.
    mark: str
    kind: str
    value: bytes
    #: The name it is assigned to, where known; a short or ordinary value is only looked for next to it.
    variable: str = ""

    def __repr__(self) -> str:
        """Say which it is, never its value."""
        return f"Credential({self.kind} {self.mark})"

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to be written down."""
        raise TypeError("a leaked value is not to be stored")


def why_doubtful(value: bytes) -> str:
    """Return why a value cannot be told from ordinary text, so that a person has to confirm it; else "".

    Such a value is looked for as a whole word, next to its variable's name when that is known. The lengths
    are our own: a password of letters only is longer than nearly every word of a text.
    """
    if len(value) < SHORTEST:
        return f"it is shorter than {SHORTEST} characters"
    if len(value) <= _LONGEST_NUMBER and value.isdigit():
        return "it is a plain number"
    if len(value) < _LONGEST_WORD and re.fullmatch(rb"[A-Za-z][a-z]*|[A-Z]+", value):
        return "it is an ordinary word"
    return ""
