"""A small shop whose tests pass and whose production fails: an application, a suite, two worlds."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.acceptance.shop import ANDON, CODES, PATIENCE

#: The application. Its invoices move to another year where the zone is east of Greenwich; an order without an
#: e-mail address breaks its receipt.
APP = """
import json, os, sqlite3, sys, traceback
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
sys.path.insert(0, os.path.dirname(__file__))
ZONES = {"UTC": 0, "Asia/Tokyo": 9}
def database():
    return sqlite3.connect(os.environ[VARIABLE].removeprefix("sqlite:"))
VARIABLE = "DATABASE_URL"
class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            status, told = self.answer()
        except Exception:
            traceback.print_exc()
            status, told = 500, {"error": "Internal Server Error"}
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def answer(self):
        if self.path == "/health":
            return 200, {"ok": True}
        kind, number = self.path.strip("/").split("/")
        if kind == "invoices":
            made = datetime(2026, 12, 31, 20, tzinfo=timezone.utc)
            local = made + timedelta(hours=ZONES[os.environ.get("STORE_TZ", "UTC")])
            if local.year != 2026:
                raise ValueError("fiscal year 2027 is not open for STORE_TZ")
            return 200, {"invoice": number, "year": local.year}
        if kind == "receipts":
            row = database().execute("SELECT email FROM orders WHERE id = ?", (number,)).fetchone()
            if row is None:
                return 404, {"error": "no such order"}
            return 200, {"to": row[0].lower()}
        return 404, {}
    def log_message(self, *args):
        pass
port = int(os.environ.get("PORT") or sys.argv[-1])
ThreadingHTTPServer(("127.0.0.1", port), Shop).serve_forever()
"""

#: The suite: JUnit, whatever runs it.
SUITE = """
import os, sys, time, urllib.request
base = os.environ["BASE_URL"]
time.sleep(float(os.environ.get("SUITE_SLEEPS", "0")))
cases, failed = [], 0
for name, path in (("test_invoice", "/invoices/7"), ("test_receipt", "/receipts/1")):
    said = ""
    try:
        with urllib.request.urlopen(base + path, timeout=20) as answer:
            assert answer.status == 200
    except Exception as problem:
        said, failed = str(problem), failed + 1
    inside = f'<failure message="{said}"/>' if said else ""
    cases.append(f'<testcase classname="suite" name="{name}" time="0.01">{inside}</testcase>')
with open(sys.argv[1], "w") as file:
    inside = "".join(cases)
    file.write(f'<testsuites><testsuite name="shop" failures="{failed}">{inside}</testsuite></testsuites>')
sys.exit(1 if failed else 0)
"""

TOML = """\
service = "shop"

[gap]
suite = ["{python}", "suite.py", "{{report}}"]
flavour = "junit"
{gap}

[gap.test]
start = ["{python}", "app.py", "{{port}}"]
health = "/health"
env = "test.env"
database = "sqlite:data/test.db"
{test}

[gap.prod]
start = ["{python}", "app.py", "{{port}}"]
health = "/health"
env = "prod.env"
database = "sqlite:data/prod.db"
users = 3
{prod}
{more}
"""


class GapShop:
    """The repository of the shop, and Andon in it."""

    def __init__(self, home: Path) -> None:
        self.root = home / "shop"
        (self.root / "data").mkdir(parents=True)
        for place in ("home", "tmp", "cache", "share"):
            (home / place).mkdir()
        self.temporary = home / "tmp"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home / "home"),
            "XDG_DATA_HOME": str(home / "share"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "TMPDIR": str(self.temporary),
            "LC_ALL": "C.UTF-8",
            "ANDON_DELIVERY": "manual",
            "ANDON_ACTOR": "mina",
        }
        self.write("app.py", APP)
        self.write("suite.py", SUITE)
        self.write("test.env", "STORE_TZ=UTC\nBANNER=hello\nLEVEL=debug\n")
        self.write(
            "prod.env", "STORE_TZ=Asia/Tokyo\nBANNER=welcome\nLEVEL=info\nAPI_TOKEN=canary-4f9d21c07be3a856\n"
        )
        self.orders("test", [(1, "Ann@example.org"), (2, "ben@example.org")])
        self.orders("prod", [(n, f"c{n}@example.org") for n in range(1, 60)])
        self.configure()

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def orders(self, world: str, rows: list[tuple[int, str | None]]) -> None:
        path = self.root / "data" / f"{world}.db"
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, email TEXT)")
            database.executemany("INSERT INTO orders VALUES (?, ?)", rows)
        database.close()

    def configure(
        self, *, gap: str = "", test: str = "", prod: str = "", more: str = "", **changed: str
    ) -> None:
        """Write andon.toml; `changed` replaces texts of it."""
        text = TOML.format(python=sys.executable, gap=gap, test=test, prod=prod, more=more)
        for old, new in changed.items():
            text = text.replace(old, new)
        self.write("andon.toml", text)

    def reconfigure(self, old: str, new: str) -> None:
        """Replace a text of andon.toml."""
        text = (self.root / "andon.toml").read_text()
        assert old in text, f"{old!r} is not in andon.toml"
        self.write("andon.toml", text.replace(old, new))

    def andon(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the installed program; its exit code is one it may end with."""
        done = subprocess.run(
            [*ANDON, *words],
            cwd=self.root,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode in CODES, done.stdout + done.stderr
        return done

    def gap(self, *words: str, **environment: str) -> dict[str, Any]:
        """Search, and return what is said to programs."""
        done = self.andon("gap", *words, "--json", **environment)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def left(self) -> list[str]:
        """Return what a search left behind: processes of the shop, and files in the temporary directory."""
        found = [str(path.relative_to(self.temporary)) for path in self.temporary.iterdir()]
        for place in Path("/proc").iterdir():
            if not place.name.isdigit():
                continue
            try:
                surroundings, words = (place / "environ").read_bytes(), (place / "cmdline").read_bytes()
            except OSError:  # it has just ended
                continue
            if str(self.temporary).encode() in surroundings and words:
                found.append(words.replace(b"\0", b" ").decode())
        return found
