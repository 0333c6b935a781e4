"""How long a stage that breaks something stays on: from when it is in force until it is off, and declared.

Real processes: the installed program with its worker, a flag file, a smoke test over HTTP, a log that grows.
Seconds of the clock; each round is a rollout of its own, whose second stage breaks the smoke test.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FLAGS = {
    "flags": {
        "new": {
            "state": "ENABLED",
            "variants": {"on": True, "off": False},
            "defaultVariant": "off",
            "metadata": {"owner": "mina", "purpose": "new"},
        }
    }
}
TOML = """\
service = "shop"
[flags]
system = "file"
file = "flags.json"
[[smoke]]
name = "checkout"
url = "http://127.0.0.1:{port}/"
covers = "checkout"
[[logs]]
name = "app"
file = "{log}"
"""


def moment(text: str) -> float:
    """Return seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()


def serve(flags: Path) -> ThreadingHTTPServer:
    """Answer as a checkout that breaks once the flag file gives the feature to half of everybody."""

    class Checkout(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(500 if '"on", 5000' in " ".join(flags.read_text().split()) else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_told: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Checkout)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def measure() -> tuple[float, float]:
    """Return the seconds from the stage in force until the kill is there, and until the incident is."""
    with tempfile.TemporaryDirectory() as home:
        place = Path(home)
        flags, log, journal = place / "flags.json", place / "app.log", place / "journal.db"
        flags.write_text(json.dumps(FLAGS))
        server, over = serve(flags), threading.Event()

        def buy() -> None:
            while not over.wait(0.01):
                with log.open("a") as file:
                    file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ} INFO order taken\n")

        customers = threading.Thread(target=buy)
        customers.start()
        try:
            (place / "andon.toml").write_text(TOML.format(port=server.server_address[1], log=log))
            words = ["flags", "rollout", "new", "5%", "50%", "--every", "2s", "--yes"]
            surroundings = {
                **os.environ,
                "HOME": home,
                "XDG_DATA_HOME": f"{home}/data",
                "XDG_CACHE_HOME": f"{home}/cache",
                "ANDON_JOURNAL": str(journal),
                "ANDON_ACTOR": "mina",
                "ANDON_DELIVERY": "manual",
            }
            done = subprocess.run(
                [sys.executable, "-m", "andon", *words], cwd=home, env=surroundings, capture_output=True
            )
        finally:
            over.set()
            customers.join()
            server.shutdown()
            server.server_close()
        if done.returncode != 1:
            raise SystemExit(f"exit {done.returncode}: {done.stdout.decode()}{done.stderr.decode()}")
        with sqlite3.connect(journal) as found:
            events = found.execute("SELECT type, data, at FROM event ORDER BY at").fetchall()
        ends = [moment(at) for kind, data, at in events if kind == "FlagActEnded"]
        declared = next(moment(at) for kind, _, at in events if kind == "IncidentDeclared")
        return ends[2] - ends[1], declared - ends[1]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    rows = [measure() for _ in range(arguments.rounds)]
    print(f"{arguments.rounds} rollouts, seconds from the stage in force; load {os.getloadavg()[0]:.1f}\n")
    print(f"{'':24}{'median':>8}{'least':>8}{'most':>8}")
    for name, column in zip(("killed", "incident on record"), zip(*rows, strict=True), strict=True):
        print(f"{name:24}{statistics.median(column):8.2f}{min(column):8.2f}{max(column):8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
