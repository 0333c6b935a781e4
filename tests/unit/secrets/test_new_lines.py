"""Versions of a file: what was in one before is not read again, and everything else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.new_lines import NewLines, names_in_tree

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


@pytest.mark.parametrize("size", [20, 32])
def test_the_names_in_a_tree(size: int) -> None:
    identity = bytes(range(size))
    tree = b"100644 a file\0" + identity + b"40000 dir\n\0" + b"\0" * size + b"120000 \xff\0" + b" " * size
    assert names_in_tree(tree, size) == [b"a file", b"dir\n", b"\xff"]
