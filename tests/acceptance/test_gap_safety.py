"""Production is not touched without consent, slowly with it, and never written to."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.acceptance.gap_shop import GapShop

ZONE = ("--url", "/invoices/7", "--status", "500")
EMAIL = ("--url", "/receipts/17", "--status", "500")


class Production(ThreadingHTTPServer):
    """Production, on an address that counts as another host; writes down who came, and when."""

    daemon_threads = True

    def __init__(self) -> None:
        self.came: list[tuple[float, str]] = []
        server = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.came.append((time.monotonic(), f"{self.command} {self.path}"))
                body = json.dumps({"amount": 3, "commit": "a" * 40}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names of http.server

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.2", 0), Answers)
        self.url = f"http://127.0.0.2:{self.server_address[1]}"

    def verify_request(self, request: object, client_address: object) -> bool:
        """Count a connection on which nothing is asked, too."""
        del request, client_address
        self.came.append((time.monotonic(), "connection"))
        return True


@pytest.fixture
def production() -> Iterator[Production]:
    server = Production()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def shop(tmp_path: Path, production: Production) -> GapShop:
    shop = GapShop(tmp_path)
    text = (shop.root / "app.py").read_text()
    text = text.replace(
        'self.send_header("Content-Type", "application/json")',
        'self.send_header("Content-Type", "application/json")\n'
        f'        self.send_header("Location", "{production.url}/onward")',
    )
    text = text.replace(
        "def answer(self):",
        "def answer(self):\n"
        "        import urllib.request\n"
        '        if self.path != "/health" and os.environ.get("PAYMENTS_URL"):\n'
        "            try:\n"
        '                urllib.request.urlopen(os.environ["PAYMENTS_URL"] + "/rates", timeout=5).read()\n'
        "            except OSError as problem:\n"
        "                print(problem)",
    )
    shop.write("app.py", text)
    entry = {
        "startedDateTime": "2026-11-27T10:00:00.000Z",
        "time": 1,
        "request": {"method": "GET", "url": "https://payments.test/rates", "headers": []},
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"mimeType": "application/json", "text": '{"amount": 3}'},
        },
    }
    shop.write("test.har", json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    shop.configure(
        gap='safe = ["POST /receipts/{}"]',
        test='dependency = [{ name = "payments", variable = "PAYMENTS_URL", recording = "test.har" }]',
        prod=f'url = "{production.url}"\nrelease = "url:/version"\n'
        f'dependency = [{{ name = "payments", variable = "PAYMENTS_URL", url = "{production.url}" }}]',
    )
    return shop


def digests(shop: GapShop) -> dict[str, str]:
    """Return a digest of every file of the repository."""
    return {
        path.relative_to(shop.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in shop.root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_without_consent_production_is_not_even_connected_to(shop: GapShop, production: Production) -> None:
    before = digests(shop)
    found = shop.gap(*ZONE, "--yes")
    assert production.came == []
    assert found["verdict"]["answer"] == "environment", found["verdict"]
    assert "--i-own-this 127.0.0.2" in "\n".join(found["verdict"]["not_tried"])
    assert digests(shop) == before
    assert shop.left() == []


def test_with_consent_production_is_read_slowly_and_only_read(shop: GapShop, production: Production) -> None:
    before = digests(shop)
    shop.gap(*ZONE, "--i-own-this", "127.0.0.2")
    asked = [(at, what) for at, what in production.came if what != "connection"]
    assert asked, "nothing was looked at"
    assert {what.partition(" ")[0] for _, what in asked} == {"GET"}
    times = sorted(at for at, _ in asked)
    most = max(sum(begin <= at < begin + 1 for at in times) for begin in times)
    assert most <= 6, f"{most} requests in one second: {asked}"  # five a second, seen through a window's edge
    assert digests(shop) == before
    assert shop.left() == []
