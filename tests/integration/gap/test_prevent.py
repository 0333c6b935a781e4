"""andon gap prevent and parity in a real repository: the team's own suite proves the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from andon.cli.main import main
from andon.desk.gap.kept import plain_search
from andon.gaps.failure import Failure
from andon.gaps.verdict import Search
from andon.gaps.words import Kind
from andon.record import replace
from tests.unit.gaps.prevention.searches import search

APP = Path(__file__).resolve().parents[2] / "fakes" / "crowded_app.py"
TOML = """\
service = "shop"

[gap]
suite = [{python}, "-m", "pytest", "-q", "-p", "no:schemathesis", "tests"]
journey = ["tests/test_shop.py::test_zone"]

[gap.test]
start = [{python}, {app}]
health = "/quick"
env = "test.env"

[gap.prod]
start = [{python}, {app}]
env = "prod.env"
users = 48
url = "http://127.0.0.1:9"
"""
SECRET_KEYS = (
    "API_TOKEN", "DB_PASSWORD", "SESSION_SECRET", "COOKIE_KEY", "MAIL_PWD", "STRIPE_KEY",
    "JWT_SIGNING", "WEBHOOK_AUTH", "GREETING", "PRIVATE_PEM", "SENTRY_DSN",
)  # fmt: skip
SUITE = """\
import os
import urllib.request


def test_zone():
    urllib.request.urlopen(os.environ["BASE_URL"] + "/quick").close()
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose application reads a setting that production has otherwise."""
    root = tmp_path / "shop"
    (root / "tests").mkdir(parents=True)
    (root / "tests" / "test_shop.py").write_text(SUITE)
    (root / "andon.toml").write_text(TOML.format(python=json.dumps(sys.executable), app=json.dumps(str(APP))))
    for world, zone in (("test", "UTC"), ("prod", "Asia/Tokyo")):
        secrets = "".join(f"{key}=canary-{world}-{n}\n" for n, key in enumerate(SECRET_KEYS))
        (root / f"{world}.env").write_text(f"STORE_TZ={zone}\n{secrets}")
    for name in [n for n in os.environ if n.startswith(("ANDON_", "XDG_"))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANDON_ACTOR", "ann")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.chdir(root)
    subprocess.run(["git", "init", "-q", root], check=True)
    return root


def told(capsys: pytest.CaptureFixture[str], *words: str, expect: int = 0) -> Any:
    """Give a command and return what it says as JSON."""
    capsys.readouterr()
    code = main((*words, "--json"))
    out = capsys.readouterr().out
    assert code == expect, out
    assert "canary" not in out
    return json.loads(out)


def kept(root: Path, found: Search, path: str, status: int) -> str:
    """Write a search into a file, as `andon gap --json` does, with what was seen of the failure."""
    plain = plain_search(found)
    for _, replay in plain["replays"]:
        replay["seen"] = {"method": "GET", "path": path, "status": status, "is_replay": True}
    file = root.parent / "search.json"
    file.write_text(json.dumps(plain))
    return str(file)


def names(root: Path) -> set[str]:
    return {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file() and ".git" not in p.parts}


def test_a_setting_is_proven_kept_and_checked(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = search(Kind.ENVIRONMENT, ("STORE_TZ",), test="UTC", production="Asia/Tokyo")
    file = kept(shop, found, "/zone", 500)
    before = names(shop)
    told(capsys, "gap", "prevent", "--search", file, "--no-proof", expect=1)
    assert names(shop) == before
    shown = told(capsys, "gap", "prevent", "--search", file, "--write")
    assert [one["what"] for one in shown["made"]] == ["test", "parity", "monitoring", "smoke"]
    assert shown["made"][0]["proof"] == "red with STORE_TZ, green without (2 times)"
    test = "tests/test_gap_g1a2b3c4d.py"
    rules = "monitoring/andon-gap-g1a2b3c4d.rules.yml"
    assert names(shop) - before == {test, ".andon-gap-parity.toml", rules}
    (rule,) = yaml.safe_load((shop / rules).read_text())["groups"][0]["rules"]
    assert {"alert", "expr", "for", "labels", "annotations"} <= set(rule)
    smoke = tomllib.loads(shown["smoke"])["smoke"][0]
    assert smoke["url"] == "http://127.0.0.1:9/zone"
    assert all("canary" not in path.read_text() for path in shop.rglob("*gap*") if path.is_file())

    (fact,) = told(capsys, "gap", "parity", expect=1)["facts"]
    assert (fact["place"], fact["told"]) == (["STORE_TZ"], "the tests have UTC, production Asia/Tokyo")
    before_it = (shop / "test.env").read_text()
    (shop / "test.env").write_text("STORE_TZ=Asia/Tokyo\n")
    assert told(capsys, "gap", "parity")["holds"] is True
    (shop / "test.env").write_text(before_it)
    (shop / "prod.env").write_text("STORE_TZ=UTC\n")  # production was mended instead
    (fact,) = told(capsys, "gap", "parity")["facts"]
    assert fact["told"] == "the worlds no longer differ there"


def test_a_crowd_is_proven_by_the_test_alone(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = search(Kind.SCALE, ("users",), amount=48.0, least=1.0, threshold=32.0, summary="from 32 users on")
    file = kept(shop, found, "/pooled", 503)
    shown = told(capsys, "gap", "prevent", "--search", file, "--write")
    # The test brings the users, so there is nothing that its world has to share.
    assert [one["what"] for one in shown["made"]] == ["test", "monitoring", "smoke"]
    assert "with what it brings about" in shown["made"][0]["proof"]


def test_what_was_searched_for_is_what_is_tested_for(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer that came too late has status 200, and nothing in its text tells that it failed."""
    late = Failure(method="GET", path="/quick", slower_than=2.0)
    found = replace(search(Kind.ENVIRONMENT, ("STORE_TZ",)), failure=late)
    file = kept(shop, found, "/quick", 200)
    shown = told(capsys, "gap", "prevent", "--search", file, "--no-proof", expect=1)
    assert "GET /quick took longer than 2 s" in shown["regression"]["symptom"]
    assert tomllib.loads(shown["smoke"])["smoke"][0]["max_latency"] == 2000


