"""Versions of a file: what was in one before is not read again, and everything else is."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.gate import scan
from andon.secrets.new_lines import NewLines, around_news, names_in_tree
from tests.evasions import made_token

LINES = st.lists(
    st.sampled_from([b"", b"a", b"b", b"ab", b"value: c", b"'d'", b"e \\", b"f" * 70]), max_size=12
)
VERSIONS = st.lists(LINES.map(b"\n".join), min_size=1, max_size=6)


@given(VERSIONS)
def test_every_line_is_read_when_it_comes_in(versions: list[bytes]) -> None:
    lines, seen = NewLines(), set()
    for version in versions:
        new = lines.of(version)
        assert new is not None
        expected = set(version.split(b"\n")) - seen - {b""}
        assert expected <= set(new.split(b"\n"))
        seen |= expected


@given(VERSIONS)
def test_nothing_is_read_of_what_has_not_changed(versions: list[bytes]) -> None:
    lines = NewLines()
    for version in versions:
        lines.of(version)
        assert lines.of(version) == b""


def test_a_value_comes_with_the_name_on_the_line_before() -> None:
    lines = NewLines()
    lines.of(b"- name: DB_PASSWORD\n  value: old\n- name: HOST\n  value: here\n")
    new = lines.of(b"- name: DB_PASSWORD\n  value: new\n- name: HOST\n  value: here\n")
    assert new is not None
    assert b"- name: DB_PASSWORD\n  value: new" in new


@pytest.mark.parametrize(
    "content", [b"a\0b", b"-----BEGIN RSA PRIVATE KEY-----\nabc", b"%PDF-1.7\nabc", b"\x1f\x8b\x08abc"]
)
def test_what_is_no_text_or_holds_a_block_is_read_as_a_whole(content: bytes) -> None:
    lines = NewLines()
    assert lines.of(content) is None
    assert lines.of(content) is None


def _in_pieces(text: str, width: int, form: str) -> list[str]:
    return [form.format(text[at : at + width]) for at in range(0, len(text), width)]


TOKEN = made_token(31)
WAYS = {
    "quoted": _in_pieces(TOKEN, 14, "    '{}'"),
    "added": [f'key = "{TOKEN[:20]}" +', f'    "{TOKEN[20:]}"'],
    "base64": _in_pieces(base64.b64encode(f"is {TOKEN} now".encode()).decode(), 12, "# {}"),
    "hexadecimal": [f"    {row.strip()}" for row in _in_pieces(TOKEN.encode().hex(" "), 24, "{}")],
}


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_is_seen_whichever_of_its_lines_came_last(way: str) -> None:
    """Or which line between them was taken out."""
    pieces = WAYS[way]
    frame = [f"some words of line {n}" for n in range(6)]
    whole = "\n".join([*frame[:3], *pieces, *frame[3:]]).encode()
    assert any(f.sealed.value == TOKEN.encode() for f in scan(whole, "a.py"))
    for at in range(len(pieces)):
        without = [*frame[:3], *pieces[:at], *pieces[at + 1 :], *frame[3:]]
        between = [*frame[:3], *pieces[:at], "and not yet ready", *pieces[at:], *frame[3:]]
        for old in (without, between):
            if at == 0 and old is between:
                continue  # it was whole before
            read = around_news("\n".join(old).encode(), whole)
            assert read is not None and read != whole
            assert any(f.sealed.value == TOKEN.encode() for f in scan(read, "a.py")), (way, at)


@given(st.lists(LINES, min_size=2, max_size=2))
def test_every_new_line_is_around_the_news(versions: list[list[bytes]]) -> None:
    old, new = (b"\n".join(lines) for lines in versions)
    read = around_news(old, new)
    assert read is not None
    assert set(new.split(b"\n")) - set(old.split(b"\n")) <= set(read.split(b"\n")) | {b""}
    assert around_news(new, new) == b""


@pytest.mark.parametrize("size", [20, 32])
def test_the_names_in_a_tree(size: int) -> None:
    identity = bytes(range(size))
    tree = b"100644 a file\0" + identity + b"40000 dir\n\0" + b"\0" * size + b"120000 \xff\0" + b" " * size
    assert names_in_tree(tree, size) == [b"a file", b"dir\n", b"\xff"]


@pytest.mark.parametrize(
    "what", [b"a\0b", b"-----BEGIN RSA PRIVATE KEY-----", b"\x1f\x8b\x08abc", b"PK\x03\x04"]
)
def test_a_block_that_comes_in_later_is_seen_wherever_it_stands(what: bytes) -> None:
    plain = [b"line %d \xc3\xa9" % n for n in range(40)]
    for at in (0, 1, 20, 39, 40):
        lines = NewLines()
        assert lines.of(b"\n".join(plain)) is not None
        with_it = b"\n".join([*plain[:at], what, *plain[at:]])
        assert lines.of(with_it) is None
        assert lines.of(with_it + b"\nmore") is None
        assert lines.of(b"\n".join(plain)) == b""


def test_a_block_that_two_halves_make_is_seen() -> None:
    lines = NewLines()
    assert lines.of(b"x\n-----BE\nGIN PRIVATE KEY-----\ny\n") is not None
    assert lines.of(b"x\n-----BEGIN PRIVATE KEY-----\ny\n") is None


def test_a_stream_that_a_change_behind_its_first_line_makes_whole_is_read_as_a_whole() -> None:
    packed = next(
        made
        for n in range(5000)
        if (made := zlib.compress(hashlib.sha256(b"%d" % n).hexdigest().encode())).count(b"\0") == 0
        and b"\n" in made[2:]
    )
    head, _, rest = packed.partition(b"\n")
    lines = NewLines()
    first = lines.of(head + b"\n" + b"\xff" * len(rest))
    assert first is None or lines.of(packed) is None
