"""The ban list: what is written is read, and a banned value is found however it is quoted."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from json import dumps
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.bans import (
    Ban,
    BannedValues,
    can_be_banned,
    hash_of,
    notes_of,
    read_bans,
    words_of,
    write_bans,
)

KEY = bytes(range(32))


def banned(*values: bytes) -> BannedValues:
    bans = [
        Ban(kind="value", subject=hash_of(w, KEY), key=KEY.hex(), words=len(w), mark="a1b2c3", since="2026")
        for w in map(words_of, values)
    ]
    return BannedValues(bans)


def parts(content: bytes, size: int) -> Iterator[bytes]:
    return (content[first : first + size] for first in range(0, len(content), size))


VALUE = b'Tr0ub4dor&3 "x" \xc3\xa9/9'


@pytest.mark.parametrize(
    "content",
    [
        VALUE,
        b"password=" + VALUE + b"\n",
        b"password='" + VALUE + b"';",
        quote("password=").encode() + quote(VALUE, safe="").encode(),
        dumps({"a": 'line\nTr0ub4dor&3 "x"'}).encode() + b" \xc3\xa9/9",
        b"\0".join(bytes((byte,)) for byte in VALUE),
        b"x " * 100_000 + VALUE + b" y" * 100_000,
    ],
)
@pytest.mark.parametrize("size", [1 << 20, 4096])
def test_a_value_is_found_however_it_is_written(content: bytes, size: int) -> None:
    assert [ban.mark for ban in banned(VALUE).found(parts(content, size))] == ["a1b2c3"]


@pytest.mark.parametrize(
    "content",
    [b"", b"Tr0ub4dor", b"xTr0ub4dor&3 x \xc3\xa9/9", b"Tr0ub4dor&3 y \xc3\xa9/9", b"3 x \xc3\xa9 9"],
)
def test_a_part_of_it_or_a_longer_word_is_another_value(content: bytes) -> None:
    assert banned(VALUE).found((content,)) == ()


@given(st.binary(min_size=8, max_size=60), st.integers(1, 7), st.binary(max_size=40), st.binary(max_size=40))
def test_pieces_make_no_difference(value: bytes, size: int, before: bytes, after: bytes) -> None:
    if not words_of(value) or b"\0" in value or b"%" in value or b"\\" in value:
        return
    content = before + b" " + value + b" " + after
    wanted = banned(value)
    assert bool(wanted.found((content,))) or len(words_of(value)) >= 16
    assert wanted.found(parts(content, size)) == wanted.found((content,))


def test_ordinary_words_cannot_be_banned() -> None:
    for value in (b"", b"secret", b"password", b"changeme", b"development", b"aaaaaaaaaaaa", b"----------"):
        assert not can_be_banned(value)
    for value in (b"Tr0ub4dor", b"correct-horse-battery-staple", b64encode(KEY)):
        assert can_be_banned(value)


def test_what_is_written_is_read() -> None:
    bans = (
        Ban(kind="object", subject="a" * 40, since="2026-11-26", why="INC-4: the .env of the shop"),
        Ban(kind="value", subject="b" * 32, key="c" * 64, words=2, mark="a1b2c3", since="2026", why="INC-4"),
        Ban(kind="value", subject="d" * 32, key="c" * 64, words=1, since="2026-11-26"),
    )  # fmt: skip
    text = write_bans(bans, ("# lifted something",))
    assert read_bans(text) == bans and "# lifted something" in notes_of(text)
    assert write_bans(read_bans(text), notes_of(text)) == text, "a second time changes nothing"
    assert read_bans(text + text) == bans, "two lists may stand one after the other"


@pytest.mark.parametrize("line", ["object abc 2026", "value x y z", "nonsense", "object " + "g" * 40])
def test_a_line_that_is_none_of_ours_is_told_by_its_number(line: str) -> None:
    with pytest.raises(ValueError, match="2"):
        read_bans(f"# a list\n{line}\n")
