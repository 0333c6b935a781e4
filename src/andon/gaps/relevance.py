"""Whether a difference has to do with a failure, by the words they share. Pure; no model, no learned weight.

How much a `Difference` weighs, by the same rules for every kind:

5  the failure's text names the place itself: the variable, the column, the field, the service;
4  it lies on the failing way (a table, a service, a key that shares a word with the failing endpoint or text,
   or that the failing endpoint was seen to use) and it is of the sort that breaks programs: missing, of
   another type, empty, of a form the tests never saw;
3  on the failing way, of a sort that seldom breaks anything;
2  off the failing way, of the sort that breaks programs;
1  off the way and harmless;
0  it cannot matter to a program at all.

A verdict rests on 4 or more; below it Andon abstains.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.failure import Failure

_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
#: Words that are in the text of every failure and in every schema.
_COMMON_WORDS = """
the and for not with from this that was are has have its into error errors exception failed failure fail
invalid value values key keys none null true false type types object string number int float list dict http
https get post put delete patch status code api internal server request response id ids url traceback file
line most recent call last in return self
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def words(text: str) -> frozenset[str]:
    """Return the words of a text or an identifier: taken apart, in lower case, singular."""
    found = {part.lower() for part in _PARTS.findall(text)}
    return frozenset(_singular(w) for w in found if len(w) > 2 and w not in _COMMON)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def is_named(failure: Failure, identifier: str) -> bool:
    """True when the failure's text holds the identifier itself, whole, as programs write it."""
    if len(identifier) < 2:
        return False
    return bool(
        re.search(rf"(?<![\w-]){re.escape(identifier)}(?![\w-])", f"{failure.text}\n{failure.absent}")
    )


def shared(failure: Failure, *texts: str) -> frozenset[str]:
    """Return the words that the failing endpoint or the failure's text share with some texts."""
    own = words(failure.endpoint) | words(failure.text) | words(failure.absent)
    theirs: frozenset[str] = frozenset().union(*(words(text) for text in texts))
    return own & theirs
