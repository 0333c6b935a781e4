"""A small text form of plain values, for the configuration's cache: a JSON reader costs every commit 4 ms.

`n` none, `t` true, `f` false, `i12;` and `d1.5;` numbers, `s3:abc` text by its length in characters, `l...e`
a list, `m...e` a table of texts and values. Unlike Python's own formats it can hold nothing but values.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: How deep lists and tables may lie in each other; a configuration needs four.
_DEPTH = 50
_WORDS = {"n": None, "t": True, "f": False}


def dumps(value: object) -> str:
    """Return the text of a value made of None, bool, int, float, str, lists, tuples and tables."""
    if value is None or value is True or value is False:
        return "n" if value is None else "t" if value else "f"
    if isinstance(value, str):
        return f"s{len(value)}:{str.__str__(value)}"
    if isinstance(value, int):
        return f"i{value};"
    if isinstance(value, float):
        return f"d{value!r};"
    if isinstance(value, dict):
        return "m" + "".join(dumps(key) + dumps(part) for key, part in value.items()) + "e"
    if isinstance(value, (list, tuple)):
        return "l" + "".join(map(dumps, value)) + "e"
    raise TypeError(f"{type(value).__name__} is no plain value")


def loads(text: str) -> Any:
    """Return the value that a text stands for; raises ValueError for any other text."""
    value, end = _read(text, 0, _DEPTH)
    if end != len(text):
        raise ValueError(f"more text after the value, at {end}")
    return value


def _read(text: str, at: int, depth: int) -> tuple[Any, int]:
    kind = text[at : at + 1]
    if kind in _WORDS:
        return _WORDS[kind], at + 1
    if kind == "s":
        colon = text.index(":", at)
        start = colon + 1
        end = start + _length(text[at + 1 : colon])
        if end > len(text):
            raise ValueError(f"the text at {at} was cut")
        return text[start:end], end
    if kind in ("i", "d") and kind:
        end = text.index(";", at)
        number = text[at + 1 : end]
        return (int(number) if kind == "i" else float(number)), end + 1
    if kind not in ("l", "m") or not kind or not depth:
        raise ValueError(f"no value at {at}")
    found: list[Any] = []
    at += 1
    while text[at : at + 1] != "e":
        value, at = _read(text, at, depth - 1)
        found.append(value)
    if kind == "l":
        return found, at + 1
    keys = found[::2]
    if len(found) % 2 or not all(isinstance(key, str) for key in keys):
        raise ValueError(f"no table at {at}")
    return dict(zip(keys, found[1::2], strict=True)), at + 1


def _length(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("no length")
    return int(digits)
