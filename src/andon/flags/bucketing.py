"""Into which part of everybody a key falls: flagd's two hashes, and `fractional` with computed weights.

`v3` hashes the key's deterministic CBOR (RFC 8949, 4.2.1), `v2` the UTF-8 of a text. Both take MurmurHash3
x86 32 with seed 0 and the part `hash * total >> 32`.
"""

from __future__ import annotations

import mmh3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

V2, V3 = "v2", "v3"
#: The sum of the weights of a flag; more is refused by flagd on every platform.
MOST_WEIGHT = 2**31 - 1
_LEAST_INTEGER, _MOST_INTEGER = -(2**63), 2**64 - 1

hash_of: Callable[[bytes | str, int, bool], int] = mmh3.hash


class Heads(dict[int, bytes]):
    """What stands before a text of so many bytes: `before`, then CBOR's header of a text."""

    __slots__ = ("before",)

    def __init__(self, before: bytes = b"") -> None:
        super().__init__()
        self.before = before

    def __missing__(self, length: int) -> bytes:
        """Return the head for a length, and keep it for the short ones; TypeError for no key."""
        if not length and self.before:
            raise TypeError("an empty targeting key")
        made = self.before + _head(3, length)
        if length < 256:
            self[length] = made
        return made


def pair_heads(flag_key: str) -> Heads:
    """Return the heads of a targeting key in the pair of flag key and targeting key, which v3 hashes."""
    return Heads(b"\x82" + encode(flag_key))


def thresholds(weights: Sequence[int]) -> tuple[int, ...] | None:
    """Return, for each weight, the least hash beyond its part; None when nothing can be drawn.

    `hash * total >> 32 < end` is `hash < ceil(end * 2**32 / total)`, so that drawing is one comparison.
    """
    clamped = [max(weight, 0) for weight in weights]
    total = sum(clamped)
    if not 0 < total <= MOST_WEIGHT:
        return None
    found, end = [], 0
    for weight in clamped:
        end += weight
        found.append(-(-(end << 32) // total))
    return tuple(found)


def weight_of(value: Any) -> int | None:
    """Return a weight as a whole number; None for what is none (1.0 is, 0.5 and true are not)."""
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    return None


def draw(hashing: str, flag_key: str, targeting_key: Any, arguments: Sequence[Any]) -> Any:
    """Return what `fractional` draws from evaluated arguments; None when they are not what it takes."""
    if not arguments:
        return None
    first, buckets = arguments[0], arguments
    if not isinstance(first, (list, tuple)):
        buckets = arguments[1:]
        drawn = hash_value(hashing, first)
    elif isinstance(targeting_key, str) and targeting_key:
        drawn = hash_pair(hashing, flag_key, targeting_key)
    else:
        return None
    weights, results = [], []
    for bucket in buckets:
        if not isinstance(bucket, (list, tuple)) or not 0 < len(bucket) <= 2:
            return None
        weight = weight_of(bucket[1]) if len(bucket) == 2 else 1
        if weight is None:
            return None
        weights.append(weight)
        results.append(bucket[0])
    ends = thresholds(weights)
    return None if ends is None or drawn is None else pick(drawn, ends, results)


def pick(drawn: int | None, ends: Sequence[int], results: Sequence[Any]) -> Any:
    """Return the result in whose part a hash falls; None for no hash."""
    if drawn is None:
        return None
    for end, result in zip(ends, results, strict=True):
        if drawn < end:
            return result
    return None


def hash_pair(hashing: str, flag_key: str, targeting_key: str) -> int:
    """Return the hash of a targeting key for a flag."""
    if hashing == V2:
        return hash_of(flag_key + targeting_key, 0, False)
    return hash_of(b"\x82" + encode(flag_key) + encode(targeting_key), 0, False)


def hash_value(hashing: str, value: Any) -> int | None:
    """Return the hash of what a rule buckets by; None for what cannot be hashed (null; in v2, no text)."""
    if hashing == V2:
        return hash_of(value, 0, False) if isinstance(value, str) else None
    if value is None or isinstance(value, (list, tuple)):
        return None
    try:
        return hash_of(encode(value), 0, False)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None


# ---- CBOR


def encode(value: Any) -> bytes:
    """Return the deterministic CBOR of a JSON value; raises TypeError for anything else.

    A float without a fraction is encoded as an integer where 64 bits hold it, as flagd asks.
    """
    if isinstance(value, str):
        content = str(value).encode()
        return _head(3, len(content)) + content
    if value is None or isinstance(value, bool):
        return b"\xf6" if value is None else b"\xf5" if value else b"\xf4"
    if isinstance(value, float):
        if not (value.is_integer() and _LEAST_INTEGER <= value <= _MOST_INTEGER):
            return _float(value)
        value = int(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, (list, tuple)):
        return _head(4, len(value)) + b"".join([encode(item) for item in value])
    if isinstance(value, dict):
        items = sorted((encode(key), encode(item)) for key, item in value.items())
        return _head(5, len(items)) + b"".join([key + item for key, item in items])
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _head(major: int, count: int) -> bytes:
    first = major << 5
    if count < 24:
        return bytes((first | count,))
    for more, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if count < 1 << (8 * size):
            return bytes((first | more,)) + count.to_bytes(size, "big")
    raise OverflowError("too long")


def _integer(value: int) -> bytes:
    major, count = (0, value) if value >= 0 else (1, -1 - value)
    if count <= _MOST_INTEGER:
        return _head(major, count)
    content = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes((0xC2 + major,)) + _head(2, len(content)) + content


def _float(value: float) -> bytes:
    """The shortest of half, single and double that keeps the value."""
    from struct import pack, unpack  # the rest of a client needs none of it

    if value != value:
        return b"\xf9\x7e\x00"
    for first, form in ((b"\xf9", ">e"), (b"\xfa", ">f")):
        try:
            content = pack(form, value)
        except OverflowError:
            continue
        if unpack(form, content)[0] == value:
            return first + content
    return b"\xfb" + pack(">d", value)
