"""`andon gap` from the failing request to the place of the gap, and back to the incident."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.acceptance.gap_shop import GapShop
from tests.acceptance.shop import ANDON, PATIENCE

ZONE = ("--url", "/invoices/7", "--status", "500")
EMAIL = ("--url", "/receipts/17", "--status", "500")


@pytest.fixture
def shop(tmp_path: Path) -> GapShop:
    return GapShop(tmp_path)


def test_a_setting_is_found_and_named(shop: GapShop) -> None:
    done = shop.andon("gap", *ZONE)
    assert done.returncode == 0, done.stdout + done.stderr
    first = done.stdout.splitlines()[0]
    assert first.split() == ["ENVIRONMENT", "STORE_TZ", "narrowed"]
    assert "next: " in done.stdout.splitlines()[-1]
    assert shop.left() == []


def test_a_row_of_production_is_found_and_no_secret_is_told(shop: GapShop) -> None:
    orders: list[tuple[int, str | None]] = [(n, f"c{n}@example.org") for n in range(1, 60)]
    shop.orders("prod", [*orders[:16], (17, None), *orders[17:]])
    shop.write("prod.env", "STORE_TZ=UTC\nBANNER=welcome\nAPI_TOKEN=canary-4f9d21c07be3a856\n")
    done = shop.andon("gap", *EMAIL, "--report", "gap.html", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["verdict"]["answer"]) == (0, "data")
    assert found["verdict"]["place"][:2] == ["orders", "17"]
    page = (shop.root / "gap.html").read_text()
    for text in (done.stdout, done.stderr, page):
        assert "canary-4f9d21c07be3a856" not in text
    assert shop.left() == []


def test_the_incident_gets_the_search_with_what_it_says_of_each_kind(shop: GapShop) -> None:
    shop.andon("declare", "invoices answer 500", "--severity", "P1")
    found = shop.gap(*ZONE)
    assert found["incident"]["incident"] == "INC-1"
    told = json.loads(shop.andon("timeline", "--json").stdout)
    text = json.dumps(told)
    assert "looking for the gap between tests and production" in text
    assert "the gap: environment (narrowed)" in text
    evidence = json.loads(shop.andon("evidence", "list", "--json").stdout)
    assert "search for the gap" in json.dumps(evidence)


def test_the_plan_starts_nothing(shop: GapShop) -> None:
    shop.configure(prod='url = "https://shop.example.com"')
    done = shop.andon("gap", *ZONE, "--plan")
    assert done.returncode == 0
    assert "shop.example.com" in done.stdout and "--i-own-this shop.example.com" in done.stdout
    assert shop.left() == []
    plan = shop.gap(*ZONE, "--plan")
    assert plan["consents_missing"] == ["shop.example.com"]
    assert [s["name"] for s in plan["steps"]][:2] == ["read", "coverage"]
    assert plan["writes"] == []


def test_nothing_configured_shows_the_block_to_write(shop: GapShop) -> None:
    shop.write("andon.toml", 'service = "shop"\n')
    shop.write("playwright.config.ts", "")
    shop.write("Procfile", "web: python3 app.py $PORT\n")
    done = shop.andon("gap", *ZONE)
    assert done.returncode == 2
    assert 'suite = ["npx", "playwright", "test"]' in done.stdout
    assert 'start = ["python3", "app.py", "{port}"]' in done.stdout


def test_a_failure_that_nobody_told_is_asked_for(shop: GapShop) -> None:
    done = shop.andon("gap")
    assert done.returncode == 2
    assert "nobody said how production failed" in done.stderr


def test_ctrl_c_leaves_nothing_and_is_on_record(shop: GapShop) -> None:
    shop.andon("declare", "invoices answer 500", "--severity", "P1")
    search = subprocess.Popen(
        [*ANDON, "gap", *ZONE],
        cwd=shop.root,
        env={**shop.environment, "SUITE_SLEEPS": "3600"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _until(lambda: any("suite.py" in one for one in shop.left()))
    search.send_signal(signal.SIGINT)
    assert search.wait(PATIENCE) == 130
    assert shop.left() == []
    told = shop.andon("timeline").stdout
    assert "given up" in told


def test_a_search_that_was_killed_is_swept_and_given_up_by_the_next(shop: GapShop) -> None:
    shop.andon("declare", "invoices answer 500", "--severity", "P1")
    search = subprocess.Popen(
        [*ANDON, "gap", *ZONE],
        cwd=shop.root,
        env={**shop.environment, "SUITE_SLEEPS": "3600"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _until(lambda: any("suite.py" in one for one in shop.left()))
    os.kill(search.pid, signal.SIGKILL)
    search.wait()
    assert shop.left()
    shop.gap(*ZONE)
    assert shop.left() == []
    assert "it was cut short" in shop.andon("timeline").stdout


def _until(is_so: object, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)
