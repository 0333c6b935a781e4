"""What clients that come back are sent, and how events look on the wire."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from andon.server.flag_set import Patch
from andon.server.flag_stream import (
    UNSENT,
    Ring,
    Stream,
    Streams,
    chunk,
    patch_event,
    ping_event,
    put_event,
)


class FakeTransport:
    """A connection whose peer reads when it is told to."""

    def __init__(self) -> None:
        self.unsent = 0
        self.is_aborted = False

    def write(self, data: bytes) -> None:
        assert not self.is_aborted, "nothing can be written to what is closed"
        self.unsent += len(data)

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True

    close = abort


def patch(previous: int, version: int, *, whole: bool = False, text: str = "") -> Patch:
    return Patch(version=version, previous=previous, flags={"a": text}, is_whole=whole)


def test_what_came_after_a_version_is_sent_in_order() -> None:
    ring = Ring()
    for previous, version in ((1, 3), (3, 4), (4, 9)):
        ring.add(patch(previous, version), b"%d." % version)
    assert ring.since(3) == b"4.9."
    assert ring.since(1) == b"3.4.9."
    for unknown in (0, 2, 5, 9, 10):
        assert ring.since(unknown) is None, unknown


def test_after_a_change_that_no_patch_carries_nothing_older_is_sent() -> None:
    ring = Ring()
    ring.add(patch(1, 2), b"2.")
    ring.add(patch(2, 3, whole=True), b"3.")
    ring.add(patch(3, 4), b"4.")
    assert ring.since(1) is None and ring.since(2) is None
    assert ring.since(3) == b"4."


def test_what_is_kept_for_those_who_come_back_is_bounded() -> None:
    ring = Ring()
    for version in range(1, 2000):
        ring.add(patch(version - 1, version), b"x" * 20_000)
    assert ring.since(1) is None
    assert len(ring.since(1999 - 300) or b"") == 300 * 20_000
    assert ring._bytes <= 1 << 23


@given(st.text(), st.dictionaries(st.text(), st.text() | st.none() | st.booleans(), max_size=3))
def test_an_event_is_three_lines_whatever_a_flag_says(operation: str, flag: dict[str, object]) -> None:
    framed = patch_event(
        Patch(version=2, previous=1, flags={"k": flag}, removed=(operation,), operation=operation)
    )
    size, _, rest = framed.partition(b"\r\n")
    body = rest[: int(size, 16)]
    assert rest[int(size, 16) :] == b"\r\n"
    name, number, data, *end = body.decode().split("\n")
    assert (name, number, end) == ("event: patch", "id: 2", ["", ""])
    told = json.loads(data.removeprefix("data: "))
    assert (told["operation"], told["flags"], told["removed"]) == (operation, {"k": flag}, [operation])


def test_the_other_events() -> None:
    assert put_event(3, "{}") == chunk(b"event: put\nid: 3\ndata: {}\n\n")
    assert ping_event(3) == chunk(b'event: ping\ndata: {"version":3}\n\n')


def test_a_large_set_may_arrive_slowly_and_memory_stays_bounded() -> None:
    streams, transport = Streams(), FakeTransport()
    whole = 10 * UNSENT
    streams.add(Stream(transport, "p"), b"x" * whole)  # type: ignore[arg-type]
    streams.send(b"ping")
    assert not transport.is_aborted, "the set is still on its way"
    transport.unsent = 0
    streams.send(b"ping")
    for _ in range(2):
        streams.send(b"y" * (UNSENT - 10))
    assert not transport.is_aborted
    streams.send(b"ping")
    assert transport.is_aborted, "the set has arrived: only little may wait from here on"
    assert (streams.dropped, len(streams)) == (1, 0)


def test_a_large_event_may_arrive_slowly_too() -> None:
    streams, transport = Streams(), FakeTransport()
    streams.add(Stream(transport, "p"), b"")  # type: ignore[arg-type]
    streams.send(b"x" * (5 * UNSENT))
    streams.send(b"ping")
    assert not transport.is_aborted
    for _ in range(9):
        streams.send(b"x" * UNSENT)
    assert transport.is_aborted and transport.unsent < 8 * UNSENT


def test_who_hung_up_is_not_written_to() -> None:
    streams, gone, here = Streams(), FakeTransport(), FakeTransport()
    streams.add(Stream(gone, "gone"), b"first")  # type: ignore[arg-type]
    streams.add(Stream(here, "here"), b"first")  # type: ignore[arg-type]
    gone.abort()
    streams.send(b"event")
    streams.add(Stream(gone, "gone"), b"again")  # type: ignore[arg-type]
    streams.close()
    assert here.unsent == len(b"first" + b"event" + b"0\r\n\r\n")
    assert here.is_aborted and streams.is_closing and len(streams) == 0


def test_a_change_is_encoded_once_and_written_once_to_each() -> None:
    class Counting(FakeTransport):
        def __init__(self) -> None:
            super().__init__()
            self.written: list[bytes] = []

        def write(self, data: bytes) -> None:
            super().write(data)
            self.written.append(data)

    transports = [Counting() for _ in range(1000)]
    streams = Streams()
    for transport in transports:
        streams.add(Stream(transport, "x"), ping_event(1))  # type: ignore[arg-type]
        transport.written.clear()
    streams.send(made := patch_event(patch(1, 2, text="x" * 1000)))
    assert all(len(one.written) == 1 and one.written[0] is made for one in transports)
