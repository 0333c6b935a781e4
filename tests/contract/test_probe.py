"""What every probe promises, in memory, over HTTP and TCP, as a command, in a browser."""

from __future__ import annotations

import socket
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from andon.desk.ports_production import Probe
from andon.incident.words import Verdict
from andon.production.command_probe import CommandProbe
from andon.production.http_probe import HttpProbe
from andon.production.playwright_probe import PlaywrightProbe
from andon.production.tcp_probe import TcpProbe
from tests.fakes.production import FakeProbe

RECORDED = Path(__file__).parents[1] / "recorded" / "playwright"


class Odd(BaseHTTPRequestHandler):
    """Each path misbehaves in its own way."""

    protocol_version = "HTTP/1.1"
    server: OddServer

    def do_GET(self) -> None:
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        getattr(self, "get_" + self.path.strip("/").partition("?")[0].replace("-", "_"), self.get_missing)()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.server.bodies.append(self.rfile.read(length))
        self.do_GET()

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def get_fine(self) -> None:
        self.answer(
            200, b'{"status": "ok", "checks": [{"ok": true, "ms": 3}]}', Content_Type="application/json"
        )

    def get_broken(self) -> None:
        self.answer(500, b"Traceback: no such column", X_Request_Id="req-1", Retry_After="30")

    def get_slow(self) -> None:
        self.server.release.wait(20)
        self.answer(200)

    def get_drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.server.release.wait(0.05):
            self.wfile.write(b"X-Drip: drop\r\n")
            self.wfile.flush()

    def get_huge(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.release.is_set():
            self.wfile.write(b"x" * 65536)

    def get_binary(self) -> None:
        self.answer(200, b"\xff\x00\x1b[31m\x1b]0;title\x07\xfe end")

    def get_garbage(self) -> None:
        self.wfile.write(b"\x1b[31mSSH-2.0-not-http\r\n\r\n")
        self.close_connection = True

    def get_short(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True

    def get_nothing(self) -> None:
        self.close_connection = True

    def get_loop(self) -> None:
        self.answer(302, Location="/loop")

    def get_moved(self) -> None:
        self.answer(302, Location="/fine?token=tell-nobody")

    def get_see_other(self) -> None:
        self.answer(303, Location="/fine")

    def get_to_file(self) -> None:
        self.answer(302, Location="file:///etc/passwd")

    def get_to_nowhere(self) -> None:
        self.answer(302, Location="http://[broken/")

    def get_elsewhere(self) -> None:
        self.answer(302, Location=f"http://localhost:{self.server.server_port}/fine")

    def get_packed(self) -> None:
        packer = zlib.compressobj(wbits=31)
        self.answer(200, packer.compress(b"hello inside") + packer.flush(), Content_Encoding="gzip")

    def get_bomb(self) -> None:
        packer = zlib.compressobj(wbits=31)
        self.answer(200, packer.compress(b"x" * 50_000_000) + packer.flush(), Content_Encoding="gzip")

    def get_deep(self) -> None:
        self.answer(200, b'{"a": ' + b"[" * 400_000 + b"]" * 400_000 + b"}")

    def get_nested(self) -> None:
        self.answer(200, b'{"a": ' + b"[" * 900 + b"]" * 900 + b', "b.c": [1, {"d": "x"}], "n": null}')

    def get_large_number(self) -> None:
        self.answer(200, b'{"a": ' + b"9" * 100_000 + b"}")

    def get_latin(self) -> None:
        self.answer(200, b'{"a": "\xe9"}')

    def get_missing(self) -> None:
        self.answer(404, b"no such page")

    def log_message(self, *_: object) -> None:
        pass


class OddServer(ThreadingHTTPServer):
    """On loopback, on a free port."""

    daemon_threads = True

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.release = threading.Event()
        super().__init__(("127.0.0.1", 0), Odd)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[OddServer]:
    with OddServer() as odd:
        thread = threading.Thread(target=odd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield odd
        odd.release.set()
        odd.shutdown()
        thread.join()


def refusing_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


# -- the contract ----------------------------------------------------------------------------------

Make = Callable[[Verdict], Probe]


def exits_with(code: int) -> list[str]:
    return [sys.executable, "-c", f"print('saw it'); raise SystemExit({code})"]


def browser_tests(directory: Path, report: str) -> PlaywrightProbe:
    """Return a probe whose tests are a program that leaves a report which Playwright once wrote."""
    (directory / "shop.spec.ts").touch()
    program = (
        "import os, shutil, sys; shutil.copy(sys.argv[1], os.environ['PLAYWRIGHT_JSON_OUTPUT_FILE']);"
        "sys.exit('passed' not in sys.argv[1])"
    )
    command = [sys.executable, "-c", program, str(RECORDED / f"{report}.json")]
    return PlaywrightProbe(
        "front", "shop.spec.ts", command=command, covers="shop", critical=True, cwd=str(directory)
    )


@pytest.fixture(params=["fake", "http", "tcp", "command", "playwright"])
def make(request: pytest.FixtureRequest, server: OddServer, tmp_path: Path) -> Make:
    urls = {
        Verdict.PASSED: f"{server.url}/fine",
        Verdict.FAILED: f"{server.url}/broken",
        Verdict.UNKNOWN: "http://name.invalid/",
    }
    commands = {
        Verdict.PASSED: exits_with(0),
        Verdict.FAILED: exits_with(3),
        Verdict.UNKNOWN: ["andon-no-such-program"],
    }
    places = {
        Verdict.PASSED: f"127.0.0.1:{server.server_port}",
        Verdict.FAILED: f"127.0.0.1:{refusing_port()}",
        Verdict.UNKNOWN: "name.invalid:80",
    }
    reports = {Verdict.PASSED: "passed", Verdict.FAILED: "failed-in-a-browser", Verdict.UNKNOWN: "no-test"}
    makers: dict[str, Make] = {
        "fake": lambda verdict: FakeProbe("front", verdict, covers="shop", critical=True),
        "http": lambda verdict: HttpProbe("front", urls[verdict], covers="shop", critical=True),
        "tcp": lambda verdict: TcpProbe("front", places[verdict], covers="shop", critical=True),
        "command": lambda verdict: CommandProbe("front", commands[verdict], covers="shop", critical=True),
        "playwright": lambda verdict: browser_tests(tmp_path, reports[verdict]),
    }
    return makers[request.param]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_probe_says_what_it_saw(make: Make, verdict: Verdict) -> None:
    probe = make(verdict)
    assert (probe.name, probe.covers, probe.critical) == ("front", "shop", True)
    report = probe.run()
    assert report.verdict is verdict
    assert report.summary
    assert "\n" not in report.summary
    assert report.detail
    assert report.seconds >= 0


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_probe_can_be_run_again(make: Make, verdict: Verdict) -> None:
    probe = make(verdict)
    assert probe.run().verdict is probe.run().verdict is verdict


# -- over HTTP -------------------------------------------------------------------------------------


def run(url: str, **settings: object) -> tuple[Verdict, str, str]:
    report = HttpProbe("probe", url, **settings).run()  # type: ignore[arg-type]
    return report.verdict, report.summary, report.detail


def test_a_wrong_status_is_reported_with_what_matters(server: OddServer) -> None:
    verdict, summary, detail = run(f"{server.url}/broken")
    assert verdict is Verdict.FAILED
    assert summary.startswith("500 in ")
    assert summary.endswith("expected 200-299")
    for part in (
        f"GET {server.url}/broken",
        "HTTP 500",
        "x-request-id: req-1",
        "retry-after: 30",
        "no such column",
    ):
        assert part in detail


@pytest.mark.parametrize(
    ("settings", "verdict", "said"),
    [
        ({"expect_status": (500, 503)}, Verdict.FAILED, "expected 500 or 503"),
        ({"expect_status": (200,)}, Verdict.PASSED, "200"),
        ({"expect_text": '"ok"'}, Verdict.PASSED, "200"),
        ({"expect_text": "sold out"}, Verdict.FAILED, "'sold out' is not in the body"),
        ({"expect_json": {"status": "ok", "checks.0.ok": True}}, Verdict.PASSED, "200"),
        ({"expect_json": {"status": "down"}}, Verdict.FAILED, 'status is "ok", expected "down"'),
        ({"expect_json": {"checks.0.ok": 1}}, Verdict.FAILED, "checks.0.ok is true, expected 1"),
        ({"expect_json": {"checks.7.ok": True}}, Verdict.FAILED, "checks.7.ok is missing"),
        ({"expect_json": {"status.deeper": True}}, Verdict.FAILED, "status.deeper is missing"),
        ({"json_has": ("checks.0", "status")}, Verdict.PASSED, "200"),
        ({"json_has": ("checks.1",)}, Verdict.FAILED, "checks.1 is missing"),
        ({"expect_json": {"checks": 1}}, Verdict.FAILED, "checks is a list of 1, expected 1"),
        ({"expect_headers": {"Content-Type": "json"}}, Verdict.PASSED, "200"),
        ({"expect_headers": {"content-type": ""}}, Verdict.PASSED, "200"),
        (
            {"expect_headers": {"Content-Type": "html"}},
            Verdict.FAILED,
            "'html' is not in the header content-type",
        ),
        ({"expect_headers": {"X-Version": ""}}, Verdict.FAILED, "there is no header x-version"),
        ({"max_seconds": 30.0}, Verdict.PASSED, "200"),
        ({"max_seconds": 0.0}, Verdict.FAILED, "expected within 0 ms"),
    ],
)
def test_expectations(server: OddServer, settings: dict[str, object], verdict: Verdict, said: str) -> None:
    got, summary, _ = run(f"{server.url}/fine", **settings)
    assert (got, said in summary) == (verdict, True), summary


@pytest.mark.parametrize(
    ("path", "settings", "verdict", "said"),
    [
        ("deep", {"json_has": ("a",)}, Verdict.FAILED, "nested too deep"),
        ("nested", {"expect_json": {"a": 1}}, Verdict.FAILED, "a is a list of 1, expected 1"),
        ("nested", {"expect_json": {r"b\.c.1.d": "x"}}, Verdict.PASSED, "200"),
        ("nested", {"json_has": ("n",)}, Verdict.PASSED, "200"),
        ("nested", {"expect_json": {"n": False}}, Verdict.FAILED, "n is null, expected false"),
        ("nested", {"json_has": ("a." + "9" * 5000,)}, Verdict.FAILED, "is missing"),
        ("large-number", {"json_has": ("a",)}, Verdict.FAILED, "not JSON"),
        ("latin", {"json_has": ("a",)}, Verdict.FAILED, "not UTF-8"),
        ("binary", {"json_has": ("a",)}, Verdict.FAILED, "not UTF-8"),
        ("moved", {"json_has": ("a",), "expect_status": (302,)}, Verdict.FAILED, "not JSON"),
    ],
)
def test_hostile_json_fails_and_breaks_nothing(
    server: OddServer, path: str, settings: dict[str, object], verdict: Verdict, said: str
) -> None:
    got, summary, _ = run(f"{server.url}/{path}", **settings)
    assert (got, said in summary) == (verdict, True), summary
    assert len(summary) < 6000


def test_what_is_sent(server: OddServer) -> None:
    run(f"{server.url}/fine?a=1", method="post", body=b"{}", headers={"X-Mine": "yes"})
    ((method, path, headers),) = server.seen
    assert (method, path, headers["X-Mine"], server.bodies) == ("POST", "/fine?a=1", "yes", [b"{}"])


@pytest.mark.parametrize("path", ["slow", "drip"])
def test_a_server_that_takes_for_ever_fails_in_time(server: OddServer, path: str) -> None:
    began = time.monotonic()
    verdict, summary, _ = run(f"{server.url}/{path}", timeout=0.5)
    assert (verdict, summary) == (Verdict.FAILED, "no answer within 0.5 s")
    assert time.monotonic() - began < 5


def test_a_port_that_never_answers_fails_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        verdict, summary, _ = run(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.3)
    assert (verdict, summary) == (Verdict.FAILED, "no answer within 0.3 s")


def test_a_body_without_end_is_read_up_to_the_limit(server: OddServer) -> None:
    verdict, _, detail = run(f"{server.url}/huge")
    assert verdict is Verdict.PASSED
    assert "body of more than 1048576 bytes, the first 2048 bytes:" in detail
    assert len(detail) < 4000
    verdict, summary, _ = run(f"{server.url}/huge", expect_text="needle")
    assert verdict is Verdict.FAILED
    assert "in the first 1048576 bytes" in summary
    assert run(f"{server.url}/huge", expect_json={"a": 1})[0] is Verdict.UNKNOWN


def test_a_binary_body_cannot_steer_the_terminal(server: OddServer) -> None:
    verdict, _, detail = run(f"{server.url}/binary")
    assert verdict is Verdict.PASSED
    assert "\x1b" not in detail
    assert "\x00" not in detail
    assert detail.endswith("� end")


def test_a_packed_body_is_read_and_a_bomb_is_not_unpacked(server: OddServer) -> None:
    assert run(f"{server.url}/packed", expect_text="hello inside")[0] is Verdict.PASSED
    assert "more than 1048576" in run(f"{server.url}/bomb")[2]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("garbage", "not HTTP"),
        ("short", "closed in the middle"),
        ("nothing", "closed before there was an answer"),
    ],
)
def test_broken_answers_are_failures(server: OddServer, path: str, said: str) -> None:
    verdict, summary, detail = run(f"{server.url}/{path}")
    assert verdict is Verdict.FAILED
    assert said in summary
    assert "\x1b" not in summary + detail


def test_nothing_listening_is_a_failure() -> None:
    verdict, summary, _ = run(f"http://127.0.0.1:{refusing_port()}/")
    assert (verdict, summary) == (Verdict.FAILED, "connection refused: nothing listens there")


def test_no_secure_connection_is_a_failure(server: OddServer) -> None:
    verdict, summary, _ = run(server.url.replace("http:", "https:"))
    assert verdict is Verdict.FAILED
    assert "no secure connection" in summary


def test_a_name_that_cannot_be_resolved_from_here_is_unknown() -> None:
    verdict, summary, _ = run("http://name.invalid/")
    assert verdict is Verdict.UNKNOWN
    assert "from here" in summary


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("ftp://127.0.0.1/", {}),
        ("127.0.0.1:80/", {}),
        ("http://", {}),
        ("http://127.0.0.1:port/", {}),
        ("http://127.0.0.1:99999/", {}),
        ("http://[::1/", {}),
        ("http://127.0.0.1/a b", {}),
        ("http://127.0.0.1/\r\nX-Evil: 1", {}),
        ("SERVER/", {"headers": {"X": "1\r\nX-Evil: 2"}}),
        ("SERVER/", {"headers": {"X": "\u2603"}}),
        ("SERVER/", {"method": "GET / HTTP/1.1\r\nX-Evil: 1"}),
        ("https://127.0.0.1/", {"ca_file": "/no/such/file"}),
        ("https://127.0.0.1/", {"ca_file": "/dev/null"}),
        ("https://127.0.0.1/", {"ca_file": "nul\0nul"}),
    ],
)
def test_a_probe_that_is_written_wrongly_is_unknown(
    server: OddServer, url: str, settings: dict[str, object]
) -> None:
    verdict, summary, _ = run(url.replace("SERVER", server.url), **settings)
    assert verdict is Verdict.UNKNOWN, summary
    assert "cannot be run" in summary
    assert not server.seen


