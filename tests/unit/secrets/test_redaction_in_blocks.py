"""Redaction of what is too large to be read at once: cuts show nowhere, and nothing known comes through."""

from __future__ import annotations

import base64
import html
import itertools
import json
import random
import tracemalloc
import urllib.parse
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.redaction import MARKER, PatternRedactor
from tests.unit.secrets.test_redaction import KEY, STANDING_ALONE, TEXTS, private_key, word

Random = random.Random
#: A redactor with small blocks, so that small texts have many.
BLOCK, LOOK = 120, 480
#: Made up, with whatever an encoding may change.
VALUES = [
    word(Random(n), 14).encode() + tail for n, tail in enumerate([b"", b'/+"x', "ü&<'".encode(), b" a\\b"])
]


def small(*known: bytes) -> PatternRedactor:
    return PatternRedactor(known=known, key=KEY, block=BLOCK, look=LOOK)


LINES = st.sampled_from(
    [b"\n", b"a quiet line\n", b"GET /orders?page=2 200\n", b"\tat shop.main(app.py:3)\n", b"x" * 150]
)
LONG = st.lists(st.one_of(TEXTS, LINES, st.sampled_from(VALUES)), max_size=40).map(b"".join)


@given(LONG, st.lists(st.integers(0, 2000), max_size=6))
def test_how_it_is_cut_does_not_show(content: bytes, cuts: list[int]) -> None:
    redactor = small(*VALUES)
    places = sorted({0, len(content), *(cut for cut in cuts if cut < len(content))})
    pieces = [content[start:end] for start, end in itertools.pairwise(places)]
    clean = b"".join(redactor.redact_stream(pieces))
    assert clean == redactor.redact(content)[0]
    assert clean == b"".join(redactor.redact_stream(content[n : n + 1] for n in range(len(content))))


@given(LONG)
def test_nothing_known_comes_through_and_markers_stay_whole(content: bytes) -> None:
    redactor = small(*VALUES)
    clean, count = redactor.redact(content)
    assert not any(value in clean for value in VALUES)
    assert (clean == content) == (count == 0)
    broken_before = MARKER.sub(b"", content).count(b"[redacted:")
    assert MARKER.sub(b"", clean).count(b"[redacted:") <= broken_before


def a_log(chance: Random, lines: int) -> Iterator[bytes]:
    for n in range(lines):
        order = chance.randrange(10**6)
        yield f"2026-03-01T02:14:{n % 60:02} INFO shop.orders order {order} paid in {n} ms\n".encode()


@pytest.mark.parametrize("kind", sorted(STANDING_ALONE))
def test_a_secret_at_the_end_of_a_block_is_found_whole(kind: str) -> None:
    secret = STANDING_ALONE[kind](Random(5)).encode()
    for before in range(BLOCK - 40, BLOCK + 20):
        for filling in (b"-" * before, b"a line\n" * (before // 7) + b" " * (before % 7)):
            clean, count = small().redact(filling + b" " + secret + b"\n" + b"what follows\n" * 60)
            assert count == 1, before
            assert secret not in clean
            assert clean.endswith(b"]\n" + b"what follows\n" * 60)


def test_twice_is_as_good_as_once_over_many_blocks() -> None:
    chance = Random(7)
    secrets = [make(chance).encode() for make in STANDING_ALONE.values()]
    content = b"".join(
        line + (chance.choice(secrets) + b"\n") * (n % 5 == 0) for n, line in enumerate(a_log(chance, 300))
    )
    clean, count = small().redact(content)
    assert count == 60
    assert small().redact(clean) == (clean, 0)
    assert clean == PatternRedactor(key=KEY).redact(content)[0]


def test_a_clean_log_comes_out_as_it_is() -> None:
    content = b"".join(a_log(Random(1), 40_000))
    assert PatternRedactor(known=VALUES, key=KEY).redact(content) == (content, 0)


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda value: value,
    "JSON": lambda value: json.dumps(value.decode()).encode(),
    "JSON with its letters": lambda value: json.dumps(value.decode(), ensure_ascii=False).encode(),
    "JSON with escaped slashes": lambda value: json.dumps(value.decode()).replace("/", "\\/").encode(),
    "JSON in JSON": lambda value: json.dumps({"log": json.dumps({"v": value.decode()})}).encode(),
    "a URL": lambda value: urllib.parse.quote(value, safe="").encode(),
    "a form": lambda value: urllib.parse.quote_plus(value).encode(),
    "HTML": lambda value: html.escape(value.decode()).encode(),
    "hex": lambda value: value.hex().encode(),
    "UTF-16": lambda value: value.decode().encode("utf-16"),
    "base64": base64.b64encode,
    "base64 for URLs": base64.urlsafe_b64encode,
    "base64 after one letter": lambda value: base64.b64encode(b"a" + value + b"zz"),
    "base64 after two letters": lambda value: base64.b64encode(b"ab" + value + b"z"),
}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_a_known_value_is_found_in_every_encoding(encoding: str, value: bytes) -> None:
    written = ENCODINGS[encoding](value)
    for before in (b"", b"x" * (BLOCK - 10), b"a line\n" * 40):
        clean, count = small(value).redact(before + b" <" + written + b">\n" + b"what follows\n" * 60)
        assert count == 1
        core = written[4:-6] if "base64" in encoding else written
        assert core not in clean
        assert MARKER.search(clean)[0] == b"[redacted:known-value:%s]" % small().mark(value).encode()  # type: ignore[index]


def test_a_key_block_is_found_whole_over_the_end_of_a_block() -> None:
    body = "\n".join(word(Random(n), 64) for n in range(250)).encode()  # 16 KB
    block = b"-----BEGIN RSA PRIVATE KEY-----\n" + body + b"\n-----END RSA PRIVATE KEY-----"
    for before in ((1 << 20) - 40, (1 << 20) - 8000, (1 << 20) - 3):
        filling = b"a quiet line of a log\n" * (before // 22) + b"." * (before % 22)
        clean, count = PatternRedactor(key=KEY).redact(filling + b"\n" + block + b"\nafter it\n" * 9000)
        assert count == 1
        assert clean.startswith(filling + b"\n[redacted:private-key:")
        assert clean.endswith(b"]" + b"\nafter it\n" * 9000)


def test_of_a_secret_longer_than_what_is_read_ahead_nothing_is_left() -> None:
    value = b"".join(word(Random(n), 50).encode() for n in range(100))
    follows = b"\nwhat follows\n"
    clean, count = small().redact(b"before\nCookie: session=" + value + follows * 5)
    assert count == 1
    assert clean.endswith(follows * 5)
    assert not any(value[n : n + 12] in clean for n in range(0, len(value), 12))
    key = private_key(Random(1)).encode()
    long = key[:40] + (word(Random(2), 64).encode() + b"\n") * 40 + key[40:]
    clean, count = small().redact(b"before\n" + long + follows)
    assert (clean.startswith(b"before\n[redacted:private-key:"), clean.endswith(b"]" + follows), count) == (
        True,
        True,
        1,
    )


def test_memory_stays_small_however_long_the_log() -> None:
    secret = b"password=" + word(Random(1), 20).encode() + b"\n"
    redactor = PatternRedactor(known=VALUES, key=KEY)
    line = b"".join(a_log(Random(1), 500))
    tracemalloc.start()
    size = sum(map(len, redactor.redact_stream(line + secret for _ in range(400))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 10 << 20
    assert peak < 8 << 20
