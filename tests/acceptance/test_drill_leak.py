"""Keys in 169 commits, a fork and an old clone: nothing of them is left anywhere, and nothing comes back."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from andon.drill.leaky import FILE, REPOSITORIES, SERVER, Secrets
from tests.acceptance.drilled import Drilled, check_the_end, drill


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Drilled:
    """The drill, gone through once."""
    return drill("leak", tmp_path_factory.mktemp("drill"))


def git(place: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=place, capture_output=True, text=True, check=True).stdout


def everything(repository: Path) -> bytes:
    """Return every object of a repository, unpacked, whether anything reaches it or not."""
    ask = ["git", "cat-file", "--batch-all-objects", "--batch", "--unordered"]
    return subprocess.run(ask, cwd=repository, capture_output=True, check=True).stdout


def test_it_ends_closed_and_whole(done: Drilled) -> None:
    check_the_end(done)
    status = json.loads(done.andon("status", done.result["incident"], "--json").stdout)
    assert (status["status"], status["severity"]) == ("closed", "P0")


def test_no_value_is_left_in_a_file_or_an_object(done: Drilled) -> None:
    values = [value.encode() for value in Secrets.of(done.home.name).all]
    files = [p for p in done.home.rglob("*") if p.is_file() and not p.is_symlink()]
    assert not [p for p in files if any(value in p.read_bytes() for value in values)]
    for name in REPOSITORIES:
        objects = everything(done.home / name)
        assert len(objects) > 10_000, f"{name} was looked at"
        assert not any(value in objects for value in values), name
        assert git(done.home / name, "log", "--all", "--oneline", "--", FILE) == ""


def test_only_the_backup_still_has_it_and_somebody_answers_for_that(done: Drilled, tmp_path: Path) -> None:
    room = done.home / "journal" / "leaks" / done.result["incident"]
    (bundle,) = room.glob("*.bundle")
    assert {p.name for p in room.iterdir()} == {bundle.name, f"{bundle.name}.delete-after"}
    assert bundle.stat().st_mode & 0o777 == 0o600
    git(tmp_path, "clone", "-q", "--mirror", str(bundle), "old")
    old = everything(tmp_path / "old")
    assert all(value.encode() in old for value in Secrets.of(done.home.name).leaked), "it was there"
    actions = json.loads(done.andon("actions", "--json", "-i", done.result["incident"]).stdout)["actions"]
    assert [a["state"] for a in actions if a["origin"] == "leak:backup"] == ["open"]


def test_all_169_commits_were_written_anew_and_head_too(done: Drilled) -> None:
    said = json.loads(done.andon("leak", "-i", done.result["incident"], "--json").stdout)["leak"]
    assert said["stage"] == "done"
    assert said["purged"]["commits"] == 169
    assert said["located"]["commits"] == 169
    assert said["located"]["in_head"]
    assert said["verified"]["verdict"] == "passed"
    assert said["judged"]["residual"] == "P4"
    releases, tested = 4, 1
    assert len(git(done.repository, "rev-list", "main").split()) == releases + 169 + tested


def test_what_everybody_did_afterwards_is_on_the_server(done: Drilled) -> None:
    subjects = git(done.home / SERVER, "log", "-2", "--format=%an: %s", "main").splitlines()
    assert subjects == ["Tom: Wrap gifts", "Mina: Test the case, and watch for more of its kind"]


def test_the_documents_say_what_happened_and_no_value(done: Drilled) -> None:
    document, log = done.document("docs/postmortems/*.md"), done.document("INCIDENTS.md")
    assert "(REDACTED): revoked" in document
    assert "Security Impact Assessment" in log
    assert "aws-access-key" in log
