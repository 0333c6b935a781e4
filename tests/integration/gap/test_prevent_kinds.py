"""From the failure to what prevents it, for an outside service and a row: found, proven, checked, mended."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gap.test_prevent import told

APP = """\
import json
import os
import sqlite3
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def price():
    with urllib.request.urlopen(os.environ["RATES_URL"] + "/rates?base=EUR") as answer:
        return {"price": round(10 * json.load(answer)["amount"], 2)}


def label(key):
    with sqlite3.connect(os.environ["DATABASE_URL"].removeprefix("sqlite:")) as found:
        row = found.execute("SELECT email FROM customers WHERE id = ?", (key,)).fetchone()
    return {"label": row[0].upper() if row else "unknown"}


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        status, said = 200, {"ok": True}
        try:
            if self.path == "/price":
                said = price()
            elif self.path.startswith("/customers/"):
                said = label(int(self.path.rsplit("/", 1)[1]))
        except Exception as error:
            status, said = 500, {"error": type(error).__name__}
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
"""
SUITE = """\
import os
import urllib.request


def test_price():
    urllib.request.urlopen(os.environ["BASE_URL"] + "/price").close()


def test_customer():
    urllib.request.urlopen(os.environ["BASE_URL"] + "/customers/1").close()
"""
TOML = """\
service = "shop"

[gap]
suite = [{python}, "-m", "pytest", "-q", "-p", "no:schemathesis", "tests"]
journey = ["tests/test_shop.py"]

[gap.test]
start = [{python}, "app.py"]
health = "/health"
env = "shop.env"
database = "sqlite:test.db"
dependency = [{{ name = "rates", variable = "RATES_URL", recording = "rates-test.json" }}]

[gap.prod]
start = [{python}, "app.py"]
health = "/health"
env = "shop.env"
database = "sqlite:prod.db"
dependency = [{{ name = "rates", variable = "RATES_URL", recording = "rates-prod.json" }}]
"""
CUSTOMERS = [(1, "ada@example.com"), (2, "bo@example.com")]


def recording(amount: Any) -> str:
    answer = {"amount": amount, "currency": "EUR", "note": "canary-of-note"}
    return json.dumps({"answers": [{"ask": "GET /rates?base=EUR", "json": answer}]})


def customers(path: Path, rows: list[tuple[int, str | None]]) -> None:
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT)")
        made.executemany("INSERT INTO customers VALUES (?, ?)", rows)
    made.close()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose outside service and customers are others in production."""
    root = tmp_path / "shop"
    (root / "tests").mkdir(parents=True)
    (root / "app.py").write_text(APP)
    (root / "tests" / "test_shop.py").write_text(SUITE)
    (root / "andon.toml").write_text(TOML.format(python=json.dumps(sys.executable)))
    (root / "shop.env").write_text("LOG_LEVEL=info\n")
    (root / "rates-test.json").write_text(recording(1.1))
    (root / "rates-prod.json").write_text(recording({"value": 1.1, "scale": 2}))
    customers(root / "test.db", [*CUSTOMERS])
    customers(root / "prod.db", [*CUSTOMERS, (3, "cy@example.com"), (7, None)])
    for name in [n for n in os.environ if n.startswith(("ANDON_", "XDG_"))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANDON_ACTOR", "ann")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.chdir(root)
    subprocess.run(["git", "init", "-q", root], check=True)
    return root


def found(capsys: pytest.CaptureFixture[str], root: Path, path: str, kind: str) -> Any:
    """Search for a failing request, let its prevention be written, and return both."""
    search = told(capsys, "gap", f"--url={path}", "--status=500", "--yes", f"--only={kind}")
    assert search["verdict"]["answer"] == kind, search["verdict"]
    assert search["verdict"]["tier"] == "narrowed"
    file = root.parent / "search.json"
    file.write_text(json.dumps(search))
    return search, told(capsys, "gap", "prevent", "--search", str(file), "--write")


def test_an_answer_of_another_shape(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    search, shown = found(capsys, shop, "/price", "dependency")
    assert search["verdict"]["place"] == ["rates", "GET /rates", "$.amount"]
    made = {one["what"]: one for one in shown["made"]}
    assert "red with" in made["test"]["proof"]
    assert "green without" in made["test"]["proof"]
    (fact,) = told(capsys, "gap", "parity", expect=1)["facts"]
    assert fact["place"] == ["rates", "GET /rates", "$.amount"]
    (shop / "rates-test.json").write_text((shop / "rates-prod.json").read_text())
    assert told(capsys, "gap", "parity")["holds"] is True


def test_a_row_that_no_test_has(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    search, shown = found(capsys, shop, "/customers/7", "data")
    assert search["verdict"]["place"][:2] == ["customers", "7"]
    made = {one["what"]: one for one in shown["made"]}
    assert "red with" in made["test"]["proof"]
    told(capsys, "gap", "parity", expect=1)
    customers(shop / "test.db", [*CUSTOMERS, (7, None)])
    assert told(capsys, "gap", "parity")["holds"] is True
