"""Server-sent events are the same however the bytes are cut."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.flags.sse import Events


def read(*pieces: bytes, most: int = 1 << 20) -> list[tuple[str, str, str]]:
    events = Events(most)
    return [event for piece in pieces for event in events.feed(piece)]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\n", [("message", "a", "")]),
        (b"event: put\ndata: a\nid: 7\n\n", [("put", "a", "7")]),
        (b"data:a\rdata:  b\r\r", [("message", "a\n b", "")]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [("message", "a", ""), ("message", "b", "")]),
        (b"\xef\xbb\xbfdata: a\n\n", [("message", "a", "")]),
        (b": ping\n\ndata: a\n\n", [("message", "a", "")]),
        (b"event: put\n\ndata: a\n\n", [("message", "a", "")]),
        (b"data\n\n", [("message", "", "")]),
        (b"id: 1\ndata: a\n\ndata: b\n\n", [("message", "a", "1"), ("message", "b", "1")]),
        (b"id: 1\ndata: a\n\nid\ndata: b\n\n", [("message", "a", "1"), ("message", "b", "")]),
        (b"id: 1\0\ndata: a\n\n", [("message", "a", "")]),
        (b"data: \xc3\xa4\xff\n\n", [("message", "ä�", "")]),
        (b"data: not finished\n", []),
        (b"whatever: x\n:\ndata: a\n\n", [("message", "a", "")]),
    ],
)
def test_what_is_in_a_stream(stream: bytes, events: list[tuple[str, str, str]]) -> None:
    assert read(stream) == events


STREAM = ": c\r\nevent: put\rid: 3\ndata: ä€😀\r\n\r\ndata: b\n\n\nretry: 10\ndata: c\r\rdata: d\n\n".encode()


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[begin:end] for begin, end in pairwise(edges)]
    assert read(*pieces) == read(STREAM)
    assert len(read(STREAM)) == 4


def test_the_server_may_ask_for_a_longer_pause() -> None:
    events = Events()
    events.feed(b"retry: 2500\nretry: x\nretry: 99999999999999\n\n")
    assert events.retry == 2500


def test_a_line_without_an_end_is_bounded() -> None:
    events = Events(most=1000)
    with pytest.raises(InvalidInput):
        for _ in range(200):
            events.feed(b"data: 0123456789")


def test_many_lines_of_one_event_are_bounded() -> None:
    with pytest.raises(InvalidInput):
        read(*[b"data: 0123456789\n"] * 200, most=1000)


def test_ten_megabytes_in_small_pieces_take_linear_time() -> None:
    begun = time.process_time()
    events = read(b"data: ", *[b"x" * 4096] * 2560, b"\n\n", most=20 << 20)
    assert len(events[0][1]) == 2560 * 4096
    assert time.process_time() - begun < 2
