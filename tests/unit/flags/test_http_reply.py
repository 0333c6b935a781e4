"""A reply over HTTP is read alike however its bytes are cut, and refused when it is none."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.flags.http_reply import Reply

PIECES = (
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n"
    b"5;x=y\r\nhello\r\n1\r\n \r\n0A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
)


def cut(content: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cuts), len(content)]
    return [content[begin:end] for begin, end in pairwise(edges)]


@given(st.lists(st.integers(0, len(PIECES)), max_size=12))
def test_a_body_in_pieces(cuts: list[int]) -> None:
    reply = Reply()
    assert b"".join(map(reply.feed, cut(PIECES, cuts))) == b"hello 0123456789"
    assert (reply.status, reply.is_complete, reply.headers["x-a"]) == (200, True, "b")


@given(st.lists(st.integers(0, 43), max_size=5))
def test_a_body_of_a_known_length(cuts: list[int]) -> None:
    reply = Reply()
    content = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    assert b"".join(map(reply.feed, cut(content, cuts))) == b"hello"
    assert reply.is_complete


def test_a_body_that_ends_with_the_connection() -> None:
    reply = Reply()
    assert reply.feed(b"HTTP/1.1 200 OK\r\n\r\nab") + reply.feed(b"cd") == b"abcd"
    assert not reply.is_complete


def test_no_content_is_complete() -> None:
    reply = Reply()
    reply.feed(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert reply.is_complete


@pytest.mark.parametrize(
    "content",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"\x16\x03\x01\x02\x00",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 20_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 2000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 2000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
    ],
)
def test_what_is_no_reply_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        Reply().feed(content)


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_refused(content: bytes) -> None:
    for begin in (b"", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"):
        with suppress(InvalidInput):
            Reply().feed(begin + content)
