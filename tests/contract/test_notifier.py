"""What every notifier promises, on the fake and on Apprise against a real service on loopback."""

from __future__ import annotations

import json
import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from andon.desk.values import DeliveryFailed, Message
from andon.incident.words import Severity
from andon.notify.apprise import AppriseNotifier
from andon.notify.label import label
from tests.fakes.notifier import FakeNotifier

SECRET = "hunter2-swordfish"
Arrived = Callable[[], list[tuple[str, str]]]


def message(
    title: str = "INC-1 P0 Critical: checkout is down", body: str = "Half of the orders fail."
) -> Message:
    return Message(title=title, body=body, occasion="declared", severity=Severity.P0, incident="INC-1")


class Service:
    """A webhook service on loopback; `status` is what it answers, `hangs` makes it never answer."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.hangs = False
        self.bodies: list[dict[str, str]] = []
        self.released = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def address(self) -> str:
        return f"json://operator:{SECRET}@127.0.0.1:{self.server.server_port}/hook/{SECRET}"

    def stop(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                if service.hangs:
                    service.released.wait(30)
                    return
                if service.status == 200:
                    service.bodies.append(json.loads(content))
                self.send_response(service.status)
                for name, value in service.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name for it
                pass

        return Hook


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running = Service()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def apprise(service: Service) -> AppriseNotifier:
    return AppriseNotifier()


def failure(notifier: AppriseNotifier | FakeNotifier, target: str) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as raised:
        notifier.send(target, message())
    return raised.value


@pytest.fixture(params=["fake", "apprise"])
def either(
    request: pytest.FixtureRequest, service: Service
) -> tuple[FakeNotifier | AppriseNotifier, str, Arrived]:
    """A notifier, an address it can use, and how to see the (title, body) that arrived."""
    if request.param == "fake":
        fake = FakeNotifier()
        return fake, "fake://stakeholders", lambda: [(title, body) for _, title, body in fake.delivered]
    return AppriseNotifier(), service.address, lambda: [(b["title"], b["message"]) for b in service.bodies]


class TestEveryNotifier:
    def test_a_message_arrives_once(
        self, either: tuple[FakeNotifier | AppriseNotifier, str, Arrived]
    ) -> None:
        notifier, target, arrived = either
        notifier.send(target, message())
        assert arrived() == [("INC-1 P0 Critical: checkout is down", "Half of the orders fail.")]

    def test_an_unusable_address_fails_for_good(
        self, either: tuple[FakeNotifier | AppriseNotifier, str, Arrived]
    ) -> None:
        notifier, _, arrived = either
        assert failure(notifier, f"nosuchscheme://{SECRET}").permanent
        assert arrived() == []

    @pytest.mark.parametrize(
        "hostile",
        [
            "@everyone wake up",
            "<!channel> look",
            "<@U024BE7LH> you",
            "(@here)",
            "<http://evil.example|our wiki>",
        ],
    )
    def test_text_from_an_alert_calls_nobody(
        self, either: tuple[FakeNotifier | AppriseNotifier, str, Arrived], hostile: str
    ) -> None:
        notifier, target, arrived = either
        notifier.send(target, message(title=hostile, body=f"log: {hostile}"))
        ((title, body),) = arrived()
        assert hostile not in title
        assert hostile not in body
        assert hostile in body.replace("\u200b", ""), "a reader still sees what it said"

    def test_control_characters_do_not_arrive(
        self, either: tuple[FakeNotifier | AppriseNotifier, str, Arrived]
    ) -> None:
        notifier, target, arrived = either
        notifier.send(target, message(title="a\x1b[2Jb\nc", body="one\r\ntwo\x00\x9b31m\u202egnp.exe\ud800"))
        ((title, body),) = arrived()
        assert title == "a\ufffd[2Jb c"
        assert body == "one\ntwo\ufffd\ufffd31mgnp.exe\ufffd"

    def test_an_enormous_text_arrives_cut(
        self, either: tuple[FakeNotifier | AppriseNotifier, str, Arrived]
    ) -> None:
        notifier, target, arrived = either
        notifier.send(target, message(title="t" * 10_000, body="b" * 1_000_000))
        ((title, body),) = arrived()
        assert (len(title), len(body)) == (200, 3500)
        assert title.endswith("…")
        assert body.endswith("…")

    def test_an_empty_body_is_no_reason_to_fail(
        self, either: tuple[FakeNotifier | AppriseNotifier, str, Arrived]
    ) -> None:
        notifier, target, arrived = either
        notifier.send(target, message(title="INC-1 resolved", body="\n"))
        assert arrived() == [("INC-1 resolved", "INC-1 resolved")]


class TestApprise:
    @pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
    def test_an_error_status_can_be_tried_again(
        self, apprise: AppriseNotifier, service: Service, status: int
    ) -> None:
        service.status = status
        assert not failure(apprise, service.address).permanent
        service.status = 200
        apprise.send(service.address, message())
        assert len(service.bodies) == 1

    def test_a_redirect_is_not_a_delivery(self, apprise: AppriseNotifier, service: Service) -> None:
        service.status, service.headers = 302, {"Location": f"http://127.0.0.1:{service.server.server_port}/"}
        assert not failure(apprise, service.address).permanent

    def test_a_refused_connection_can_be_tried_again(self, apprise: AppriseNotifier) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        assert not failure(apprise, f"json://127.0.0.1:{port}").permanent

    def test_a_hanging_service_is_given_up(self, service: Service) -> None:
        service.hangs = True
        failed = failure(AppriseNotifier(patience=0.2), f"{service.address}?rto=600&cto=600&retry=5")
        assert not failed.permanent
        assert "no answer" in failed.reason

    def test_an_address_cannot_call_its_failure_a_success(
        self, apprise: AppriseNotifier, service: Service
    ) -> None:
        service.status = 500
        failure(apprise, f"{service.address}?optional=yes")

    @pytest.mark.parametrize(
        "target", ["", "  ", "json://", "just words", "file:///etc/passwd", "json://[::"]
    )
    def test_what_is_no_address_fails_for_good(self, apprise: AppriseNotifier, target: str) -> None:
        assert failure(apprise, target).permanent

    def test_one_address_is_one_delivery(self, apprise: AppriseNotifier, service: Service) -> None:
        apprise.send(f"{service.address},{service.address}", message())
        assert len(service.bodies) == 1

    @pytest.mark.parametrize("status", [200, 500])
    def test_the_address_never_shows(
        self,
        apprise: AppriseNotifier,
        service: Service,
        status: int,
        capfd: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        service.status = status
        shown = ""
        with caplog.at_level(logging.DEBUG):
            for target in (service.address, f"slack://{SECRET}", f"json://x:{SECRET}@[bad"):
                try:
                    apprise.send(target, message())
                except DeliveryFailed as failed:
                    shown += "".join(traceback.format_exception(failed)) + failed.reason
        output = capfd.readouterr()
        assert SECRET not in shown + output.out + output.err + caplog.text


class TestLabel:
    @pytest.mark.parametrize(
        ("target", "shown"),
        [
            ("mailto://me:secret@mail.example", "mailto://mail.example…"),
            ("https://hooks.slack.com/services/T1/B2/secret", "https://hooks.slack.com…"),
            ("JSON://me:secret@localhost:8080/x", "json://localhost…"),
            ("slack://secret/B2/C3", "slack://…"),
            ("tgram://1234:secret/5678", "tgram://…"),
            ("ntfy://secret", "ntfy://…"),
            ("mailto://me:sec/ret@mail.example", "mailto://…"),
            ("mailto://me:sec@ret@mail.example", "mailto://…"),
            ("mailto://me:sec?ret@mail.example", "mailto://…"),
            ("json://me:sec@ret/secret@host", "json://…"),
            ("json://sec\x1bret", "json://…"),
            ("secret", "(no address)"),
            ("", "(no address)"),
        ],
    )
    def test_it_shows_the_scheme_and_a_certain_host(self, target: str, shown: str) -> None:
        name, _, digest = label(target).rpartition("#")
        assert name == shown
        assert len(digest) == 6

    def test_two_channels_of_one_service_differ(self) -> None:
        assert label("slack://a/b/c/#ops") != label("slack://a/b/c/#board")

    def test_a_password_leaves_no_trace(self) -> None:
        assert label("mailto://me:one@mail.example") == label("mailto://me:two@mail.example")
        assert label("mailto://mail.example?user=me&pass=one") == label(
            "mailto://mail.example?user=me&pass=two"
        )
