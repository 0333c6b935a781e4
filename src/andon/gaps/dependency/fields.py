"""JSON values side by side: the fields in which two differ, and a value that has some of them from the other.

A field is written as in `$.items[*].price`: `[*]` is every element of a list, `$.items.length` how many
there are, and `.*` every key of an object that is an identity or a text rather than a name. A field stands
for all that is below it.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import Any

#: Keys like `line_2` are names; like `4711` or `a81c3f` they are identities, or secrets.
_NAME = re.compile(r"[A-Za-z_][A-Za-z_-]{0,36}\d{0,3}\Z")
_STEP = re.compile(r"\$|\.\*|\.[A-Za-z_][A-Za-z0-9_-]*|\[\*\]")
#: The end of a field that says how long a list is.
LENGTH = ".length"
_GONE = object()
#: Deeper values are compared as a whole.
DEEPEST = 60


def step(key: str) -> str:
    """Return the step from an object to one of its keys."""
    return f".{key}" if _NAME.match(key) else ".*"


def differing(test: Any, production: Any, field: str = "$") -> tuple[str, ...]:
    """Return the fields in which two values differ, finest first met, each once."""
    return tuple(dict.fromkeys(_differing(test, production, field, DEEPEST)))


def grouped(fields: Collection[str], most: int, below: str = "$") -> tuple[str, ...]:
    """Return at most `most` fields that cover all of these, cut to as few steps as that needs.

    What is right below `below` is not put together any more, however many those are.
    """
    depth = max((len(steps(one)) for one in fields), default=0)
    found = tuple(dict.fromkeys(fields))
    while len(found) > most and depth > len(steps(below)) + 1:
        depth -= 1
        found = tuple(dict.fromkeys("".join(steps(one)[:depth]) for one in fields))
    return found


def steps(field: str) -> tuple[str, ...]:
    """Return the steps of a field, the first one being `$`."""
    return tuple(_STEP.findall(field))


def covers(field: str, other: str) -> bool:
    """True when a field is another, or holds it."""
    own, theirs = steps(field), steps(other)
    return theirs[: len(own)] == own


def blended(test: Any, production: Any, chosen: Collection[str]) -> Any:
    """Return the tests' value with the chosen fields as in production.

    None chosen: the tests' value; all that differ chosen: production's.
    """
    prefixes = frozenset(steps(one) for one in chosen)
    return _blended(test, production, ("$",), prefixes, DEEPEST)


def same(one: Any, other: Any) -> bool:
    """True when two JSON values are the same: a number is no boolean, and 1 is 1.0 only in writing alike."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def _differing(test: Any, production: Any, field: str, left: int) -> Iterator[str]:
    if isinstance(test, dict) and isinstance(production, dict) and left:
        for key in dict.fromkeys((*test, *production)):
            yield from _differing(
                test.get(key, _GONE), production.get(key, _GONE), field + step(key), left - 1
            )
    elif isinstance(test, list) and isinstance(production, list) and left:
        if len(test) != len(production):
            yield f"{field}{LENGTH}"
        for one, other in zip(test, production, strict=False):
            yield from _differing(one, other, f"{field}[*]", left - 1)
    elif not same(test, production):
        yield field


def _blended(
    test: Any, production: Any, at: tuple[str, ...], chosen: frozenset[tuple[str, ...]], left: int
) -> Any:
    if at in chosen:
        return production
    if isinstance(test, dict) and isinstance(production, dict) and left:
        keys = dict.fromkeys((*test, *production))
        mixed = {
            key: _blended(
                test.get(key, _GONE), production.get(key, _GONE), (*at, step(key)), chosen, left - 1
            )
            for key in keys
        }
        return {key: value for key, value in mixed.items() if value is not _GONE}
    if isinstance(test, list) and isinstance(production, list) and left:
        mixed_list = [
            _blended(one, other, (*at, "[*]"), chosen, left - 1)
            for one, other in zip(test, production, strict=False)
        ]
        longer = production if (*at, LENGTH) in chosen else test
        return mixed_list + longer[len(mixed_list) :]
    return test


def walked(value: Any, visit: Callable[[str, Any], None], field: str = "$", left: int = DEEPEST) -> None:
    """Show every field of a value, with what it holds."""
    visit(field, value)
    if isinstance(value, dict) and left:
        for key, inner in value.items():
            walked(inner, visit, field + step(str(key)), left - 1)
    elif isinstance(value, list) and left:
        for inner in value:
            walked(inner, visit, f"{field}[*]", left - 1)
