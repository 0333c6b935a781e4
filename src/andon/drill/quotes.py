"""The second service of the practice production: quotes for baskets, from workers that are forked.

A program of its own (`quotes.py PORT FLAGS WORKERS RECORD`). It connects to the flags before it forks, as a
server that loads the application first does. Each worker answers `GET /` with whether it gives the discount.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import TCPServer

from andon.flags.client import Flags, connect

FLAG = "quantity-discount"


class Quotes(HTTPServer):
    """Listens once; every worker accepts from the same socket."""

    flags: Flags

    def server_bind(self) -> None:
        """Bind without asking a name server who we are."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


class Quote(BaseHTTPRequestHandler):
    """One question."""

    server: Quotes

    def do_GET(self) -> None:
        """Say how this worker sees the flag."""
        is_on = self.server.flags.boolean(FLAG, False, {"targetingKey": self.path.strip("/")})
        document = json.dumps({"worker": os.getpid(), "discount": is_on}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(document)))
        self.end_headers()
        self.wfile.write(document)

    def log_message(self, *_: object) -> None:
        """Keep no log."""


def work(server: Quotes, record: str, number: int) -> None:
    """Answer, and write down each change of the flag, until told to end."""

    def write(_keys: object = ()) -> None:
        line = {
            "who": f"quotes-{number}",
            "on": server.flags.boolean(FLAG, False),
            "at": time.time(),
            "pid": os.getpid(),
        }
        with open(record, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    server.flags.on_change(write)
    write()
    server.serve_forever(poll_interval=0.05)


def _end_with(parent: int) -> None:
    """End this worker when whoever forked it is gone."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def main(port: int, flags: str, workers: int, record: str) -> None:
    """Connect, listen, fork, and end the workers when told to end."""
    server = Quotes(("127.0.0.1", port), Quote)
    server.flags = connect(flags, name="quotes")
    children = []
    for number in range(workers):
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
            work(server, record, number)
        children.append(child)

    def end(*_: object) -> None:
        for child in children:
            os.kill(child, signal.SIGTERM)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
