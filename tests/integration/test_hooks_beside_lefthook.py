"""The jobs that a refusal tells to add are jobs that lefthook runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from andon.errors import Refused
from andon.response.hooks.plan import HookState
from tests.integration.hooked import Repository, shop, surroundings

__all__ = ["shop", "surroundings"]
LEFTHOOK = Path(sys.executable).with_name("lefthook")
pytestmark = pytest.mark.skipif(not LEFTHOOK.exists(), reason="./dev bench installs lefthook")


@pytest.fixture
def beside(shop: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A clone with lefthook, to whose configuration the jobs were added."""
    (shop.root / "lefthook.yml").write_text("")
    with pytest.raises(Refused) as refused:
        shop.install()
    jobs = refused.value.remedy.partition("\n")[2]
    (shop.root / "lefthook.yml").write_text("\n".join(line[4:] for line in jobs.splitlines()) + "\n")
    shop.git("add", "lefthook.yml")
    tools = shop.tmp_path / "tools"
    tools.mkdir()
    (tools / "andon").write_text(shop.python.read_text().replace("shift 3\n", ""))
    (tools / "andon").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{LEFTHOOK.parent}:/usr/local/bin:/usr/bin:/bin")
    subprocess.run([LEFTHOOK, "install"], cwd=shop.root, check=True, capture_output=True)
    return shop


def test_a_commit_and_a_push_ask_their_gates(beside: Repository, tmp_path: Path) -> None:
    assert beside.states() == {HookState.CALLED}
    beside.commit()
    assert beside.calls() == ["gate pre-commit", "gate commit-msg .git/COMMIT_EDITMSG"]
    place = tmp_path / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", place], check=True)
    (tmp_path / "log.stdin").write_text("")
    beside.git("push", "-q", str(place), "main")
    assert beside.calls() == [f"gate pre-push {place} {place}"]
    assert (tmp_path / "log.stdin").read_text().startswith("refs/heads/main ")
    beside.answers(1)
    beside.commit(code=1)


def test_a_merge_without_conflicts_asks_too(beside: Repository) -> None:
    beside.commit()
    beside.git("checkout", "-qb", "side", "HEAD~1")
    beside.commit("other")
    beside.calls()
    beside.git("merge", "-q", "--no-edit", "main")
    assert beside.calls()[0] == "gate pre-commit"
