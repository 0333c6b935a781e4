"""Compare semantic versions (semver.org 2.0.0) as flagd does in `sem_ver`: `v1` and 1.2 are versions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    #: Major, minor, patch, and what orders pre-releases; build metadata does not count.
    Version: TypeAlias = tuple[int, int, int, tuple[Any, ...]]

#: A longer text is not a version.
LONGEST = 256
_WORD = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")
_KNOWN: dict[str, Version | None] = {}
#: How many versions are remembered before all are forgotten.
_REMEMBERED = 2048


def sem_ver(found: Any, operator: Any, wanted: Any) -> bool | None:
    """Compare two versions; None when one is no version or the operator is unknown.

    `^` asks for the same major version and `~` for the same major and minor one: flagd's meaning, not npm's.
    """
    left, right = version(found), version(wanted)
    if left is None or right is None or type(operator) is not str:
        return None
    match operator:
        case "=":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "^":
            return left[0] == right[0]
        case "~":
            return left[:2] == right[:2]
    return None


def version(value: Any) -> Version | None:
    """Return a version in an order that Python compares; None for what is no version."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = str(value)
    if len(text) > LONGEST:
        return None  # and not remembered: thousands of megabytes may come one after another
    try:
        return _KNOWN[text]
    except KeyError:
        pass
    if len(_KNOWN) >= _REMEMBERED:
        _KNOWN.clear()
    found = _KNOWN[text] = _parsed(text)
    return found


def _parsed(text: str) -> Version | None:
    text = text[1:] if text[:1] in ("v", "V") else text
    text, plus, build = text.partition("+")
    if plus and not _are_words(build.split(".")):
        return None
    core, dash, early = text.partition("-")
    numbers = [_number(part) for part in core.split(".")]
    if len(numbers) > 3:
        return None
    padded = [*numbers, *[0] * (3 - len(numbers))]
    major, minor, patch = padded
    if major is None or minor is None or patch is None:
        return None
    if not dash:
        return major, minor, patch, (1,)
    parts = early.split(".")
    if not _are_words(parts):
        return None
    order: list[tuple[int, int, str]] = []
    for part in parts:
        if part.isdecimal():
            if (number := _number(part)) is None:
                return None
            order.append((0, number, ""))
        else:
            order.append((1, 0, part))
    return major, minor, patch, (0, *order)


def _number(text: str) -> int | None:
    """A number without leading zeros."""
    if not text.isascii() or not text.isdecimal() or (text[0] == "0" and len(text) > 1):
        return None
    return int(text)


def _are_words(parts: list[str]) -> bool:
    return all(part and _WORD.issuperset(part) for part in parts)
