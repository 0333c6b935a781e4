"""A canary that breaks checkout at a quarter of the traffic is aborted by itself, declared, and blocked."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.shop import Answer, Shop, explains
from tests.fakes.deploy_tools import Tool, revisions

DEPLOY = 'kind = "argo-rollouts"\nrollout = "shop"\nnamespace = "prod"'
STEPS = [{"setWeight": 5}, {"pause": {}}, {"setWeight": 25}, {"pause": {}}]
NEW = "v1.3.0"


class Divided(Answer):
    """Checkout breaks for the smoke test once a quarter of the traffic has the new version."""

    cluster: Tool

    def do_GET(self) -> None:  # noqa: N802 - the name the library asks for
        state = self.cluster.state
        is_on = state["revisions"][-1]["tag"] == NEW and state.get("index", 0) >= 3
        breaks = is_on and not state.get("abort") and self.path == "/checkout"
        self.send_response(500 if breaks else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


@pytest.fixture
def cluster(shop: Shop, tmp_path: Path) -> Iterator[Tool]:
    """A Rollout whose strategy waits at 5 % and 25 %, and customers who fill the log."""
    world = {"kind": "Rollout", "revisions": revisions(), "current": 3, "steps": STEPS}
    tool = Tool(tmp_path / "bin", "kubectl", world)
    (tmp_path / "bin" / "kubectl-argo-rollouts").symlink_to(tmp_path / "bin" / "kubectl")
    shop.environment["PATH"] = f"{tmp_path / 'bin'}{os.pathsep}{shop.environment['PATH']}"
    shop.configure(deploy=DEPLOY)
    shop.production.RequestHandlerClass = type("Here", (Divided,), {"cluster": tool})
    over = threading.Event()

    def buy() -> None:
        while not over.wait(0.01):
            shop.write_log("INFO order taken")

    customers = threading.Thread(target=buy)
    customers.start()
    try:
        yield tool
    finally:
        over.set()
        customers.join()


def test_what_breaks_is_aborted(shop: Shop, cluster: Tool) -> None:
    explains(shop.andon("canary", NEW, "10%", "100%", "--yes", code=1), "it waits at: 5 %, 25 %, 100 %")
    done = shop.andon("canary", NEW, "--every", "2s", "--yes", code=1)
    assert "checkout fails and passed before" in done.stdout
    asked = [call["argv"] for call in cluster.calls()]
    acts = [argv[argv.index("rollouts") + 1 :] for argv in asked if "rollouts" in argv]
    assert [act[0] for act in acts] == ["set", "promote", "abort"]
    status = shop.ask("status")
    assert status["severity"] == "P1" and "taken out at 25 %" in status["title"]
    assert shop.ask("canary")["ended"]["how"] == "killed"
    assert "blocked" in shop.andon("releases").stdout
    assert shop.ask("audit")["whole"]
