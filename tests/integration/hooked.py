"""A clone with Andon's hooks on real git, and a program that stands for Andon and keeps how it was called."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from andon.desk.hooks import install_hooks, look_at_hooks, uninstall_hooks
from andon.production.hook_files import GitHookFiles
from andon.response.hooks.plan import HookState, Launcher
from tests.fakes.desk import FakeDesk

#: Stands for the interpreter that is named in a hook: `-I -S START gate POINT ...`.
STAND_IN = """\
#!/bin/sh
shift 3
case $2 in reference-transaction)
    echo "$*" >>{log}.moves
    cat >>{log}.moved
    [ -r {log}.moves.code ] && exit "$(cat {log}.moves.code)"
    exit 0 ;;
esac
echo "$*" >>{log}
cat >>{log}.stdin
[ -r {log}.code ] && exit "$(cat {log}.code)"
exit 0
"""
FOREIGN = '#!/bin/sh\necho "theirs $*" >>{log}\n{more}'


class Repository:
    """A clone with Andon's hooks, or about to get them."""

    def __init__(self, tmp_path: Path, root: Path) -> None:
        self.root = root
        self.tmp_path = tmp_path
        self.log = tmp_path / "log"
        self.python = tmp_path / "stand-in"
        self.python.write_text(STAND_IN.format(log=self.log))
        self.python.chmod(0o755)
        self.files = GitHookFiles(str(root))

    def git(self, *words: str, code: int = 0, given: str | None = None, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *words], cwd=cwd or self.root, capture_output=True, text=True, input=given or ""
        )
        assert done.returncode == code or (code and done.returncode), f"{words}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def commit(self, name: str = "file", *words: str, code: int = 0) -> str:
        (self.root / name).write_text(os.urandom(4).hex())
        self.git("add", "-f", name)
        return self.git("commit", "-q", "-m", f"change {name}", *words, code=code)

    @property
    def hooks(self) -> Path:
        return Path(self.files.place().directory)

    def desk(self) -> FakeDesk:
        desk = FakeDesk(self.root)
        files = self.files = GitHookFiles(str(self.root))
        start = self.tmp_path / "start.py"
        start.touch()
        files.launcher = lambda: (  # type: ignore[method-assign]
            Launcher()
            if files.place().is_in_work_tree
            else Launcher(python=str(self.python), start=str(start))
        )
        desk.hook_files = files  # type: ignore[assignment]
        return desk

    def install(self, **options: bool) -> list[str]:
        return [hook.told for hook in install_hooks(self.desk(), **options).hooks]

    def uninstall(self) -> list[str]:
        return [hook.told for hook in uninstall_hooks(self.desk()).hooks]

    def states(self) -> set[HookState]:
        return {hook.state for hook in look_at_hooks(self.desk()).hooks}

    def calls(self) -> list[str]:
        """Return how everybody was called since the last time."""
        found = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return found

    def moves(self) -> list[str]:
        """Return what was asked about references that move, since the last time."""
        path = self.tmp_path / "log.moved"
        found = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return found

    def answers(self, code: int) -> None:
        (self.tmp_path / "log.code").write_text(str(code))

    def answers_of_moves(self, code: int) -> None:
        (self.tmp_path / "log.moves.code").write_text(str(code))

    def foreign(self, name: str, more: str = "", mode: int = 0o755) -> bytes:
        path = self.hooks / name
        path.write_text(FOREIGN.format(log=self.log, more=more))
        path.chmod(mode)
        return path.read_bytes()


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("GIT_", "PRE_COMMIT"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\nname = Mia\nemail = mia@example.org\n[init]\ndefaultBranch = main\n"
        '[protocol "file"]\nallow = always\n[advice]\nignoredHook = false\n'
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(home / "pre-commit"))


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """A clone with one commit."""
    root = tmp_path / "shop"
    subprocess.run(["git", "init", "-q", root], check=True)
    repository = Repository(tmp_path, root)
    repository.commit()
    return repository
