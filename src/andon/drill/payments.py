"""The payment provider of the practice production: somebody else's system, reached over HTTP.

A program of its own (`payments.py SETTINGS`), standard library only.
"""

from __future__ import annotations

import itertools
import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

_receipts = itertools.count(1)


class Provider(ThreadingHTTPServer):
    """Listens on the port its settings name; reads them anew for every request."""

    daemon_threads = True

    def __init__(self, settings: str) -> None:
        """Listen on the loopback address only."""
        self.settings = settings
        super().__init__(("127.0.0.1", self.setting("port")), Charge)

    def setting(self, name: str) -> int:
        """Return one number of the settings file."""
        with open(self.settings, encoding="utf-8") as file:
            return int(json.load(file)[name])

    def server_bind(self) -> None:
        """Bind without asking a name server who we are."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.setting("port")

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent about customers who hang up."""


class Charge(BaseHTTPRequestHandler):
    """One connection; closed without a word after as many requests as the settings allow (0: any number)."""

    protocol_version = "HTTP/1.1"
    server: Provider
    served = 0

    def do_GET(self) -> None:
        """Answer the status page, if the gateway lets it through."""
        through = bool(self.server.setting("status_page"))
        self.reply(200 if through else 404, {"status": "ok" if through else "no such page"})

    def do_POST(self) -> None:
        """Take a charge and return a receipt."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.reply(200, {"receipt": f"r-{next(_receipts):06d}"})

    def reply(self, status: int, content: object) -> None:
        """Send one JSON document, then hang up if this connection has had its share."""
        document = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(document)))
        self.end_headers()
        self.wfile.write(document)
        self.served += 1
        allowed = self.server.setting("requests_per_connection")
        self.close_connection = self.close_connection or 0 < allowed <= self.served

    def log_message(self, *_: object) -> None:
        """Keep no log: a provider does not share one."""


def serve(settings: str) -> None:
    """Answer until told to stop."""
    with Provider(settings) as provider:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        provider.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    serve(sys.argv[1])
