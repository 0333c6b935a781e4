"""JSON by the C functions of the standard library, without its package, which loads `re` and costs 4 ms.

What the C functions do not take at once is left to `json`, so that every text means what it means there.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Reading:
    """What `json.JSONDecoder` tells the C scanner by default."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = {
        "NaN": float("nan"),
        "Infinity": float("inf"),
        "-Infinity": float("-inf"),
    }.__getitem__


_scan: Callable[[str, int], tuple[Any, int]] | None = None
_encoder: Callable[..., Callable[[object, int], tuple[str, ...]]] | None = None
_quoted: Callable[[str], str] = str
try:
    import _json
except ImportError:  # no CPython
    pass
else:
    _scan = _json.make_scanner(_Reading)  # type: ignore[arg-type, unused-ignore]
    _encoder = _json.make_encoder  # type: ignore[assignment, unused-ignore]
    _quoted = _json.encode_basestring


def loads(text: str) -> Any:
    """Return the value of a JSON text; raises ValueError as `json.loads` does."""
    if _scan is not None:
        try:
            value, end = _scan(text, 0)
        except (StopIteration, TypeError):
            end = -1
        if end == len(text):
            return value
    import json

    return json.loads(text)


def canonical(value: object, default: Callable[[object], object] | None = None) -> str:
    """Return JSON with sorted keys, no spaces and unescaped characters: the same value always gives the same.

    `default` turns what JSON does not know into what it knows. Raises TypeError, ValueError as `json` does.
    """
    if _encoder is None:
        import json

        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=default)
    if isinstance(value, str):
        return _quoted(value)
    write = _encoder({}, default or _unknown, _quoted, None, ":", ",", True, False, True)
    return "".join(write(value, 0))


def _unknown(value: object) -> object:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
