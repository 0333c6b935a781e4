"""The people who are told: takes every notification over HTTP and keeps it in a file.

A program of its own (`stakeholders.py PORT INBOX`), standard library only.
"""

from __future__ import annotations

import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import TCPServer


class Inbox(HTTPServer):
    """Listens on the loopback address and appends to one file."""

    def __init__(self, port: int, inbox: str) -> None:
        """Open the inbox for appending."""
        self.inbox = inbox
        super().__init__(("127.0.0.1", port), Delivery)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def keep(self, message: object) -> None:
        """Append one message as a line of JSON."""
        with open(self.inbox, "a", encoding="utf-8") as file:
            file.write(json.dumps(message) + "\n")


class Delivery(BaseHTTPRequestHandler):
    """One message."""

    server: Inbox
    timeout = 5

    def do_POST(self) -> None:
        """Keep the message and say thanks."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self.server.keep(json.loads(body))
        except ValueError:
            self.server.keep({"message": body.decode(errors="replace")})
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep no log."""


def serve(port: int, inbox: str) -> None:
    """Take messages until told to stop."""
    with Inbox(port, inbox) as server:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        server.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])
