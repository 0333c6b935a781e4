"""A repository with gates: real git, the real command here or in git's hooks, a journal of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from andon.cli.main import main
from andon.config.load import load_config
from andon.incident.hotfix_events import HotfixStarted
from andon.wiring.desk import WiredDesk

BRANCH = "hotfix/INC-1"
#: A hook that asks the gate and keeps what it says; it lets everything through.
HOOK = """\
#!/bin/sh
"{python}" -m andon gate {point} "$@" --json > "{said}" || true
"""


def clean_environment(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the surroundings of the tests would tell git and Andon."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "ANDON_", "GITHUB_", "CI_", "GITLAB_", "BUILDKITE", "CIRCLE", "JENKINS")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Mina")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "mina@example.org")
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(place / "data"))
    monkeypatch.setenv("ANDON_WORKER", "manual")
    monkeypatch.setenv("ANDON_DELIVERY", "manual")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2] / "src"))


def git(place: Path, *words: str, check: bool = True) -> str:
    """Run git and return what it prints."""
    done = subprocess.run(["git", *words], cwd=place, capture_output=True, check=False)
    assert not check or done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "backslashreplace").strip()


class Gated:
    """A work tree, its remote, and what the gates there say."""

    def __init__(
        self, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        clean_environment(place, monkeypatch)
        self.place = place
        self.root = place / "shop"
        self.remote = place / "shop.git"
        self._monkeypatch, self._capsys = monkeypatch, capsys
        git(place, "init", "-q", "--bare", "-b", "main", str(self.remote))
        git(place, "init", "-q", "-b", "main", str(self.root))
        git(self.root, "remote", "add", "origin", str(self.remote))
        monkeypatch.chdir(self.root)
        self.write("andon.toml", 'service = "shop"\n')

    def write(self, name: str, text: str) -> None:
        """Write a file of the work tree."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def commit(self, message: str = "work", **files: str) -> str:
        """Commit everything that is there and return the commit's id."""
        for name, text in files.items():
            self.write(name, text)
        git(self.root, "add", "-A")
        git(self.root, "commit", "-q", "--no-verify", "--allow-empty", "-m", message)
        return git(self.root, "rev-parse", "HEAD")

    def hook(self, point: str, place: Path | None = None) -> Path:
        """Install a hook that asks a gate; return where it keeps the answer."""
        said = self.place / f"{point}.json"
        directory = Path(git(place or self.root, "rev-parse", "--absolute-git-dir")) / "hooks"
        directory.mkdir(exist_ok=True)
        (directory / point).write_text(HOOK.format(python=sys.executable, point=point, said=said))
        (directory / point).chmod(0o755)
        return said

    def gate(self, *words: str, given: bytes = b"", place: Path | None = None) -> dict[str, Any]:
        """Ask a gate in this process and return its answer, with the exit code as `code`."""
        with self._monkeypatch.context() as patched:
            patched.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
            patched.chdir(place or self.root)
            self._capsys.readouterr()
            code = main(["gate", *words, "--json"])
        out, err = self._capsys.readouterr()
        assert code in (0, 1, 2, 3), out + err
        return {**json.loads(out), "code": code}

    def shown(self, *words: str, given: bytes = b"") -> str:
        """Return what a gate prints for people."""
        with self._monkeypatch.context() as patched:
            patched.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
            self._capsys.readouterr()
            main(["gate", *words])
        return self._capsys.readouterr().out

    def declare(self, *, hotfix_from: str = "") -> str:
        """Declare a P1; with a commit, record that its hotfix was begun there. Return the incident."""
        assert main(["declare", "checkout is down", "--severity", "P1", "--no-capture"]) == 0
        if hotfix_from:
            with self.desk() as desk:
                desk.append(
                    "INC-1",
                    (HotfixStarted(branch=BRANCH, base_version="v1", base_commit=hotfix_from),),
                )
        return "INC-1"

    def desk(self) -> WiredDesk:
        """Return a desk at this repository's journal."""
        return WiredDesk(config=load_config(str(self.root), "shop"), place="", actor="mina", command="")


def rows(answer: dict[str, Any], number: int = 0) -> dict[str, dict[str, Any]]:
    """Return the rows of one change by their rule."""
    return {row["rule"]: row for row in answer["changes"][number]["rows"]}


def line(ref: str, old: str, new: str, local: str | None = None) -> bytes:
    """Return a line as git gives it to a pre-push hook; "" stands for no commit."""
    nothing = "0" * 40
    shown = local if local is not None else (ref if new else "(delete)")
    return f"{shown} {new or nothing} {ref} {old or nothing}\n".encode()