def test_a_redirect_is_an_answer_unless_it_may_be_followed(server: OddServer) -> None:
    verdict, summary, detail = run(f"{server.url}/moved")
    assert verdict is Verdict.FAILED
    assert f"to {server.url}/fine?token=***, expected" in summary
    assert "tell-nobody" not in summary + detail
    assert run(f"{server.url}/moved", expect_status=(302,))[0] is Verdict.PASSED
    assert run(f"{server.url}/moved", redirects=1, expect_text="ok")[0] is Verdict.PASSED
    assert run(f"{server.url}/see-other", redirects=1, method="POST", body=b"x")[0] is Verdict.PASSED
    assert server.seen[-1][0] == "GET"


@pytest.mark.parametrize("path", ["loop", "to-file", "to-nowhere"])
def test_redirects_that_lead_nowhere_are_failures(server: OddServer, path: str) -> None:
    verdict, summary, _ = run(f"{server.url}/{path}", redirects=5)
    assert verdict is Verdict.FAILED
    assert "redirect" in summary
    assert len(server.seen) <= 6
    assert run(f"{server.url}/{path}")[0] is Verdict.FAILED


def test_credentials_stay_with_their_server_and_out_of_the_report(server: OddServer) -> None:
    url = server.url.replace("http://", "http://ada:pass%3Aword@") + "/elsewhere?api_key=tell-nobody&page=2"
    given = {
        "Authorization": "Bearer hidden",
        "X-Api-Key": "hidden",
        "Cookie": "s=hidden",
        "Accept": "text/html",
    }
    report = HttpProbe("p", url, redirects=2, headers=given).run()
    first, second = (headers for _, _, headers in server.seen)
    assert first.items() >= given.items()
    assert "hidden" not in str(second)
    assert second["Accept"] == "text/html"
    assert "page=2" in report.detail
    for secret in ("ada", "pass", "tell-nobody", "hidden"):
        assert secret not in report.summary + report.detail


