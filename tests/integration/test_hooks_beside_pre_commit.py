"""Andon's hooks beside the pre-commit framework: in every order of installation, and as its own hooks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from andon.response.hooks.plan import HookState
from tests.integration.hooked import Repository, shop, surroundings

__all__ = ["shop", "surroundings"]
ROOT = Path(__file__).resolve().parents[2]

FRAMEWORK = Path(sys.executable).with_name("pre-commit")
pytestmark = pytest.mark.skipif(not FRAMEWORK.exists(), reason="./dev bench installs pre-commit")
CONFIG = """\
repos:
- repo: local
  hooks:
  - id: theirs
    name: theirs
    language: system
    entry: sh -c 'echo theirs >>{log}'
    always_run: true
    pass_filenames: false
"""


def _framework(shop: Repository, *words: str) -> None:
    (shop.root / ".pre-commit-config.yaml").write_text(CONFIG.format(log=shop.log))
    shop.git("add", ".pre-commit-config.yaml")
    subprocess.run([FRAMEWORK, *words], cwd=shop.root, check=True, capture_output=True)


def test_ours_first_then_the_framework(shop: Repository) -> None:
    shop.install()
    _framework(shop, "install")
    shop.commit()
    assert shop.calls()[:2] == ["gate pre-commit", "theirs"]
    assert shop.states() == {HookState.IN, HookState.CALLED}
    assert "is in already; pre-commit calls it" in shop.install()
    shop.answers(1)
    shop.commit(code=1)
    shop.uninstall()
    shop.calls()
    shop.commit()
    assert shop.calls() == ["theirs"]


def test_the_framework_first_then_ours(shop: Repository) -> None:
    _framework(shop, "install")
    before = (shop.hooks / "pre-commit").read_bytes()
    shop.install()
    shop.commit()
    assert shop.calls()[:2] == ["theirs", "gate pre-commit"]
    shop.uninstall()
    assert (shop.hooks / "pre-commit").read_bytes() == before


def test_the_framework_before_and_after_ours_is_no_circle(shop: Repository) -> None:
    _framework(shop, "install")
    shop.install()
    _framework(shop, "install")
    shop.commit()
    assert shop.calls()[:2] == ["gate pre-commit", "theirs"]
    assert shop.states() == {HookState.IN, HookState.CALLED}
    shop.uninstall()
    shop.commit()
    assert shop.calls() == ["theirs"]
    assert not list(shop.hooks.glob("*.andon-kept")) and not list(shop.hooks.glob("*.legacy"))


def test_a_hook_of_others_ours_and_the_framework(shop: Repository) -> None:
    shop.foreign("pre-commit")
    shop.install()
    _framework(shop, "install")
    shop.commit()
    assert shop.calls()[:3] == ["theirs ", "gate pre-commit", "theirs"]


# --- as hooks of the framework ----------------------------------------------------------------------------

USES = """\
default_install_hook_types: [pre-commit, pre-merge-commit, commit-msg, pre-push]
repos:
- repo: {place}
  rev: {commit}
  hooks:
  - id: andon-pre-commit
  - id: andon-pre-merge-commit
  - id: andon-commit-msg
  - id: andon-pre-push
"""


@pytest.fixture
def uses(shop: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A clone whose framework runs the hooks that Andon ships, with a stand-in for andon on PATH."""
    place = shop.tmp_path / "andon"
    subprocess.run(["git", "init", "-q", place], check=True)
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", place)
    shop.git("add", ".", cwd=place)
    shop.git("commit", "-qm", "ship", cwd=place)
    commit = shop.git("rev-parse", "HEAD", cwd=place).strip()
    (shop.root / ".pre-commit-config.yaml").write_text(USES.format(place=place, commit=commit))
    shop.git("add", ".pre-commit-config.yaml")
    tools = shop.tmp_path / "tools"
    tools.mkdir()
    (tools / "andon").write_text(shop.python.read_text().replace("shift 3\n", ""))
    (tools / "andon").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{FRAMEWORK.parent}:/usr/local/bin:/usr/bin:/bin")
    subprocess.run([FRAMEWORK, "install"], cwd=shop.root, check=True, capture_output=True)
    return shop


def test_the_hooks_that_are_shipped_ask_the_gates(uses: Repository, tmp_path: Path) -> None:
    uses.commit()
    assert uses.calls() == ["gate pre-commit", "gate commit-msg .git/COMMIT_EDITMSG"]
    assert uses.states() == {HookState.CALLED, HookState.OUT}  # pre-commit knows no reference-transaction
    assert set(uses.install()) == {"asks the gate already, by another tool", "added"}
    assert uses.states() == {HookState.CALLED, HookState.IN}
    uses.answers(1)
    uses.commit(code=1)


def test_a_push_is_told_to_the_gate_as_git_tells_it(uses: Repository, tmp_path: Path) -> None:
    place = tmp_path / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", place], check=True)
    uses.commit()
    head, stdin = uses.git("rev-parse", "HEAD").strip(), tmp_path / "log.stdin"
    uses.calls()
    stdin.write_text("")
    uses.git("push", "-q", str(place), "main")
    assert uses.calls() == [f"gate pre-push {place} {place}"]
    assert stdin.read_text() == f"refs/heads/main {head} refs/heads/main {'0' * 40}\n"
    uses.commit()
    uses.calls()
    stdin.write_text("")
    uses.git("push", "-q", str(place), "main")
    new = uses.git("rev-parse", "HEAD").strip()
    assert stdin.read_text() == f"refs/heads/main {new} refs/heads/main {head}\n"
    uses.commit()
    uses.answers(1)
    uses.git("push", "-q", str(place), "main", code=1)
