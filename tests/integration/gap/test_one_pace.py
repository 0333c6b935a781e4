"""All looks of a search together: a real server on the loopback counts what it gets in each second."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from andon.config.model import Config
from andon.config.model_gap import GapDependencyConfig, WorldConfig
from andon.gaps.beliefs import Beliefs
from andon.gaps.failure import Failure
from andon.production.gap.works import RealWorks
from tests.integration.gap.started import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECORDED = [{"ask": f"GET /rates/{letter}", "json": {"rate": 1}} for letter in "abcdef"]
FAILURE = Failure(path="/page", status=500)


class Counting(ThreadingHTTPServer):
    """Answers everything, and remembers when connections came and which of them asked for something."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        #: By connection: when it was accepted, and then when its request was read.
        self.moments: dict[Any, float] = {}
        self.asked: dict[Any, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[Any, Any]:
        connection, client = super().get_request()
        self.moments[client] = time.monotonic()
        return connection, client

    def busiest(self) -> int:
        """Return how many came within one second, of the seconds that begin with a request that was read.

        What only connects may be accepted later than it came; a request is read before its answer is known
        to who asked, so from that moment on nothing blurs the count, however busy this machine is.
        """
        came = self.moments.values()
        begins = [self.moments[client] for client in self.asked]
        return max(sum(begin <= moment < begin + 1 for moment in came) for begin in begins)


class _Answering(BaseHTTPRequestHandler):
    server: Counting

    def do_GET(self) -> None:
        self.server.moments[self.client_address] = time.monotonic()
        self.server.asked[self.client_address] = self.path
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"rate": 1, "commit": "1.2"}')

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _counting() -> Iterator[Counting]:
    with Counting() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_a_host_gets_five_requests_a_second_from_all_looks_together(tmp_path: Path) -> None:
    (tmp_path / "test.json").write_text(json.dumps({"answers": RECORDED}))
    with _counting() as server:
        config = Config(
            root=str(tmp_path),
            service="shop",
            gap_test=WorldConfig(url=server.url),
            gap_prod=WorldConfig(url=server.url, health="/health", release="url:/version"),
            gap_dependencies=(
                GapDependencyConfig(
                    world="test", name="payments", variable="PAYMENTS_URL", recording="test.json"
                ),
                GapDependencyConfig(world="prod", name="payments", variable="PAYMENTS_URL", url=server.url),
            ),
        )
        works = RealWorks(config, Redactor())  # type: ignore[arg-type]
        works.other_build(lambda _host: True)
        deadline = time.monotonic() + 300
        with works.open(FAILURE, Beliefs(), (), consent=lambda _host: True, deadline=deadline) as laboratory:
            seen = laboratory.observe()
    asked = sorted(server.asked.values())
    assert asked == [
        "/health", "/health", "/page", "/page", *(f"/rates/{letter}" for letter in "abcdef"), "/version",
    ]  # fmt: skip
    assert len(server.moments) - len(asked) == 3  # connections that were timed
    assert sum(one.requests for one in seen) == len(server.moments) - 1  # the release is asked before
    assert server.busiest() <= 5
