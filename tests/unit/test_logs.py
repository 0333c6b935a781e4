"""What a log says: moments, levels, kinds of errors, and how two stretches of it differ."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.response.logs import LogSummary, Signature, after, names_upstream, scan
from andon.response.moments import moment_of

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)

PYTHON = """\
2024-05-01T12:00:01.500Z ERROR shop: POST /checkout failed
Traceback (most recent call last):
  File "/srv/shop/releases/v1.4.0/shop/server.py", line 54, in answer
    status, content = route(self.server.settings, json.loads(body))
                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/srv/shop/releases/v1.4.0/shop/orders.py", line {line}, in place
    total = cart["total"] / cart["count"]
  File "/usr/lib/python3.11/json/decoder.py", line 355, in raw_decode
    raise JSONDecodeError("Expecting value", s, err.value) from None
ZeroDivisionError: division by zero ({line})
2024-05-01T12:00:02Z INFO shop: GET / 200 3ms
"""
CHAINED = """\
2024-05-01 12:00:00,250 ERROR root: failed
Traceback (most recent call last):
  File "/usr/lib/python3.11/urllib/request.py", line 1348, in do_open
    h.request(req.get_method(), req.selector, req.data, headers)
ConnectionRefusedError: [Errno 111] Connection refused

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/shop/payments.py", line 19, in charge
    raise PaymentsUnavailable(f"POST {provider}/charges: {error}") from error
shop.payments.PaymentsUnavailable: POST http://127.0.0.1:8099/charges: [Errno 111] Connection refused
"""
JAVA = """\
2024-05-01 12:00:00.123 ERROR 1 --- [exec-1] o.a.c.c.C : Servlet.service() threw exception
jakarta.servlet.ServletException: Request processing failed
\tat org.springframework.web.servlet.FrameworkServlet.processRequest(FrameworkServlet.java:1022)
\tat com.example.shop.web.Filter.doFilter(Filter.java:12)
Caused by: java.lang.IllegalStateException: no stock for 4711
\tat java.base/java.util.Objects.requireNonNull(Objects.java:233)
\tat com.example.shop.Stock.take(Stock.java:77)
\t... 23 more
"""
NODE = """\
2024-05-01T12:00:00.000Z error: request failed
TypeError: Cannot read properties of undefined (reading 'price')
    at Array.map (<anonymous>)
    at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)
    at async checkout (/app/src/checkout.js:14:22)
    at node:internal/main/run_main_module:23:47
"""
GO = """\
2024/05/01 12:00:00 http: panic serving 10.0.0.9:51234: boom
panic: runtime error: index out of range [3] with length 3

