"""andon gate commit-msg: the message as git will keep it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.gated import BRANCH, Gated, git, rows


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gated:
    shop = Gated(tmp_path, monkeypatch, capsys)
    shop.declare(hotfix_from=shop.commit())
    git(shop.root, "switch", "-qc", BRANCH)
    return shop


def judged(shop: Gated, message: bytes) -> str:
    file = shop.place / "message"
    file.write_bytes(message)
    return str(rows(shop.gate("commit-msg", str(file)))["names-incident"]["verdict"])


def test_the_hotfix_names_its_incident(shop: Gated) -> None:
    assert judged(shop, b"INC-1: pay twice\n") == "passed"
    assert judged(shop, b"Pay twice\n\nFixes inc-1.\n") == "passed"
    assert judged(shop, b"INC-12: another\n") == "failed"
    assert judged(shop, b"") == "failed"


def test_only_what_git_keeps_counts(shop: Gated) -> None:
    assert judged(shop, b"fix\n# INC-1\n") == "failed"
    cut = b"# ------------------------ >8 ------------------------\n"
    assert judged(shop, b"fix\n" + cut + b"+ INC-1\n") == "failed"
    git(shop.root, "config", "core.commentChar", ";")
    assert judged(shop, b"fix\n# INC-1\n") == "passed"
    assert judged(shop, b"fix\n; INC-1\n") == "failed"
    git(shop.root, "config", "commit.cleanup", "whitespace")
    assert judged(shop, b"fix\n; INC-1\n") == "passed"


def test_any_bytes(shop: Gated) -> None:
    assert judged(shop, b"\xff\xfe INC-1\0 \x1b[31m") == "passed"


def test_elsewhere_any_message_will_do(shop: Gated) -> None:
    git(shop.root, "switch", "-q", "main")
    assert judged(shop, b"x") == "passed"


def test_as_the_hook_of_a_commit(shop: Gated) -> None:
    said = shop.hook("commit-msg")
    shop.write("a", "x\n")
    git(shop.root, "add", "a")
    git(shop.root, "commit", "-q", "-m", "no name")
    assert rows(json.loads(said.read_text()))["names-incident"]["effect"] == "blocks"


def test_a_file_that_is_not_there(shop: Gated) -> None:
    assert shop.gate("commit-msg", "nowhere")["code"] == 2
    assert shop.gate("commit-msg")["code"] == 2


def test_a_message_in_order_adds_no_line_to_that_of_the_commit(shop: Gated) -> None:
    git(shop.root, "switch", "-q", "main")
    file = shop.place / "message"
    file.write_text("Tell the price\n")
    assert shop.shown("commit-msg", str(file)) == ""
    assert "names-incident  passes" in shop.shown("commit-msg", str(file), "--verbose")
