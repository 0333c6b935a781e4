"""The shop over HTTP: a table of routes, one JSON answer each."""

import json
import logging
import os
import signal
import sys
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from . import __version__, orders, store
from .payments import PaymentsUnavailable
from .settings import Settings

log = logging.getLogger("shop")
Answer = tuple[int, object]


class Shop(ThreadingHTTPServer):
    """The listening server with its settings."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, settings: Settings) -> None:
        """Listen on the loopback address only."""
        self.settings = settings
        super().__init__(("127.0.0.1", settings.port), Request)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.settings.port

    def handle_error(self, request: object, client_address: object) -> None:
        """Say in one line that a customer went away in the middle of an answer."""
        log.warning("connection lost: %s", sys.exc_info()[1])


class Request(BaseHTTPRequestHandler):
    """One request of one customer."""

    server: Shop

    def do_GET(self) -> None:
        """Answer a GET."""
        self.answer("GET")

    def do_POST(self) -> None:
        """Answer a POST."""
        self.answer("POST")

    def answer(self, method: str) -> None:
        """Find the route, run it, log it; an error inside becomes a 500 with its traceback in the log."""
        began = time.perf_counter()
        route = ROUTES.get((method, self.path), no_such_page)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b"{}"
        if len(body) < length:
            log.warning("connection lost: the customer went away in the middle of a question")
            self.close_connection = True
            return
        try:
            status, content = route(self.server.settings, json.loads(body))
        except PaymentsUnavailable:
            log.exception("%s %s: payment provider unavailable", method, self.path)
            status, content = 502, {"error": "payment provider unavailable"}
        except Exception:
            log.exception("%s %s failed", method, self.path)
            status, content = 500, {"error": "internal error"}
        self.send(status, content)
        log.info("%s %s %d %.0fms", method, self.path, status, (time.perf_counter() - began) * 1000)

    def send(self, status: int, content: object) -> None:
        """Send one JSON document."""
        document = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(document)))
        self.send_header("X-Shop-Version", __version__)
        self.end_headers()
        self.wfile.write(document)

    def log_message(self, *_: object) -> None:
        """Keep the standard library's access log out of ours."""


def health(settings: Settings, _request: dict[str, object]) -> Answer:
    """Say that the process runs and its database answers."""
    with closing(store.connect(settings.database)) as connection:
        connection.execute("SELECT 1 FROM products").fetchone()
    return 200, {"status": "ok", "version": __version__, "pid": os.getpid()}


def front_page(settings: Settings, _request: dict[str, object]) -> Answer:
    """List what is for sale."""
    with closing(store.connect(settings.database)) as connection:
        return 200, {"products": store.products(connection)}


def cart(settings: Settings, request: dict[str, object]) -> Answer:
    """Say what a basket would cost before the customer signs in."""
    items = request.get("items") or []
    assert isinstance(items, list)
    with closing(store.connect(settings.database)) as connection:
        lines = orders.basket(connection, items)
    return 200, {"lines": len(lines), "subtotal": sum(price * quantity for price, quantity in lines)}


def checkout(settings: Settings, request: dict[str, object]) -> Answer:
    """Take an order."""
    with closing(store.connect(settings.database)) as connection:
        try:
            return 201, orders.place(connection, settings.payments, request)
        except orders.NotForSale as error:
            return 422, {"error": f"not for sale: {error}"}


def version(_settings: Settings, _request: dict[str, object]) -> Answer:
    """Say which release this is."""
    return 200, {"version": __version__}


def no_such_page(_settings: Settings, _request: dict[str, object]) -> Answer:
    """Say so."""
    return 404, {"error": "no such page"}


ROUTES = {
    ("GET", "/"): front_page,
    ("GET", "/health"): health,
    ("GET", "/version"): version,
    ("POST", "/cart"): cart,
    ("POST", "/checkout"): checkout,
}


def serve(path: str) -> None:
    """Bring the database up to date and answer until told to stop."""
    settings = Settings(path)
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        filename=settings.log,
        level=logging.INFO,
        format="%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S",
    )
    store.migrate(settings.database)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Shop(settings) as shop:
        log.info("shop %s listens on port %d", __version__, settings.port)
        shop.serve_forever(poll_interval=0.05)
