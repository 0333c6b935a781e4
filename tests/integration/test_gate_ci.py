"""andon gate ci: the commits of a branch in any CI system, whole clone or not, journal or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gated import BRANCH, Gated, git, rows

MARKED = "<<<<<<< mine\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gated:
    """A branch `topic` with two commits after what the remote's main has."""
    shop = Gated(tmp_path, monkeypatch, capsys)
    shop.commit(old=MARKED)
    git(shop.root, "push", "-q", "--no-verify", "origin", "main")
    git(shop.root, "switch", "-qc", "topic")
    shop.commit(a="one\n")
    shop.commit(b="two\n")
    return shop


def base_of(answer: dict[str, Any]) -> str:
    found = answer["changes"][0]["base"]
    assert isinstance(found, str)
    return found


def test_a_branch_is_compared_with_the_default_one(shop: Gated) -> None:
    answer = shop.gate("ci")
    assert base_of(answer) == git(shop.root, "rev-parse", "main")
    assert rows(answer)["range-known"]["evidence"].startswith("2 commits")
    assert rows(answer)["conflict-markers"]["verdict"] == "passed"


def test_base_and_head_may_be_said(shop: Gated) -> None:
    answer = shop.gate("ci", "--base", "HEAD~1", "--head", "HEAD")
    assert rows(answer)["range-known"]["evidence"].startswith("1 commits")
    assert rows(shop.gate("ci", "--base", "nowhere"))["range-known"]["effect"] == "blocks"
    assert shop.gate("ci", "--head", "nowhere")["code"] == 3


def test_the_default_branch_itself_needs_a_base(shop: Gated) -> None:
    """Nothing to compare with is no pass."""
    git(shop.root, "switch", "-q", "main")
    row = rows(shop.gate("ci"))["range-known"]
    assert row["effect"] == "blocks" and "--base" in row["remedy"]


def test_a_push_to_main_begins_where_it_was_before(shop: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = git(shop.root, "rev-parse", "main"), git(shop.root, "rev-parse", "topic")
    event = shop.place / "event.json"
    event.write_text(json.dumps({"before": before, "after": after}))
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_SHA": after,
        "GITHUB_REF": "refs/heads/main",
    }.items():
        monkeypatch.setenv(name, value)
    answer = shop.gate("ci")
    assert base_of(answer) == before and answer["changes"][0]["target"] == "refs/heads/main"
    event.write_text(json.dumps({"before": "0" * 40, "after": after}))
    assert base_of(shop.gate("ci")) == before, "a new branch: what the default branch has not"
    event.write_text("{" * 100_000)
    assert base_of(shop.gate("ci")) == before, "an event that cannot be read says nothing"


