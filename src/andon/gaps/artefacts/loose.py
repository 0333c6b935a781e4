"""Values out of documents that nobody vouches for: of the type asked for, or its empty value. Pure."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

#: Lines of a file of JSON lines that are read.
LINES = 400_000


def parsed(content: bytes) -> Any:
    """Return a JSON document; None for what is none, or is nested deeper than can be read."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError, MemoryError):
        return None


def lines(content: bytes, without: Callable[[bytes], bool] | None = None) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of JSON lines; what is none, or is to be left out, is passed over."""
    start = count = 0
    while start < len(content) and count < LINES:
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        line = content[start:end] if content[start : start + 1] == b"{" else b""
        if line and not (without and without(line)) and isinstance(document := parsed(line), dict):
            yield document
        start, count = end + 1, count + 1


def table(value: object, *keys: str) -> dict[str, Any]:
    """Return the object at a path of keys; {} for anything else."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def items(value: object, *keys: str) -> list[Any]:
    """Return the list at a path of keys; [] for anything else."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, list) else []


def tables(value: object, *keys: str) -> Iterator[dict[str, Any]]:
    """Yield the objects in the list at a path of keys."""
    return (one for one in items(value, *keys) if isinstance(one, dict))


def text(value: object, *keys: str) -> str:
    """Return the text at a path of keys; "" for anything else. Without lone surrogates."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def number(value: object, *keys: str) -> float:
    """Return the finite number at a path of keys, not below zero; 0 for anything else."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0.0
    try:
        found = float(value)
    except OverflowError:
        return 0.0
    return found if math.isfinite(found) and found > 0 else 0.0


def whole(value: object, *keys: str) -> int:
    """Return the number at a path of keys as a whole one."""
    return int(min(number(value, *keys), 1e15))


def moment(value: object, *keys: str) -> float:
    """Return the time at a path of keys, ISO 8601, as seconds since 1970; 0 for anything else."""
    try:
        found = datetime.fromisoformat(text(value, *keys))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return 0.0