def test_user_information_becomes_basic_authorization(server: OddServer) -> None:
    run(server.url.replace("http://", "http://ada:pass%3Aword@") + "/fine")
    assert server.seen[0][2]["Authorization"] == "Basic YWRhOnBhc3M6d29yZA=="


@pytest.mark.parametrize(
    "url", ["http://ada:word@127.0.0.1:port/", "ada:word@127.0.0.1/", "http://ada:word@[::1/"]
)
def test_credentials_of_a_broken_address_are_not_shown_either(url: str) -> None:
    verdict, summary, detail = run(url)
    assert verdict is Verdict.UNKNOWN
    assert "word" not in summary + detail


# -- as a command ----------------------------------------------------------------------------------


def command(program: str, timeout: float = 20.0) -> tuple[Verdict, str, str]:
    report = CommandProbe("probe", [sys.executable, "-c", program], timeout=timeout).run()
    return report.verdict, report.summary, report.detail


def test_a_failing_command_shows_the_end_of_what_it_said() -> None:
    verdict, summary, detail = command("print('checking'); print('checkout: no order'); raise SystemExit(3)")
    assert (verdict, summary) == (Verdict.FAILED, "exit code 3: checkout: no order")
    assert "checking\ncheckout: no order" in detail


def test_a_command_that_says_nothing_and_exits_with_0_passes() -> None:
    assert command("")[:2] == (Verdict.PASSED, "exit code 0")