goroutine 42 [running]:
runtime.gopanic({0x1, 0x2})
\t/usr/local/go/src/runtime/panic.go:884 +0x213
main.(*Shop).Checkout(0xc000010000, {0x7, 0x8})
\t/app/checkout.go:31 +0x1d
"""


# -- moments ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("2024-05-01T12:00:00Z INFO x", NOON),
        ("2024-05-01 12:00:00 x", NOON),
        ("2024-05-01 12:00:00,250 x", NOON + timedelta(milliseconds=250)),
        ("[2024-05-01T12:00:00.123456789Z INFO x]", NOON + timedelta(microseconds=123456)),
        ("2024-05-01T14:00:00+02:00 x", NOON),
        ("2024-05-01T14:00:00 +0200 x", NOON),
        ("web-1  | 2024-05-01T12:00:00Z x", NOON),
        ("2024/05/01 12:00:00 [error] 7#7: x", NOON),
        ('10.0.0.1 - - [01/May/2024:14:00:00 +0200] "GET / HTTP/1.1" 500 1', NOON),
        ("1714564800 x", NOON),
        ("1714564800.5 x", NOON + timedelta(milliseconds=500)),
        ("[1714564800250] x", NOON + timedelta(milliseconds=250)),
        ("May  1 12:00:00 host shop[1]: x", NOON),
        ("<11>May  1 12:00:00 host shop[1]: x", NOON),
        ("2024-05-01 23:59:60 x", datetime(2024, 5, 1, 23, 59, 59, tzinfo=UTC)),
        ("", None),
        ("no moment at all", None),
        ("order 1714564800 x", None),
        ("0000000000 x", None),
        ("2024-13-45 99:99:99 x", None),
        ("Foo  1 12:00:00 host", None),
        ("May 99 12:00:00 host", None),
        ("x" * 200 + "2024-05-01T12:00:00Z", None),
    ],
)
def test_moments(line: str, moment: datetime | None) -> None:
    assert moment_of(line, near=NOON + timedelta(days=40)) == moment


def test_a_moment_without_a_year_is_the_closest_one() -> None:
    new_year = datetime(2025, 1, 1, 0, 10, tzinfo=UTC)
    assert moment_of("Dec 31 23:59:00 host x: y", near=new_year) == datetime(2024, 12, 31, 23, 59, tzinfo=UTC)
    assert moment_of("Dec 31 23:59:00 host x: y") is None


def test_a_moment_without_a_zone_is_in_the_given_one() -> None:
    assert moment_of("2024-05-01 14:00:00 x", zone_minutes=120) == NOON
    assert moment_of("2024-05-01 12:00:00Z x", zone_minutes=120) == NOON


# -- kinds of errors -------------------------------------------------------------------------------


def only(content: str) -> Signature:
    (kind,) = scan(content.encode()).signatures
    return kind


def test_a_python_trace_is_named_by_its_type_and_the_innermost_own_frame() -> None:
    kind = only(PYTHON.format(line=20))
    assert kind.signature == "ZeroDivisionError in shop/orders.py:place"
    assert kind.sample == "ZeroDivisionError: division by zero (20)"
    assert kind.first_seen == NOON + timedelta(seconds=1.5)
    assert (kind.count, kind.in_own_code, kind.is_crash) == (1, True, True)


def test_the_same_error_has_the_same_name_in_another_release() -> None:
    moved = PYTHON.format(line=31).replace("v1.4.0", "v1.5.0-rc.1")
    assert only(moved).signature == only(PYTHON.format(line=20)).signature
    assert scan((PYTHON.format(line=20) + moved).encode()).signatures[0].count == 2


def test_the_last_error_of_a_python_chain_counts_and_blames_whom_it_called() -> None:
    kind = only(CHAINED)
    assert kind.signature == "shop.payments.PaymentsUnavailable in shop/payments.py:charge"
    assert kind.upstreams == ("127.0.0.1:8099",)


@pytest.mark.parametrize(
    ("log", "signature"),
    [
        (JAVA, "java.lang.IllegalStateException in Stock.java:take"),
        (NODE, "TypeError in src/checkout.js:checkout"),
        (GO, "panic in app/checkout.go:main.(*Shop).Checkout"),
    ],
)
def test_traces_of_other_languages(log: str, signature: str) -> None:
    kind = only(log)
    assert (kind.signature, kind.in_own_code, kind.is_crash) == (signature, True, True)
    assert kind.first_seen is not None
    assert kind.first_seen.date() == NOON.date()


def test_a_trace_through_foreign_code_only_is_not_in_our_code() -> None:
    kind = only(CHAINED.replace("/srv/shop/shop/payments.py", "/usr/lib/python3/dist-packages/x.py"))
    assert (kind.signature, kind.in_own_code) == ("shop.payments.PaymentsUnavailable", False)


@pytest.mark.parametrize(
    "collect",
    [
        lambda line: f"2024-05-01T12:00:00.000Z {line}",
        lambda line: f"web-1  | {line}",
        lambda line: f"web-1  | 2024-05-01T12:00:00.000Z {line}",
        lambda line: f"[pod/web-5/web] {line}",
        lambda line: f"May  1 12:00:00 host shop[77]: {line}",
        lambda line: f"2024-05-01T12:00:00+0000 host shop[77]: {line}",
        lambda line: json.dumps({"log": line + "\n", "stream": "stderr", "time": "2024-05-01T12:00:00Z"}),
        lambda line: f"\x1b[31m{line}\x1b[0m",
        lambda line: f"{line}\r",
    ],
    ids=[
        "docker",
        "compose",
        "compose-dated",
        "kubectl",
        "syslog",
        "journal",
        "docker-file",
        "colour",
        "windows",
    ],
)
def test_a_trace_survives_its_collector(collect: object) -> None:
    trace = PYTHON.format(line=20).splitlines()[1:-1]
    lines = ["before", *trace, "after"]
    content = "\n".join(collect(line) for line in lines)  # type: ignore[operator]
    assert only(content).signature == "ZeroDivisionError in shop/orders.py:place"


def test_json_lines() -> None:
    trace = "\n".join(PYTHON.format(line=20).splitlines()[1:-1])
    lines = [
        {"time": "2024-05-01T12:00:00Z", "level": "info", "msg": "an error: 500 errors"},
        {"ts": 1714564801.5, "level": "error", "msg": "payment 4711 refused"},
        {"timestamp": 1714564802000, "severity": "ERROR", "message": "payment 4712 refused"},
        {"time": 1714564803000, "level": 50, "msg": "failed", "err": {"stack": NODE.partition("\n")[2]}},
        {"@timestamp": "2024-05-01T12:00:04Z", "log.level": "ERROR", "message": "x", "exc_info": trace},
        {"__REALTIME_TIMESTAMP": "1714564805000000", "PRIORITY": "3", "MESSAGE": "payment 1 refused"},
        {"PRIORITY": "6", "MESSAGE": "all is well"},
    ]
    summary = scan("\n".join(map(json.dumps, lines)).encode())
    assert (summary.lines, summary.severe) == (7, 5)
    assert [(kind.signature, kind.count) for kind in summary.signatures] == [
        ("payment <*> refused", 3),
        ("TypeError in src/checkout.js:checkout", 1),
        ("ZeroDivisionError in shop/orders.py:place", 1),
    ]
    assert summary.signatures[0].first_seen == NOON + timedelta(seconds=1.5)
    assert summary.signatures[0].last_seen == NOON + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("line", "signature"),
    [
        ("2024-05-01 12:00:00,123 - shop - ERROR - order 4711 of bob", "shop - ERROR - order <*> of bob"),
        ("ERROR:root:order 4711 lost", "root:order <*> lost"),
        ("2024/05/01 12:00:00 [error] 7#7: *1 upstream failed", "upstream failed"),
        ("I0501 12:00:00.0 1 a.go:1] fine", None),
        ("E0501 12:00:00.0 1 a.go:1] lost order 7", "lost order <*>"),
        ('time="2024-05-01T12:00:00Z" level=error msg="order 7 lost"', "lost"),
        ("level=info msg=\"error 7\"", None),
        ("error: out of stock", "error: out of stock"),
        ("2024-05-01 12:00:00 INFO 0 errors found, no ERROR", None),
        ("2024-05-01 12:00:00 WARNING retrying after ValueError: x", None),
        ("2024-05-01 12:00:00 GET /errors 200", None),
        ("fatal: repository broken", "fatal: repository broken"),
        ("kernel: Out of memory: Killed process 7 (shop)", "Out of memory: Killed process <*> (shop)"),
        ('1.2.3.4 - - [01/May/2024:12:00:00 +0000] "GET /cart/77?x=1 HTTP/1.1" 503 7', "503 GET /cart/<*>"),
        ('1.2.3.4 - - [01/May/2024:12:00:00 +0000] "GET /cart HTTP/1.1" 200 503', None),
        ("user 9f8b2c4d-1a2b-4c3d-8e9f-001122334455 ValueError: bad", "user <*> ValueError: bad"),
    ],
)  # fmt: skip
def test_messages_are_grouped_without_what_changes(line: str, signature: str | None) -> None:
    kinds = scan(line.encode()).signatures
    if signature is None:
        assert not kinds
    else:
        assert signature in kinds[0].signature
        assert "4711" not in kinds[0].signature


def test_a_trace_below_a_calm_message_is_an_error_and_below_a_warning_it_is_not() -> None:
    trace = PYTHON.format(line=20)
    assert only(trace.replace("ERROR", "INFO")).signature == "ZeroDivisionError in shop/orders.py:place"
    assert not scan(trace.replace("ERROR", "WARNING").encode()).signatures


def test_a_sample_cannot_steer_the_terminal() -> None:
    kind = only("ERROR \x1b[31mred\x1b]0;t\x07 \x9b2J\u202e end")
    assert not any(ord(c) < 32 or c in "\x9b\u202e" for c in kind.sample + kind.signature)


# -- since -----------------------------------------------------------------------------------------


def test_messages_from_before_the_moment_do_not_count() -> None:
    lines = [
        f"{NOON + timedelta(seconds=n):%Y-%m-%dT%H:%M:%SZ} ERROR order {n} lost\n  more" for n in range(10)
    ]
    summary = scan("\n".join(lines).encode(), NOON + timedelta(seconds=7))
    assert (summary.lines, summary.severe, summary.is_dated) == (3, 3, True)
    assert summary.first_at == summary.signatures[0].first_seen == NOON + timedelta(seconds=7)
    assert summary.last_at == NOON + timedelta(seconds=9)


def test_a_log_without_moments_says_so_and_counts_whole() -> None:
    summary = scan(b"ERROR a\nfine\n", NOON)
    assert (summary.lines, summary.severe, summary.is_dated) == (2, 1, False)


def test_an_empty_log_says_nothing() -> None:
    assert scan(b"", NOON) == LogSummary(lines=0, severe=0, signatures=())
    assert scan(b"\n\n").lines == 0


def test_after_cuts_at_the_first_line_of_the_moment() -> None:
    content = b"2024-05-01T11:59:59Z a\n  more\n2024-05-01T12:00:00Z b\nundated\n"
    assert after(content, NOON) == b"2024-05-01T12:00:00Z b\nundated\n"
    assert after(content, NOON + timedelta(days=1)) == b""
    assert after(b"undated", NOON) == b"undated"


# -- whom an error blames --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("connect ECONNREFUSED 127.0.0.1:5432", ("127.0.0.1:5432",)),
        ("dial tcp 10.0.0.5:6379: i/o timeout", ("10.0.0.5:6379",)),
        ("dial tcp [::1]:6379: connect: connection refused", ("[::1]:6379",)),
        (
            "HTTPConnectionPool(host='pay.example.com', port=443): Max retries exceeded",
            ("pay.example.com:443",),
        ),
        ("GET https://user:pw@api.example.com/v1/x: 503 Service Unavailable", ("api.example.com",)),
        ("could not connect to redis:6379", ("redis:6379",)),
        ("getaddrinfo ENOTFOUND api.example.com", ("api.example.com",)),
        ("lookup db.internal on 10.0.0.2:53: no such host", ("10.0.0.2:53", "db.internal")),
        ('upstream timed out, upstream: "http://10.0.0.7:8080/x"', ("10.0.0.7:8080",)),
        ("timeout in orders.py:12 at line:1200", ()),
        ("https://example.com/ is fine", ()),
        ("connection refused", ()),
        ("", ()),
    ],
)
def test_hosts_that_are_blamed(text: str, hosts: tuple[str, ...]) -> None:
    assert names_upstream(text) == hosts


# -- anything --------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [line for trace in (PYTHON, JAVA, NODE, GO) for line in trace.splitlines()]
    + ["", "{", '{"level": {}}', "\x1b[", "{}"]
)


@given(st.lists(PIECES | st.text(max_size=40), max_size=30), st.booleans())
def test_any_text_is_read_without_a_crash_and_counted_once(lines: list[str], dated: bool) -> None:
    summary = scan("\n".join(lines).encode("utf-8", "surrogatepass"), NOON if dated else None)
    assert sum(kind.count for kind in summary.signatures) + summary.others == summary.severe <= summary.lines
    assert all(kind.signature and kind.sample is not None for kind in summary.signatures)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_a_crash(content: bytes) -> None:
    scan(content)
    assert content.endswith(after(content, NOON))


@pytest.mark.parametrize(
    "line",
    [
        "a" * 4000,
        "a." * 2000,
        "((" * 2000,
        "1 " * 2000,
        "--" * 2000,
        "at (" * 1000,
        "::" * 2000,
        "[" * 4000,
        "é" * 3000,
    ],
    ids=lambda line: line[:2],
)
def test_a_hostile_log_is_read_in_linear_time(line: str) -> None:
    hostile = [
        line,
        f"panic: {line}",
        f"\tat a.b({line})",
        "\tat a.b(c.java:1)",
        "goroutine 1 [",
        f"ERROR timeout {line}",
    ]
    began = time.process_time()
    scan("\n".join(hostile * 20).encode())
    assert time.process_time() - began < 4
