"""The ports that guard references: what the rules rely on, on the fakes and on real files and git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from andon.desk.ports_guarding import BanFile, Receipts, References, Tainted
from andon.production.ban_file import GitBanFile
from andon.production.git_references import GitReferences
from andon.production.receipts_file import GitReceipts
from andon.production.tainted_file import TaintedFile
from tests.fakes.guarding import FakeBanFile, FakeReceipts, FakeReferences, FakeTainted

ONE, TWO = "1" * 40, "2" * 40


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Mina")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "mina@example.org")
    subprocess.run(["git", "init", "-q", "-b", "main", tmp_path / "shop"], check=True)
    return tmp_path / "shop"


@pytest.fixture(params=["fake", "real"])
def is_real(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "real")


def test_what_is_given_is_known(root: Path, is_real: bool) -> None:
    receipts: Receipts = GitReceipts(str(root)) if is_real else FakeReceipts()
    assert not receipts.has_begun and not receipts.passed() and not receipts.before()
    receipts.begin(())
    assert receipts.has_begun and receipts.before() == ("-",)
    receipts.begin((ONE,))
    receipts.give((TWO,), "rules")
    assert receipts.before() == ("-", ONE) and receipts.passed() == {TWO}


def test_what_was_staged_and_worded_is_known_by_its_content(root: Path, is_real: bool) -> None:
    receipts: Receipts = GitReceipts(str(root)) if is_real else FakeReceipts()
    receipts.give_worded("a message without a commit", "rules")
    assert not receipts.passed()
    receipts.keep_staged(ONE, TWO)
    receipts.give_worded("work\n", "rules")
    (first,) = receipts.passed()
    receipts.give_worded("other words", "rules")
    assert first in receipts.passed() and len(receipts.passed()) == 2


def test_what_is_tainted_is_kept_until_it_is_forgotten(root: Path, is_real: bool) -> None:
    tainted: Tainted = TaintedFile(str(root)) if is_real else FakeTainted()
    assert not tainted.all() and not tainted.waiting()
    tainted.remember((ONE,), "refs/remotes/origin/main")
    tainted.remember((ONE, TWO), "refs/remotes/origin/side")
    assert tainted.all() == {ONE, TWO}
    tainted.forget((ONE,))
    assert tainted.all() == {TWO}
    tainted.caught_up(0)
    assert tainted.waiting() == ()


def test_a_list_is_read_as_it_was_written(root: Path, is_real: bool) -> None:
    bans: BanFile = GitBanFile(str(root)) if is_real else FakeBanFile()
    assert bans.read() == "" and bans.place.endswith("banned")
    bans.write("one\n")
    bans.write("two\n")
    assert bans.read() == "two\n"


def test_an_empty_repository_knows_nothing(root: Path, is_real: bool) -> None:
    references: References = GitReferences(str(root)) if is_real else FakeReferences()
    assert not references.exists("refs/heads/main") and references.tips() == ()
    assert not references.holds(ONE, ()) and references.versions("x", ()) == ()
    assert list(references.messages(())) == [] and references.since((), 10) == ()
    assert not references.is_replaying() and not references.is_start_of_replay(ONE)
    assert not references.is_partial() and references.version().startswith("git version")


def test_the_history_of_a_path_is_known_without_what_some_commits_brought(root: Path) -> None:
    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=root, check=True, capture_output=True, text=True
        ).stdout.strip()

    for text in ("one", "two"):
        (root / "a b[1].txt").write_text(text)
        git("add", "-A")
        git("commit", "-qm", f"write {text}")
    first, second = git("rev-parse", "HEAD~1"), git("rev-parse", "HEAD")
    one, two = git("rev-parse", "HEAD~1:a b[1].txt"), git("rev-parse", "HEAD:a b[1].txt")
    references = GitReferences(str(root))
    assert set(references.versions("a b[1].txt", ())) == {two, one}
    assert references.versions("a b[1].txt", (second,)) == (one,)
    assert references.holds(one, ()) and not references.holds(one, (first,)), (
        "one that is removed is not brought"
    )
    assert set(references.messages((first,))) == {"write two"}
    assert references.index() == (git("rev-parse", "HEAD^{tree}"), second)
    git("pack-refs", "--all")
    assert references.index()[1] == second
    assert [author for _, author, _ in references.since((first,), 10)] == ["Mina"]
    git("reset", "-q", "--hard", first)
    assert references.holds(two, ()), "the log of HEAD still names it"
    assert references.reached(second, {second}) == (second,)
    git("branch", "kept", second)
    assert references.reached(second, {second}) == ()
