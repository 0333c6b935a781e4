"""The installed program behind git's own commands, and an install that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from andon.response.hooks.script import CLIENT, is_ours
from tests.acceptance.shop import ANDON, PATIENCE

THEIRS = b"#!/bin/sh\necho theirs was here\n"


class Clone:
    """A clone of a service whose journal lies beside it."""

    def __init__(self, place: Path) -> None:
        self.root = place / "shop"
        self.environment = {
            "PATH": os.defpath,  # as a graphical client has it
            "HOME": str(place),
            "XDG_DATA_HOME": str(place / "data"),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        (place / ".gitconfig").write_text(
            "[user]\nname = Mia\nemail = mia@example.org\n[init]\ndefaultBranch = main\n"
        )
        subprocess.run(["git", "init", "-q", self.root], check=True, env=self.environment)
        (self.root / "andon.toml").write_text('service = "shop"\n')

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command without a terminal; return its exit code and all it said."""
        done = subprocess.run(
            words, cwd=self.root, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE,
        )  # fmt: skip
        return done.returncode, done.stdout

    def stage(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)
        assert self.run("git", "add", name)[0] == 0


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone with Andon's hooks."""
    clone = Clone(tmp_path)
    clone.stage("app.py", "print('shop')\n")
    assert clone.run("git", "commit", "-qm", "begin", "--no-verify")[0] == 0
    code, told = clone.run(*ANDON, "hooks", "install")
    assert code == 0, told
    return clone


def test_a_commit_shows_the_table_of_its_gate_and_is_stopped(clone: Clone) -> None:
    clone.stage("app.py", "<<<<<<< HEAD\nprint(1)\n=======\nprint(2)\n>>>>>>> side\n")
    code, told = clone.run("git", "commit", "-m", "markers")
    assert code != 0
    assert "gear BUILD" in told
    assert "conflict-markers" in told and "markers at app.py:1" in told
    assert clone.run("git", "log", "--oneline")[1].count("\n") == 1


def test_without_its_hooks_git_commits_and_the_push_asks_again(clone: Clone, tmp_path: Path) -> None:
    origin = tmp_path / "origin.git"
    assert clone.run("git", "init", "-q", "--bare", str(origin))[0] == 0
    clone.stage("app.py", "<<<<<<< HEAD\nprint(1)\n=======\nprint(2)\n>>>>>>> side\n")
    assert clone.run("git", "commit", "-qm", "markers", "--no-verify")[0] == 0
    code, told = clone.run("git", "push", "-q", str(origin), "main")
    assert code != 0, "it was pushed"
    if "invalid choice" not in told:  # an Andon whose gate knows only commits
        assert "conflict-markers" in told and "blocks" in told
    assert clone.run("git", "-C", str(origin), "rev-parse", "--verify", "-q", "main")[0] != 0


def test_a_broken_configuration_stops_a_commit_and_says_so(clone: Clone) -> None:
    (clone.root / "andon.toml").write_text("service = \n")
    clone.stage("app.py", "print(2)\n")
    code, told = clone.run("git", "commit", "-m", "x")
    assert code != 0 and "andon.toml" in told


def test_killed_while_it_installs_every_hook_is_whole(tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    hooks = clone.root / ".git" / "hooks"
    for name in CLIENT:
        (hooks / name).write_bytes(THEIRS)
        (hooks / name).chmod(0o755)
    killed = 0
    for name in CLIENT:
        process = subprocess.Popen(
            [*ANDON, "hooks", "install"], cwd=clone.root, env=clone.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while process.poll() is None and not (hooks / f"{name}.andon-kept").exists():
            pass
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        for other in CLIENT:
            content = (hooks / other).read_bytes()
            assert content == THEIRS or (is_ours(content) and content.endswith(b"\n")), other
            assert os.access(hooks / other, os.X_OK)
            if is_ours(content):
                assert (hooks / f"{other}.andon-kept").read_bytes() == THEIRS
    assert killed
    assert clone.run(*ANDON, "hooks", "install")[0] == 0
    assert clone.run(*ANDON, "hooks", "status")[0] == 0
    assert clone.run(*ANDON, "hooks", "uninstall")[0] == 0
    assert all((hooks / name).read_bytes() == THEIRS for name in CLIENT)
