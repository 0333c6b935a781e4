"""andon gate pre-receive: in a bare repository, on objects that are still in quarantine."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gated import BRANCH, Gated, git, line, rows

MARKED = "<<<<<<< mine\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gated:
    shop = Gated(tmp_path, monkeypatch, capsys)
    shop.commit(old=MARKED)
    git(shop.root, "push", "-q", "origin", "main")
    return shop


def pushed(shop: Gated, *words: str) -> dict[str, Any]:
    """Push through the hook on the other side, and return what the gate there said."""
    said = shop.hook("pre-receive", shop.remote)
    git(shop.root, "push", "-q", *words)
    answer = json.loads(said.read_text())
    assert isinstance(answer, dict)
    return answer


def test_what_is_pushed_is_judged_before_it_is_taken(shop: Gated) -> None:
    shop.commit(a=MARKED)
    answer = pushed(shop, "--no-verify", "origin", "main")
    assert rows(answer)["conflict-markers"]["effect"] == "blocks"
    assert rows(answer)["range-known"]["evidence"].startswith("1 commits")


def test_a_new_branch_brings_what_is_in_no_other(shop: Gated) -> None:
    git(shop.root, "switch", "-qc", "topic")
    shop.commit(a="fine\n")
    answer = pushed(shop, "origin", "topic")
    assert answer["changes"][0]["branch"] == "topic"
    assert rows(answer)["conflict-markers"]["verdict"] == "passed"


def test_a_deletion_a_tag_and_a_forced_push(shop: Gated) -> None:
    git(shop.root, "push", "-q", "origin", "main:old")
    git(shop.root, "tag", "-am", "one", "v1")
    git(shop.root, "commit", "-q", "--amend", "-m", "again")
    answer = pushed(shop, "--force", "origin", "main", "v1", ":old")
    found = {change["target"]: n for n, change in enumerate(answer["changes"])}
    assert set(found) == {"refs/heads/main", "refs/tags/v1", "refs/heads/old"}
    assert "given up" in rows(answer, found["refs/heads/main"])["range-known"]["evidence"]
    assert "removed" in rows(answer, found["refs/heads/old"])["range-known"]["evidence"]


def test_a_server_without_a_journal_cannot_know_the_gear(shop: Gated) -> None:
    head = shop.commit()
    git(shop.root, "push", "-q", "origin", "main:new")
    given = f"{'0' * 40} {head} refs/heads/other\n".encode()
    row = rows(shop.gate("pre-receive", given=given, place=shop.remote))["gear-known"]
    assert "ANDON_JOURNAL" in row["remedy"]
    assert row["effect"] == "blocks"
    said = shop.gate("pre-receive", "--gear", "BUILD", given=given, place=shop.remote)
    assert rows(said)["gear-known"]["verdict"] == "passed"


def test_in_hotfix_nothing_else_is_received(shop: Gated) -> None:
    start = git(shop.root, "rev-parse", "HEAD")
    shop.declare(hotfix_from=start)
    shop.commit("a new colour", colour="red\n")
    answer = pushed(shop, "--no-verify", "origin", "main")
    assert answer["gear"] == "HOTFIX" and answer["changes"][0]["incident"] == "INC-1"
    row = rows(answer)["only-the-hotfix"]
    assert (row["verdict"], row["effect"]) == ("unknown", "blocks"), "nobody pushed the hotfix here yet"
    git(shop.root, "switch", "-qc", BRANCH)
    fix = shop.commit("INC-1: two", c="2\n")
    answer = pushed(shop, "--no-verify", "origin", BRANCH, f"{fix}:refs/heads/main")
    found = {change["target"]: n for n, change in enumerate(answer["changes"])}
    assert rows(answer, found["refs/heads/main"])["only-the-hotfix"]["verdict"] == "passed"
    git(shop.root, "switch", "-q", "main")
    git(shop.root, "merge", "-q", "--no-edit", BRANCH)
    shop.commit("another colour", colour="blue\n")
    answer = pushed(shop, "--no-verify", "origin", "main")
    row = rows(answer)["only-the-hotfix"]
    assert (row["verdict"], row["effect"]) == ("failed", "blocks")


def test_the_configuration_is_that_of_the_branch_before_the_push(shop: Gated) -> None:
    """A pushed file that names another service does not switch the gates of this one off."""
    shop.declare(hotfix_from=git(shop.root, "rev-parse", "HEAD"))
    shop.commit("other", **{"andon.toml": 'service = "nobody"\n'})
    answer = pushed(shop, "--no-verify", "origin", "main")
    assert answer["gear"] == "HOTFIX"
    assert rows(answer)["configuration"]["evidence"] == "read as it is in HEAD:andon.toml"


def test_a_file_beside_the_repository_goes_before(shop: Gated) -> None:
    (shop.remote / "andon.toml").write_text('service = "shop"\njournal = "mine.db"\n')
    shop.commit()
    answer = pushed(shop, "--no-verify", "origin", "main")
    assert rows(answer)["configuration"]["evidence"] == "read"
    (shop.remote / "andon.toml").write_text("[[[")
    shop.commit()
    answer = pushed(shop, "--no-verify", "origin", "main")
    assert [row["rule"] for row in answer["changes"][0]["rows"]] == ["configuration"]


def test_an_empty_server_takes_its_first_push(shop: Gated) -> None:
    empty = shop.place / "empty.git"
    git(shop.place, "init", "-q", "--bare", "-b", "main", str(empty))
    head = git(shop.root, "rev-parse", "HEAD")
    said = shop.hook("pre-receive", empty)
    git(shop.root, "push", "-q", str(empty), "main")
    answer = json.loads(said.read_text())
    assert answer["changes"][0]["head"] == head and answer["changes"][0]["base"] is None
    assert rows(answer)["conflict-markers"]["verdict"] == "failed"


def test_a_work_tree_that_receives_is_judged_too(shop: Gated) -> None:
    other = shop.place / "other"
    git(shop.place, "clone", "-q", str(shop.remote), str(other))
    git(other, "config", "receive.denyCurrentBranch", "updateInstead")
    shop.commit(a=MARKED)
    said = shop.hook("pre-receive", other)
    git(shop.root, "push", "-q", str(other), "main")
    assert rows(json.loads(said.read_text()))["conflict-markers"]["effect"] == "blocks"


def test_no_terminal_and_no_input_is_no_hang(shop: Gated) -> None:
    done = subprocess.run(
        ["git", "-C", str(shop.remote), "rev-parse"], stdin=subprocess.DEVNULL, check=True, timeout=20
    )
    assert done.returncode == 0
    assert shop.gate("pre-receive", place=shop.remote)["changes"] == []
    assert shop.gate("pre-receive", given=line("x", "", "1" * 40), place=shop.remote)["code"] == 2
