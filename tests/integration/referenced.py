"""A clone with all of Andon's hooks, an upstream, and made-up secrets: for tests of what moves references."""

from __future__ import annotations

import os
import random
import string
import subprocess
from pathlib import Path

import pytest

from andon.cli.main import main
from tests.integration.gated import clean_environment

LETTERS = string.ascii_letters + string.digits


def token(seed: int) -> str:
    """Return what looks like a token of GitLab, made up."""
    chance = random.Random(seed)
    return "glp" + "at-" + "".join(chance.choice(LETTERS) for _ in range(20))


class Clone:
    """A clone with the hooks, an upstream, and a branch beside."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.root = place / "shop"
        self.upstream = place / "upstream"

    def git(self, *words: str, at: Path | None = None, code: int | None = 0, given: str = "") -> str:
        done = subprocess.run(
            ["git", *words], cwd=at or self.root, capture_output=True, text=True, input=given,
        )  # fmt: skip
        said = done.stdout + done.stderr
        if code is None:
            return said
        assert (done.returncode == 0) == (code == 0), f"{words}: {said}"
        return said

    def ask(self, *words: str, at: Path | None = None) -> str:
        return self.git(*words, at=at).strip()

    def tip(self, ref: str = "HEAD") -> str:
        return self.git("rev-parse", "--verify", "-q", ref, code=None).strip()

    def commit(self, name: str, text: str, *words: str, at: Path | None = None, code: int = 0) -> str:
        (at or self.root).joinpath(name).write_text(text)
        self.git("add", "-A", at=at)
        self.git("commit", "-q", "-m", f"change {name}", *words, at=at, code=code)
        return self.git("rev-parse", "--verify", "-q", "HEAD", at=at, code=None).strip()

    def loose(self, text: str, parent: str = "HEAD") -> str:
        """Return a commit that adds `new.txt`, on no branch."""
        blob = self.git("hash-object", "-w", "--stdin", given=text).strip()
        listed = self.git("ls-tree", parent) + f"100644 blob {blob}\tnew.txt\n"
        tree = self.git("mktree", given=listed).strip()
        return self.git("commit-tree", "-p", parent, "-m", "add new.txt", tree).strip()

    def unguarded(self, *words: str) -> str:
        """Run git as somebody does who goes around every hook."""
        return self.git("-c", f"core.hooksPath={os.devnull}", *words)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A clone without hooks."""
    clean_environment(tmp_path, monkeypatch)
    clone = Clone(tmp_path)
    for place in (clone.upstream, clone.root):
        subprocess.run(["git", "init", "-q", "-b", "main", place], check=True)
    clone.commit("a.txt", "one\n", at=clone.upstream)
    clone.git("remote", "add", "origin", str(clone.upstream))
    clone.git("pull", "-q", "origin", "main")
    clone.git("fetch", "-q", "origin")
    monkeypatch.chdir(clone.root)
    return clone


def install(clone: Clone) -> None:
    assert main(["hooks", "install"]) == 0


@pytest.fixture
def shop(bare: Clone, capsys: pytest.CaptureFixture[str]) -> Clone:
    """A clone with hooks."""
    install(bare)
    capsys.readouterr()
    return bare


def is_idle(shop: Clone) -> bool:
    git = shop.root / ".git"
    return not any((git / name).exists() for name in ("rebase-merge", "rebase-apply", "sequencer"))


def holds(shop: Clone, text: str) -> bool:
    """Say whether a branch or a tag of this repository brings a text."""
    return text in shop.git("log", "-p", "-m", "--branches", "--tags", "--format=%H")


@pytest.fixture
def tainted(bare: Clone, capsys: pytest.CaptureFixture[str]) -> Clone:
    """A clone whose branch `topic` holds a secret since before the hooks, twice touched; main went on."""
    secret = token(2)
    bare.git("checkout", "-q", "-b", "topic")
    lines = "".join(f"line {n}\n" for n in range(40))
    bare.commit("config.py", f"{lines}key = '{secret}'\n")
    bare.commit("config.py", f"{lines}key = '{secret}'\nlast = 1\n")
    bare.commit("b.txt", "mine\n")
    bare.git("checkout", "-q", "main")
    bare.commit("other.txt", "theirs\n")
    bare.git("checkout", "-q", "topic")
    install(bare)
    capsys.readouterr()
    return bare
