"""Two hundred archives that were damaged on purpose: each is read without an exception, and leaks nothing."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from andon.gaps.coverage import cover, journey
from andon.gaps.failure import Failure
from tests.unit.gaps.artefacts.recordings import PLANTED, RECORDED, packed, unpacked, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ARCHIVES = ("trace-v7.zip", "trace-v8.zip", "trace-v9.zip", "trace-v10.zip", "trace-python.zip", "blob.zip")
NUMBERS = (None, True, -1, 10**400, 1e308, -0.0)
TEXTS = (
    "",
    "\ud800",
    "\0",
    "9" * 50,
    "a" * 100_000,
    "http://[::1",
    "http://a:b@c:99999/?token",
    "2026-13-45T99:99",
)
ODD = (*NUMBERS, *TEXTS, [], {}, [[[]]], {"": {"": ""}}, [None, 1, "a", {}], {"headers": 5, "cookies": [1]})


def flipped(content: bytes, chance: random.Random) -> bytes:
    """Flip up to forty bits anywhere."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 40)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(content: bytes, chance: random.Random) -> bytes:
    """Cut off the end, or a piece out of the middle."""
    at = chance.randrange(len(content))
    return content[:at] if chance.random() < 0.5 else content[:at] + content[at + chance.randint(1, 2000) :]


def wrong_json(content: bytes, chance: random.Random) -> bytes:
    """Damage the lines of one entry."""
    entries = unpacked(content)
    name = chance.choice([n for n in entries if n.endswith((".trace", ".network", ".jsonl", ".stacks"))])
    lines = entries[name].split(b"\n")
    for _ in range(chance.randint(1, 10)):
        at = chance.randrange(len(lines))
        line = lines[at]
        lines[at] = chance.choice(
            (line[: len(line) // 2], b"{" * 5000, b"[" + line, b"\xff\xfe" + line, b"null", b"NaN")
        )
    entries[name] = b"\n".join(lines)
    return packed(entries)


def swapped(content: bytes, chance: random.Random) -> bytes:
    """Put values of other types anywhere into the documents."""

    def odd(value: Any) -> Any:
        if chance.random() < 0.06:
            return chance.choice(ODD)
        if isinstance(value, dict):
            return {k: odd(v) for k, v in value.items()}
        return [odd(v) for v in value] if isinstance(value, list) else value

    entries = unpacked(content)
    for name, entry in entries.items():
        if name.endswith((".trace", ".network", ".jsonl", ".stacks")):
            lines = [json.dumps(odd(json.loads(line))) for line in entry.splitlines() if line]
            entries[name] = "\n".join(lines).encode()
    return packed(entries)


def nested(content: bytes, chance: random.Random) -> bytes:
    """Put an archive into archives, or in the place of another entry."""
    entries = unpacked(content)
    if chance.random() < 0.5:
        for _ in range(chance.randint(1, 6)):
            content = packed({"inner.zip": content, "report.jsonl": b"{}"})
        return content
    entries[chance.choice(list(entries))] = content
    return packed(entries)


MUTATIONS = (flipped, cut, wrong_json, swapped, nested)


@pytest.mark.parametrize("seeds", [range(first, first + 50) for first in range(0, 200, 50)], ids=str)
def test_nothing_breaks_the_reading(seeds: range, tmp_path: Path) -> None:
    failure = Failure(method="POST", path="/api/orders?token=1", status=500)
    for seed in seeds:
        chance = random.Random(seed)
        original = (RECORDED / ARCHIVES[seed % len(ARCHIVES)]).read_bytes()
        broken = MUTATIONS[seed % len(MUTATIONS)](original, chance)
        beliefs = written(tmp_path, broken__zip=broken)
        assert beliefs.read or beliefs.problems, seed
        cover(beliefs, failure)
        journey(beliefs, failure)
        said = repr(beliefs)
        if (
            MUTATIONS[seed % len(MUTATIONS)] is not swapped
        ):  # those may have put the secret where none would be
            assert not [secret for secret in PLANTED if secret in said], seed
