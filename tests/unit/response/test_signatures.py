"""A log read in pieces, many lines at once, says what reading it message by message says."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.response.entries import JSON_WIDTH, entries
from andon.response.kinds import kind_of
from andon.response.logs import scan
from andon.response.signatures import SHAPES, Signatures
from andon.response.windows import Window

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def at(seconds: float) -> str:
    return f"{NOON + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%fZ}"


TRACE = """\
Traceback (most recent call last):
  File "/srv/shop/shop/orders.py", line 20, in place
    total = cart["total"] / cart["count"]
ZeroDivisionError: division by zero"""
GO = """\
panic: boom

goroutine 42 [running]:
main.(*Shop).Checkout(0xc000010000)
\t/app/checkout.go:31 +0x1d"""
JAVA = """\
java.lang.IllegalStateException: no stock
\tat com.example.shop.Stock.take(Stock.java:77)
Caused by: com.example.Missing: nothing
\tat com.example.shop.Stock.find(Stock.java:12)"""
NODE = """\
TypeError: Cannot read properties of undefined (reading 'price')
    at async checkout (/app/src/checkout.js:14:22)"""
MESSAGES = st.sampled_from(
    [
        f"{at(1)} INFO shop: GET / 200 3ms",
        f"{at(2)} ERROR shop: order 4711 lost",
        f"{at(2)} ERROR shop: POST /checkout failed\n{TRACE}",
        f"{at(3)} WARNING shop: retrying\n{TRACE}",
        f"{at(3)} INFO shop: carrying on\n{TRACE}",
        f"{at(3)} error: request failed\n{NODE}",
        f"{at(4)} http: serving\n{GO}",
        f"{at(4)} ERROR Servlet failed\n{JAVA}",
        "\n".join(f"web-1  | {at(5)} {line}" for line in ("failed", *TRACE.split("\n"))),
        f"<11>1 {at(5)} host shop 77 ID47 - order 9 lost",
        f"<14>1 {at(5)} host shop 77 ID47 - order 9 kept",
        "May  1 12:00:06 host shop[1]: out of memory",
        f"time={at(7)} level=error msg=\"order 7 lost\" err=refused",
        json.dumps({"time": at(8), "level": 50, "msg": "order 7 lost"}),
        json.dumps({"time": at(8), "level": 30, "msg": "order 7 kept"}),
        json.dumps({"time": at(8), "level": "error", "msg": "x", "stack": TRACE}),
        json.dumps({"log": "ERROR order 7 lost\n", "stream": "stderr", "time": at(9)}),
        '1.2.3.4 - - [01/May/2024:12:00:09 +0000] "GET /cart/77?x=1 HTTP/1.1" 503 7',
        '1.2.3.4 - - [01/May/2024:12:00:09 +0000] "GET /cart/77?x=1 HTTP/1.1" 200 503',
        "E0501 12:00:00.0 1 a.go:1] lost order 7",
        "  continued\n}\n",
        "undated words",
        "",
        "\x00\x1b[31mERROR\x1b[0m red\r",
    ]
)  # fmt: skip


def slowly(content: bytes) -> Counter[str]:
    """Name every message, one by one."""
    return Counter(found[0] for entry in entries(content, near=NOON) if (found := kind_of(entry)))


def told(log: Signatures) -> Counter[str]:
    (window,) = log.close()
    return Counter({kind.signature: kind.count for kind in window.signatures})


@given(st.lists(MESSAGES, max_size=25))
@settings(max_examples=150, deadline=None)
def test_reading_at_once_finds_what_reading_one_by_one_finds(messages: list[str]) -> None:
    content = "\n".join([f"{at(0)} begun", *messages]).encode()
    log = Signatures(near=NOON)
    log.feed(content)
    assert told(log) == slowly(content)
    assert scan(content, near=NOON).lines == sum(1 for _ in entries(content, near=NOON))


@given(st.lists(MESSAGES, max_size=12), st.lists(st.integers(0, 3000), max_size=8))
@settings(max_examples=100, deadline=None)
def test_it_does_not_matter_where_the_pieces_end(messages: list[str], ends: list[int]) -> None:
    content = "\n".join(messages).encode()
    log = Signatures(near=NOON)
    begun = 0
    for end in sorted(ends):
        log.feed(content[begun:end])
        begun = max(begun, end)
    log.feed(content[begun:])
    assert told(log) == slowly(content)


@given(st.lists(MESSAGES | st.text(max_size=30), max_size=25), st.integers(0, 9))
@settings(max_examples=150, deadline=None)
def test_windows_hold_what_was_written_in_them(messages: list[str], second: int) -> None:
    content = "\n".join(messages).encode("utf-8", "surrogatepass")
    since = NOON + timedelta(seconds=second)
    log = Signatures((since,), near=NOON)
    log.feed(content)
    (window,) = log.close()
    found = list(entries(content, near=NOON))
    if log.is_dated:
        found = [entry for entry in found if entry.at is not None and entry.at >= since]
    expected = Counter(kind[0] for entry in found if (kind := kind_of(entry)))
    assert {kind.signature: kind.count for kind in window.signatures} == expected
    assert window.severe == sum(expected.values())


def test_what_is_written_over_hours_is_counted_by_window() -> None:
    lines = [f"{at(second)} INFO shop: GET /item/{second} 200" for second in range(3600)]
    lines[1800:1800] = [f"{at(1799)} ERROR order {n} lost" for n in range(7)]
    log = Signatures(tuple(NOON + timedelta(minutes=10 * n) for n in range(1, 6)))
    log.feed("\n".join(lines).encode())
    windows = log.close()
    assert [window.lines for window in windows] == [600, 607, 600, 600, 600]
    assert [window.severe for window in windows] == [0, 7, 0, 0, 0]
    assert windows[1].shapes == {"shop: GET /item/<*>": 600} or windows[1].shapes == {"shop: GET <*>": 600}
    assert (windows[0].first_at, windows[0].last_at) == (
        NOON + timedelta(seconds=600),
        NOON + timedelta(seconds=1199),
    )


def test_an_unsorted_log_is_counted_by_what_its_lines_say() -> None:
    """`kubectl logs` prints one container after the other."""
    one = [f"[pod/a/web] {at(second)} INFO GET /" for second in range(1000)]
    other = [f"[pod/b/web] {at(second)} INFO GET /" for second in range(1000)]
    log = Signatures((NOON, NOON + timedelta(seconds=500)))
    log.feed("\n".join([*one, *other]).encode())
    assert [window.lines for window in log.close()] == [1000, 1000]


# -- bad input -------------------------------------------------------------------------------------


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    log = Signatures()
    log.feed(b"2024-05-01T12:00:00Z ERROR begun ")
    piece = b"x1 " * 350_000
    tracemalloc.start()
    for _ in range(40):  # 42 MB
        log.feed(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    log.feed(b"\n2024-05-01T12:00:01Z ERROR the next line\n")
    (window,) = log.close()
    assert peak < 8_000_000
    assert window.lines == 2
    assert {kind.signature.split(" x")[0] for kind in window.signatures} == {"begun <*>", "the next line"}


def test_a_new_shape_every_line_does_not_fill_the_memory() -> None:
    def line(number: int) -> str:
        word = "".join(chr(97 + int(digit)) for digit in f"{number:06}")
        return (
            f"{at(number / 1000)} {'ERROR' if number % 7 == 0 else 'INFO'} {word} happened to {word[::-1]}\n"
        )

    log = Signatures()
    tracemalloc.start()
    for begun in range(0, 12_000, 3000):
        log.feed("".join(line(number) for number in range(begun, begun + 3000)).encode())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (window,) = log.close()
    assert peak < 40_000_000
    assert window.lines == 12_000
    assert len(window.shapes) <= SHAPES
    assert (len(window.signatures), window.others) == (1000, window.severe - 1000)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00ERROR\x00\n", b"\x00" * 100, b"ERROR \xc3\x28 lost\r\nfine\r\n"]
)
def test_bytes_that_are_no_text_are_read(content: bytes) -> None:
    log = Signatures()
    log.feed(content)
    assert told(log) == slowly(content)


def test_a_long_stack_trace_in_a_json_line_is_read() -> None:
    trace = "\n".join([*TRACE.split("\n")[:1], *TRACE.split("\n")[1:3] * 200, TRACE.split("\n")[-1]])
    assert 4000 < len(trace) < JSON_WIDTH
    line = json.dumps({"time": at(0), "level": "error", "message": "failed", "exc_info": trace})
    assert [kind.signature for kind in scan(line.encode()).signatures] == [
        "ZeroDivisionError in shop/orders.py:place"
    ]


def test_nothing_says_nothing() -> None:
    log = Signatures((NOON,))
    assert log.close() == (Window(),)
    assert (log.is_dated, log.newest) == (False, None)