def test_a_crash_is_a_failure() -> None:
    verdict, summary, _ = command("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert (verdict, summary) == (Verdict.FAILED, "killed by SIGSEGV")


def test_a_command_that_hangs_is_unknown() -> None:
    verdict, summary, _ = command("import time; time.sleep(60)", timeout=0.3)
    assert verdict is Verdict.UNKNOWN
    assert "time limit" in summary


@pytest.mark.parametrize("code", [126, 127])
def test_a_wrapper_that_finds_nothing_to_run_is_unknown(code: int) -> None:
    verdict, summary, _ = command(f"raise SystemExit({code})")
    assert verdict is Verdict.UNKNOWN
    assert "not there" in summary


def test_exit_codes_that_say_nothing_are_unknown() -> None:
    for code, verdict in ((5, Verdict.UNKNOWN), (1, Verdict.FAILED), (0, Verdict.PASSED)):
        assert CommandProbe("p", exits_with(code), unknown=(4, 5)).run().verdict is verdict


@pytest.mark.parametrize("name", ["{attachments}", ""])
def test_what_a_failing_command_leaves_behind_is_taken_and_removed(name: str) -> None:
    program = (
        "import os, sys; place = sys.argv[1] or os.environ['ANDON_ATTACHMENTS']; print(place, flush=True);"
        "open(place + '/said.txt', 'w').write('declined'); open(place + '/core', 'wb').write(b'\\0\\1');"
        "os.symlink('/etc/passwd', place + '/link'); os.mkfifo(place + '/pipe'); os.mkdir(place + '/in');"
        "open(place + '/in/a.zip', 'wb').write(b'PK\\3\\4');"
        "sys.exit(int(sys.argv[2]))"
    )
    arguments = [sys.executable, "-c", program, name]
    report = CommandProbe("p", [*arguments, "1"], keep_trace=True).run()
    assert [(a.kind, a.title, a.content) for a in report.attachments] == [
        ("text", "said.txt", b"declined"),
        ("trace", "in/a.zip", b"PK\3\4"),
    ]
    assert not Path(report.summary.partition(": ")[2]).exists()
    assert [a.title for a in CommandProbe("p", [*arguments, "1"]).run().attachments] == ["said.txt"]
    assert not CommandProbe("p", [*arguments, "0"]).run().attachments


def test_without_room_for_a_directory_a_command_runs_as_far_as_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMPDIR", "/no/such/place")
    monkeypatch.setattr("tempfile.tempdir", "/no/such/place")
    assert CommandProbe("p", exits_with(0)).run().verdict is Verdict.PASSED
    report = CommandProbe("p", [*exits_with(0), "{attachments}"]).run()
    assert (report.verdict, "no directory" in report.summary) == (Verdict.UNKNOWN, True)


def test_binary_output_of_a_command_cannot_steer_the_terminal() -> None:
    program = "import sys; sys.stdout.buffer.write(b'\\xff\\x1b[31m\\x00end'); sys.exit(1)"
    verdict, summary, detail = command(program)
    assert (verdict, summary) == (Verdict.FAILED, "exit code 1: \ufffdend")
    assert "\x1b" not in detail.partition("\n")[2]
