"""The shop of the acceptance tests with a flag over its broken checkout, and the flag server that has it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

from tests.acceptance.shop import ANDON, PATIENCE, Answer, Shop

KEY = "new-pricing"
FLAGS: dict[str, Any] = {
    "flags": {
        KEY: {
            "state": "ENABLED",
            "variants": {"on": True, "off": False},
            "defaultVariant": "off",
            "targeting": {"fractional": [["on", 2500], ["off", 7500]]},
            "metadata": {
                "owner": "mina",
                "purpose": "the new prices",
                "kind": "release",
                "covers": "checkout",
                "created": "2026-01-01",
            },
        },
        "banner": {
            "state": "ENABLED",
            "variants": {"red": "#f00", "none": ""},
            "defaultVariant": "red",
        },
    }
}


class FlagServer:
    """`andon flags serve` in a process of its own."""

    def __init__(self, shop: Shop, state: Path) -> None:
        self._shop, self._state = shop, state
        self.address = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self, port: int = 0) -> FlagServer:
        """Start it and wait until it says where it listens."""
        words = ("flags", "serve", "--port", str(port), "--state", str(self._state), "--json")
        self._process = subprocess.Popen(
            [*ANDON, *words],
            cwd=self._shop.repository,
            env=self._shop.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        said = ""
        assert self._process.stdout is not None
        while not said.endswith("}\n"):
            line = self._process.stdout.readline()
            assert line, "the flag server did not start"
            said += line
        self.address = str(json.loads(said)["address"])
        return self

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.address.rpartition(":")[2])

    def stop(self) -> None:
        """Stop it, and wait until it is gone."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=PATIENCE)
            self._process = None


class Program:
    """A program that follows the flag server over the wire and confirms what it has, unless it is silent."""

    def __init__(self, address: str, name: str, *, is_silent: bool = False) -> None:
        self.name = name
        self.is_silent = is_silent
        self.flags: dict[str, Any] = {}
        self.version = 0
        self._address = address
        self._process = os.urandom(16).hex()
        self._response: Any = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        assert self._ready.wait(PATIENCE), "the program got no flags"

    def now(self, key: str) -> Any:
        """Return the variant that everybody gets; None where targeting decides."""
        flag = self.flags[key]
        return None if flag.get("targeting") else flag.get("defaultVariant")

    def close(self) -> None:
        """Hang up."""
        import socket

        with contextlib.suppress(AttributeError, OSError):
            self._response.fp.raw._sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def _follow(self) -> None:
        import urllib.error
        import urllib.request

        asked = urllib.request.Request(
            f"{self._address}/flags/v1/stream",
            headers={"Andon-Process": self._process, "Andon-Process-Name": self.name},
        )
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as self._response:
                kind = ""
                for raw in self._response:
                    line = raw.decode().rstrip("\n")
                    if line.startswith("event:"):
                        kind = line[6:].strip()
                    elif line.startswith("data:"):
                        self._take(kind, json.loads(line[5:]))
        except (OSError, ValueError, AttributeError):
            return

    def _take(self, kind: str, told: dict[str, Any]) -> None:
        if kind == "put":
            self.flags = told["flags"]
        elif kind == "patch":
            self.flags = {
                k: v for k, v in {**self.flags, **told["flags"]}.items() if k not in told["removed"]
            }
        else:
            return
        self.version = told["version"]
        if not self.is_silent:
            self._confirm()
        self._ready.set()

    def _confirm(self) -> None:
        import urllib.request

        said = {"process": self._process, "name": self.name, "version": self.version, "counts": []}
        asked = urllib.request.Request(
            f"{self._address}/flags/v1/acknowledgements",
            data=json.dumps(said).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        urllib.request.urlopen(asked, timeout=PATIENCE).close()


class FlagAnswer(Answer):
    """Checkout is broken exactly while the flag is on for anybody."""

    def do_GET(self) -> None:  # noqa: N802 - the name is the library's
        shop = self.server.shop
        program = shop.program
        is_on = program is None or program.now(KEY) != "off"
        broken = is_on and self.path == "/checkout"
        shop.write_log(self.server.line if broken else f"INFO {self.path} ok")
        body = self.server.body if broken else b'{"ok": true}'
        self.send_response(500 if broken else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def with_flags(shop: Shop, server: str = "") -> None:
    """Write the flag file and say in andon.toml where the flags are."""
    (shop.repository / "flags.json").write_text(json.dumps(FLAGS))
    at = f'server = "{server}"\n' if server else ""
    shop.configure(more=f'[flags]\nfile = "flags.json"\n{at}confirm = 120\n')
    shop.production.RequestHandlerClass = FlagAnswer
