"""All crowds and ramps of one search together send no more than it may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from andon.config.model import Config
from andon.config.model_gap import GapConfig, WorldConfig
from andon.errors import Refused
from andon.gaps.beliefs import Beliefs, Exchange
from andon.production.gap import load, works
from andon.production.gap.crowd import MOST_REQUESTS, within
from andon.production.gap.scale import ScaleDimension
from tests.fakes.journal import FakeRedactor


class Counting(ThreadingHTTPServer):
    """Counts what it is asked."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        self.asked = 0
        server = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Answers)


@pytest.fixture
def counting() -> Iterator[Counting]:
    server = Counting()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_rounds_are_cut_to_what_is_left_and_nothing_is_sent_beyond_it() -> None:
    assert MOST_REQUESTS == load.MOST_REQUESTS == 20_000
    assert within(20_000, 4, 50, 5) == 5
    assert within(450, 4, 50, 5) == 2
    with pytest.raises(Refused, match="used up"):
        within(199, 4, 50, 5)


def test_crowds_and_the_ramp_of_one_search_share_their_requests(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(works, "MOST_REQUESTS", 100)
    made = works.RealWorks(Config(root=".", service="shop"), FakeRedactor())
    requests = [Exchange(method="GET", path="/quick")]
    url = f"http://127.0.0.1:{counting.server_address[1]}"
    with pytest.raises(Refused, match="used up"):
        for _ in range(20):
            made._crowd(url, requests, 8, 2, 10.0)
    assert counting.asked == 96
    scale = ScaleDimension(GapConfig(), WorldConfig(), WorldConfig(users=300), Beliefs(), ".")
    made._loaded(scale, url, requests)
    assert counting.asked == 100


def test_those_beside_one_run_of_the_tests_leave_most_to_others(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(works, "MOST_REQUESTS", 100)
    made = works.RealWorks(Config(root=".", service="shop"), FakeRedactor())
    url = f"http://127.0.0.1:{counting.server_address[1]}"
    request = Exchange(method="GET", path="/quick")
    for asked in (24, 42):  # of a hundred, and of what is left then: whole rounds of a quarter
        made._crowd(url, [request], 6, 1_000_000, 60.0, over=threading.Event())
        assert counting.asked == asked