def test_a_shallow_clone_could_not_be_judged(shop: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    git(shop.root, "push", "-q", "--no-verify", "origin", "topic")
    clone = shop.place / "clone"
    git(shop.place, "clone", "-q", "--depth", "1", "-b", "topic", f"file://{shop.remote}", str(clone))
    git(clone, "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
    row = rows(shop.gate("ci", "--base", "origin/main", place=clone))["range-known"]
    assert row["verdict"] == "unknown" and row["effect"] == "blocks"
    assert "git fetch --unshallow" in row["remedy"]
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    assert "fetch-depth: 0" in rows(shop.gate("ci", place=clone))["range-known"]["remedy"]
    monkeypatch.delenv("GITHUB_ACTIONS")
    git(clone, "fetch", "-q", "--unshallow")
    answer = shop.gate("ci", "--base", "origin/main", place=clone)
    assert rows(answer)["range-known"]["evidence"].startswith("2 commits")


def test_without_a_journal_the_gear_is_what_is_said(shop: Gated) -> None:
    found = shop.gate("ci")
    assert found["gear"] == "BUILD" and rows(found)["gear-known"]["verdict"] == "unknown"
    said = shop.gate("ci", "--gear", "L2")
    assert said["gear"] == "SHIP" and rows(said)["gear-known"]["verdict"] == "passed"
    assert not (shop.place / "data").exists(), "a gate makes no journal"


def test_a_branch_that_is_called_like_a_hotfix_is_judged_as_one(shop: Gated) -> None:
    git(shop.root, "switch", "-qc", "hotfix/INC-7-pay")
    answer = shop.gate("ci")
    change = answer["changes"][0]
    assert (change["gear"], change["incident"]) == ("HOTFIX", "INC-7")
    assert change["why"] == "assumed from the branch hotfix/INC-7-pay"
    assert rows(answer)["names-incident"]["effect"] == "blocks"
    said = shop.gate("ci", "--gear", "HOTFIX")
    assert said["changes"][0]["incident"] == "INC-7"


def test_a_journal_goes_before_what_is_said(shop: Gated) -> None:
    shop.declare(hotfix_from=git(shop.root, "rev-parse", "main"))
    answer = shop.gate("ci", "--gear", "EXPLORE")
    assert answer["gear"] == "HOTFIX" and answer["changes"][0]["incident"] == "INC-1"


def test_the_hotfix_as_a_pull_request(shop: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    main = git(shop.root, "rev-parse", "main")
    shop.declare(hotfix_from=main)
    git(shop.root, "switch", "-qc", BRANCH, "main")
    shop.commit("INC-1: three", c="3\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    monkeypatch.setenv("GITHUB_HEAD_REF", BRANCH)
    answer = shop.gate("ci")
    assert answer["changes"][0]["target"] == "refs/heads/main"
    assert rows(answer)["only-the-hotfix"]["verdict"] == "passed"
    assert rows(answer)["names-incident"]["verdict"] == "passed"


def test_a_change_cannot_switch_its_own_gate_off(shop: Gated) -> None:
    """Another service has no incident, and other branches would be the protected ones."""
    shop.declare(hotfix_from=git(shop.root, "rev-parse", "main"))
    shop.commit(**{"andon.toml": 'service = "nobody"\n[gates]\nprotected = ["none"]\n'})
    answer = shop.gate("ci")
    assert answer["gear"] == "HOTFIX"
    assert rows(answer)["configuration"]["evidence"].endswith(":andon.toml")


def test_a_configuration_that_only_comes_does_not_count_yet(shop: Gated) -> None:
    git(shop.root, "switch", "-qc", "bare", "main")
    git(shop.root, "rm", "-q", "andon.toml")
    base = shop.commit("without", z="z\n")
    shop.commit("with", **{"andon.toml": 'service = "nobody"\n[gates]\nprotected = ["none"]\n'})
    answer = shop.gate("ci", "--base", base)
    assert rows(answer)["configuration"]["evidence"] == "none; the defaults hold"


def test_a_broken_configuration_says_so(shop: Gated) -> None:
    shop.commit(**{"andon.toml": 'service = "shop"\n[gates\n'})
    answer = shop.gate("ci")
    assert answer["code"] == 3
    (row,) = answer["changes"][0]["rows"]
    assert row["rule"] == "configuration" and "andon.toml:2" in row["evidence"] and row["effect"] == "blocks"
    assert "could not decide: configuration" in shop.shown("ci")


def test_hostile_names_stay_names(shop: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITLAB_CI", "true")
    for name in ("--output=/tmp/x", "$(touch x)", "a\x1b[31m", "*", "refs/heads/*", "\n"):
        monkeypatch.setenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", name)
        monkeypatch.setenv("CI_COMMIT_BRANCH", name)
        assert rows(shop.gate("ci"))["range-known"]["effect"] == "blocks"
        assert "\x1b" not in shop.shown("ci")


def test_a_report_is_written_beside_the_table(shop: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    shop.commit(c=MARKED)
    report = shop.place / "gate.sarif"
    text = shop.shown("ci", "--sarif", str(report))
    assert "conflict-markers" in text
    found = json.loads(report.read_text())["runs"][0]["results"]
    places = [r["locations"][0]["physicalLocation"] for r in found if r["ruleId"] == "conflict-markers"]
    assert [p["artifactLocation"]["uri"] for p in places] == ["c"]
    assert json.loads(shop.shown("ci", "--sarif", "-"))["version"] == "2.1.0"
    assert shop.gate("ci", "--sarif", str(shop.place / "no" / "where"))["code"] == 3


@pytest.mark.parametrize(
    "words",
    [
        ("pre-commit", "--base", "x"),
        ("pre-commit", "x"),
        ("commit-msg", "a", "b"),
        ("pre-push", "a", "b", "--gear", "BUILD"),
        ("ci", "--gear", "FASTER"),
        ("pre-receive", "--head", "x"),
    ],
)
def test_a_word_that_means_nothing_here_is_refused(shop: Gated, words: tuple[str, ...]) -> None:
    assert shop.gate(*words)["code"] == 2
