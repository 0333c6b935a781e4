"""Whose code is in whose, asked of a real repository with two branches."""

from __future__ import annotations

import subprocess
from pathlib import Path

from andon.desk.deployments import block_release, read_ledger, record_deployment, tagged
from andon.desk.way_back import lineage, presence
from andon.production.git import GitRepository
from tests.fakes.desk import FakeDesk


def git(root: Path, *words: str) -> str:
    """Run git as somebody whose settings matter to nobody."""
    settings = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *settings, *words], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_ancestry_is_what_git_says_and_unknown_where_it_says_nothing(tmp_path: Path) -> None:
    """v3 is built on v2; v2.1 is a fix made from v1, without anything of v2."""
    git(tmp_path, "init", "-q", "-b", "main")
    for version in ("v1", "v2", "v3"):
        git(tmp_path, "commit", "-q", "--allow-empty", "-m", version)
        git(tmp_path, "tag", version)
    git(tmp_path, "checkout", "-q", "-b", "fix", "v1")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "v2.1")
    git(tmp_path, "tag", "v2.1")
    git(tmp_path, "checkout", "-q", "main")
    git(tmp_path, "merge", "-q", "--no-ff", "-m", "v4", "fix")
    git(tmp_path, "tag", "v4")
    desk = FakeDesk(tmp_path)
    desk.repository = GitRepository(str(tmp_path))  # type: ignore[assignment]
    for version in ("v1", "v2", "v3", "v2.1"):
        record_deployment(desk, version)
    record_deployment(desk, "till-7")
    record_deployment(desk, "gone", commit="d" * 40)
    block_release(desk, "v2", "INC-1", "it lost orders")
    ledger = read_ledger(desk)
    contains = lineage(desk, ledger, {"v4": git(tmp_path, "rev-parse", "v4")})
    told = {
        pair: contains(*pair)
        for pair in (
            ("v3", "v2"), ("v2", "v3"), ("v2.1", "v2"), ("v2", "v2.1"), ("v4", "v2"), ("v4", "v2.1"),
            ("v2", "v2"), ("till-7", "v2"), ("gone", "v2"), ("v2", "gone"),
        )
    }  # fmt: skip
    assert list(told.values()) == [True, False, False, False, True, True, True, None, None, None]
    present = presence(desk)
    there = {
        version: present(release) for version in ("v1", "till-7", "gone") if (release := ledger.find(version))
    }
    assert there == {"v1": True, "till-7": None, "gone": None}
    assert [tag for tag, _ in tagged(desk, ledger)] == ["v4"]