def test_twice_makes_nothing_twice(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = kept(shop, search(Kind.ENVIRONMENT, ("STORE_TZ",)), "/zone", 500)
    assert main(("declare", "invoices fail", "--because", "a call", "--no-capture")) == 0
    words = ("gap", "prevent", "--search", file, "--write", "--no-proof")
    shown = told(capsys, *words, expect=1)
    assert shown["not_made"] == [
        "test: it was not run (--no-proof), and one that was not shown red is not kept"
    ]
    before = {name: (shop / name).read_bytes() for name in names(shop)}
    told(capsys, *words, expect=1)
    assert {name: (shop / name).read_bytes() for name in names(shop)} == before


def test_a_test_that_is_not_red_is_not_kept(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = search(Kind.ENVIRONMENT, ("STORE_TZ",), test="UTC", production="Asia/Tokyo")
    shown = told(capsys, "gap", "prevent", "--search", kept(shop, found, "/quick", 500), expect=1)
    assert [one["what"] for one in shown["made"]] == ["parity", "monitoring", "smoke"]
    assert shown["not_made"][0].startswith("test: it is not red with the gap")


def test_without_a_search_and_without_facts_it_says_what_to_do(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(("gap", "report")) == 2
    said = capsys.readouterr().err
    assert "no search for the gap is on record" in said
    assert "way out: andon gap finds it" in said
    assert main(("gap", "prevent")) == 2
    assert "no search for the gap is on record" in capsys.readouterr().err
    (shop / "not.json").write_text('{"id": 1}')
    assert main(("gap", "prevent", "--search", str(shop / "not.json"))) == 2
    assert main(("gap", "parity")) == 2
    assert "andon gap prevent --write" in capsys.readouterr().err
