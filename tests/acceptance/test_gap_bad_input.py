"""What cannot be tried is said in the verdict, in words, and nothing is left running."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.gap_shop import GapShop
from tests.acceptance.shop import PATIENCE

ZONE = ("--url", "/invoices/7", "--status", "500")
EMAIL = ("--url", "/receipts/17", "--status", "500")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[GapShop]:
    shop = GapShop(tmp_path)
    yield shop
    assert shop.left() == []


def not_tried(found: dict[str, dict[str, list[str]]]) -> str:
    return "\n".join(found["verdict"]["not_tried"])


def test_no_artefacts(shop: GapShop) -> None:
    found = shop.gap(*ZONE, "--artefacts", "nowhere")
    assert found["verdict"]["answer"] == "environment"
    assert "nowhere" in not_tried(found)


def test_artefacts_of_another_suite(shop: GapShop) -> None:
    shop.write(
        "other.xml",
        '<testsuites><testsuite name="pytest" tests="1">'
        '<testcase classname="billing.test_mail" name="test_mail" time="1"/></testsuite></testsuites>',
    )
    found = shop.gap(*ZONE, "--artefacts", "other.xml")
    assert found["verdict"]["answer"] == "environment"
    assert "the artefacts are another suite's" in not_tried(found)


def test_a_tests_world_that_cannot_be_started(shop: GapShop) -> None:
    shop.write("app.py", "raise SystemExit('no licence file')")
    found = shop.gap(*ZONE)
    assert found["verdict"]["answer"] in ("unknown", "environment")
    assert "no licence file" in not_tried(found)


def test_a_world_of_production_that_cannot_be_started(shop: GapShop) -> None:
    shop.reconfigure(
        '"app.py", "{port}"]\nhealth = "/health"\nenv = "prod.env"',
        '"gone.py"]\nhealth = "/health"\nenv = "prod.env"',
    )
    found = shop.gap(*ZONE)
    assert "gone.py" in not_tried(found)


def test_a_suite_that_takes_longer_than_the_time_there_is(shop: GapShop) -> None:
    found = shop.gap("--text", "fiscal year 2027", "--minutes", "0.1", SUITE_SLEEPS="3600")
    assert found["verdict"]["tier"] in (None, "observed")  # no experiment could tell
    assert "time" in not_tried(found)
    assert found["seconds"] < PATIENCE  # the suite alone would take an hour


def test_a_database_that_refuses(shop: GapShop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    shop.reconfigure("sqlite:data/prod.db", f"postgresql://andon:secret-canary-77@127.0.0.1:{port}/shop")
    found = shop.gap(*EMAIL)
    assert found["verdict"]["answer"] != "data"
    assert "data" in not_tried(found)
    assert "secret-canary-77" not in str(found)


def test_a_port_that_is_in_use(shop: GapShop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        shop.reconfigure(
            '"app.py", "{port}"]\nhealth = "/health"\nenv = "test.env"',
            f'"app.py", "{port}"]\nhealth = "/health"\nenv = "test.env"',
        )
        shop.write("app.py", (shop.root / "app.py").read_text().replace('os.environ.get("PORT") or ', ""))
        found = shop.gap(*ZONE)
    assert found["verdict"]["tier"] in (None, "observed")
    assert "in use" in not_tried(found)


def test_an_application_that_ignores_the_variable_of_its_database(shop: GapShop) -> None:
    own = os.fspath(shop.root / "data" / "test.db")
    text = (shop.root / "app.py").read_text().replace("os.environ[VARIABLE]", repr(own))
    shop.write("app.py", text)
    shop.write("prod.env", "STORE_TZ=UTC\n")
    found = shop.gap(*EMAIL)
    assert found["verdict"]["answer"] != "data" or found["verdict"]["tier"] == "observed"
    assert "data" in not_tried(found)
