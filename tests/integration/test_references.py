"""The hook reference-transaction on real git: what moves a branch, with a secret and without one."""

from __future__ import annotations

import os
import random
import string
import subprocess
from collections.abc import Callable
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


def by_commit(shop: Clone, text: str) -> None:
    (shop.root / "new.txt").write_text(text)
    shop.git("add", "-A")
    shop.git("commit", "-qm", "work", code=None)


def by_commit_without_hooks(shop: Clone, text: str) -> None:
    (shop.root / "new.txt").write_text(text)
    shop.git("add", "-A")
    shop.git("commit", "-qnm", "work", code=None)


def by_merge(shop: Clone, text: str) -> None:
    other = shop.loose(text)
    shop.git("commit", "-q", "--allow-empty", "-m", "so that it is no fast-forward")
    shop.git("merge", "-q", "--no-edit", other, code=None)


def by_fast_forward(shop: Clone, text: str) -> None:
    shop.git("merge", "-q", "--ff-only", shop.loose(text), code=None)


def by_cherry_pick(shop: Clone, text: str) -> None:
    shop.git("cherry-pick", shop.loose(text), code=None)


def by_am(shop: Clone, text: str) -> None:
    patch = shop.git("format-patch", "-1", "--stdout", shop.loose(text))
    shop.git("am", "-q", code=None, given=patch)


def by_update_ref(shop: Clone, text: str) -> None:
    shop.git("update-ref", "refs/heads/main", shop.loose(text), code=None)


def by_branch(shop: Clone, text: str) -> None:
    shop.git("checkout", "-q", "--detach")
    shop.git("branch", "-f", "main", shop.loose(text), code=None)
    shop.git("checkout", "-q", "main")


def by_reset(shop: Clone, text: str) -> None:
    shop.git("reset", "-q", "--hard", shop.loose(text), code=None)


def by_fetch(shop: Clone, text: str) -> None:
    shop.commit("new.txt", text, "--no-verify", at=shop.upstream)
    shop.git("checkout", "-q", "--detach")
    shop.git("fetch", "-q", "origin", "main:main", code=None)
    shop.git("checkout", "-q", "main")


WAYS: dict[str, Callable[[Clone, str], None]] = {
    "commit": by_commit,
    "commit --no-verify": by_commit_without_hooks,
    "merge": by_merge,
    "merge --ff-only": by_fast_forward,
    "cherry-pick": by_cherry_pick,
    "am": by_am,
    "update-ref": by_update_ref,
    "branch -f": by_branch,
    "reset --hard": by_reset,
    "fetch refspec": by_fetch,
}


def holds(shop: Clone, text: str) -> bool:
    return text in shop.git("log", "-p", "-m", "--branches", "--tags", "--format=%H")


@pytest.mark.parametrize("way", WAYS)
def test_no_way_to_move_a_branch_brings_a_secret(shop: Clone, way: str) -> None:
    secret = token(1)
    WAYS[way](shop, f"key = {secret}\n")
    assert not holds(shop, secret), way


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_move_a_branch_brings_what_is_clean(shop: Clone, way: str) -> None:
    WAYS[way](shop, "a clean line\n")
    assert holds(shop, "a clean line"), way


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


def is_idle(shop: Clone) -> bool:
    git = shop.root / ".git"
    return not any((git / name).exists() for name in ("rebase-merge", "rebase-apply", "sequencer"))


def test_a_rebase_of_an_old_secret_goes_through(tainted: Clone) -> None:
    tainted.git("rebase", "-q", "main")
    assert is_idle(tainted) and tainted.git("merge-base", "--is-ancestor", "main", "topic") == ""


def test_a_rebase_that_merges_around_an_old_secret_goes_through(tainted: Clone) -> None:
    """The replayed file is a new content, the secret in it is not new."""
    tainted.git("checkout", "-q", "-b", "again", "topic~2")
    text = (tainted.root / "config.py").read_text()
    tainted.unguarded("commit", "-q", "--amend", "-m", "other base", "--allow-empty")
    (tainted.root / "config.py").write_text("first = 0\n" + text)
    tainted.git("add", "-A")
    tainted.unguarded("commit", "-qnm", "touch the first line")
    for backend in ("--merge", "--apply"):
        tainted.git("rebase", backend, "--onto", "again", "topic~1", "topic", code=None)
        assert is_idle(tainted)
        tainted.git("checkout", "-q", "topic")


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
@pytest.mark.parametrize("way", ["--abort", "--skip", "--continue"])
def test_no_way_out_of_a_rebase_is_stopped(tainted: Clone, backend: str, way: str) -> None:
    tainted.git("checkout", "-q", "main")
    tainted.commit("b.txt", "conflict\n")
    tainted.git("checkout", "-q", "topic")
    before = tainted.tip()
    assert "CONFLICT" in tainted.git("rebase", backend, "main", code=None)
    if way == "--continue":
        (tainted.root / "b.txt").write_text("both\n")
        tainted.git("add", "b.txt")
    tainted.git("-c", "core.editor=true", "rebase", way)
    assert is_idle(tainted)
    assert (tainted.tip() == before) == (way == "--abort")
    tainted.git("reset", "-q", "--hard", "ORIG_HEAD")


def test_an_old_secret_stops_no_everyday_work(tainted: Clone) -> None:
    tainted.git("commit", "-q", "--amend", "-m", "another message")
    (tainted.root / "b.txt").write_text("work in progress\n")
    tainted.git("stash", "-q")
    tainted.git("stash", "pop", "-q")
    tainted.git("stash", "-q")
    tainted.git("stash", "drop", "-q")
    tainted.git("checkout", "-q", "main")
    tainted.git("merge", "-q", "--no-verify", "--no-edit", "topic")
    tainted.git("reset", "-q", "--hard", "HEAD~1")
    tainted.git("reset", "-q", "--hard", "ORIG_HEAD")
    tainted.git("branch", "-m", "topic", "renamed")
    tainted.git("branch", "-D", "renamed")
    tainted.git("tag", "-a", "v1", "-m", "a release")
    tainted.git("gc", "-q", "--prune=now")
    tainted.git("pack-refs", "--all")
    tainted.git("worktree", "add", "-q", str(tainted.place / "tree"), "-b", "beside")
    tainted.commit("c.txt", "more\n", at=tainted.place / "tree")
    tainted.git("worktree", "remove", "--force", str(tainted.place / "tree"))
    tainted.git("clone", "-q", str(tainted.root), str(tainted.place / "cloned"))
    tainted.git("fsck", "--strict")


def test_what_the_log_of_head_still_names_can_be_gone_back_to(tainted: Clone) -> None:
    """The commits with the old secret are on no branch any more."""
    tainted.git("reset", "-q", "--hard", "main")
    tainted.git("reset", "-q", "--hard", "ORIG_HEAD")
    assert "config.py" in tainted.git("ls-files")


def test_a_mailbox_that_is_stopped_can_be_left(shop: Clone) -> None:
    secret = token(3)
    patch = shop.git("format-patch", "-1", "--stdout", shop.loose(f"key = {secret}\n"))
    before = shop.tip()
    for way in ("--abort", "--skip", "--quit"):
        shop.git("am", "-q", code=1, given=patch)
        shop.git("am", way)
        assert is_idle(shop) and not holds(shop, secret)
        shop.git("reset", "-q", "--hard")
        shop.git("clean", "-qfd")
    assert shop.tip() == before


def test_a_new_secret_is_stopped_in_a_rebase_and_the_rebase_goes_on(shop: Clone) -> None:
    for n in range(3):
        shop.commit(f"{n}.txt", "text\n")
    shop.git("-c", "sequence.editor=sed -i s/^pick/edit/", "rebase", "-i", "HEAD~2")
    shop.commit("1.txt", f"key = {token(4)}\n", "--no-verify", code=1)
    shop.commit("1.txt", "clean again\n", "--no-verify")
    shop.git("rebase", "--continue")
    shop.git("rebase", "--continue")
    assert is_idle(shop) and not holds(shop, token(4))


def test_a_secret_that_is_fetched_is_told_and_gets_onto_no_branch(shop: Clone) -> None:
    secret = token(5)
    before = shop.tip("refs/heads/main")
    taken = shop.commit("new.txt", f"key = {secret}\n", at=shop.upstream)
    shop.commit("new.txt", "taken out again\n", at=shop.upstream)
    said = shop.git("fetch", "-q", "origin")
    assert taken[:10] in said and "andon leak start" in said and secret not in said
    assert shop.tip("refs/remotes/origin/main") != before, "nobody is cut off"
    for words in (
        ("merge", "-q", "origin/main"),
        ("reset", "-q", "--hard", "origin/main"),
        ("branch", "-f", "beside", "origin/main"),
        ("tag", "t", "origin/main~1"),
        ("rebase", "-q", "origin/main"),
        ("pull", "-q", "--rebase", "origin", "main"),
        ("cherry-pick", "origin/main~1"),
        ("push", "-q", ".", "origin/main:refs/heads/pushed"),
    ):
        assert "andon" in shop.git(*words, code=1), words
        shop.git("rebase", "--abort", code=None)
        shop.git("reset", "-q", "--hard")
        assert is_idle(shop), words
        assert not holds(shop, secret), words
    shop.git("checkout", "-q", "origin/main")
    shop.git("checkout", "-q", "main")
    assert shop.tip("refs/heads/main") == before
    shop.commit("mine.txt", "work goes on\n")
    shop.git("fetch", "-q", "origin")


def test_what_was_put_aside_does_not_come_back_as_a_branch(shop: Clone) -> None:
    (shop.root / "a.txt").write_text(f"key = {token(6)}\n")
    shop.git("stash", "-q")
    shop.git("branch", "aside", "stash@{0}", code=1)
    shop.git("stash", "pop", "-q")


def test_tags_of_every_kind_are_judged(shop: Clone) -> None:
    secret = token(7)
    blob = shop.git("hash-object", "-w", "--stdin", given=f"key = {secret}\n").strip()
    shop.git("tag", "of-a-file", blob, code=1)
    tree = shop.git("mktree", given=f"100644 blob {blob}\tx\n").strip()
    shop.git("tag", "of-a-tree", tree, code=1)
    shop.git("tag", "-a", "told", "-m", f"key = {secret}", code=1)
    shop.git("notes", "add", "-m", f"key = {secret}", code=1)
    clean = shop.git("hash-object", "-w", "--stdin", given="a public key\n").strip()
    shop.git("tag", "of-a-clean-file", clean)
    shop.git("notes", "add", "-m", "a note")


def test_another_tree_and_a_submodule_are_guarded_and_unharmed(shop: Clone) -> None:
    tree = shop.place / "tree"
    shop.git("worktree", "add", "-q", str(tree), "-b", "beside")
    shop.commit("x.txt", f"key = {token(8)}\n", "--no-verify", at=tree, code=1)
    shop.git("reset", "-q", "--hard", at=tree)
    shop.commit("x.txt", "clean\n", at=tree)
    shop.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(shop.upstream), "sub")
    shop.git("commit", "-qm", "a submodule")
    shop.git("-c", "protocol.file.allow=always", "submodule", "update", "--init", "--remote", "-q")


def test_without_andon_the_ways_back_stay_open(shop: Clone) -> None:
    hook = shop.root / ".git" / "hooks" / "reference-transaction"
    text = hook.read_text()
    lines = ["python=''" if line.startswith("python=") else line for line in text.splitlines()]
    hook.write_text("\n".join(lines).replace("command -v andon", "command -v no-such-program") + "\n")
    first, second = shop.tip(), shop.loose("text\n")
    assert "way out" in shop.git("update-ref", "refs/heads/main", second, code=1)
    shop.git("branch", "beside")
    shop.git("checkout", "-q", "beside")
    shop.git("checkout", "-q", "main")
    shop.commit("new.txt", "text\n", at=shop.upstream)
    shop.git("fetch", "-q", "origin")
    assert shop.tip() == first


def test_an_empty_repository_gets_its_first_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clean_environment(tmp_path, monkeypatch)
    shop = Clone(tmp_path)
    subprocess.run(["git", "init", "-q", "-b", "main", shop.root], check=True)
    monkeypatch.chdir(shop.root)
    install(shop)
    shop.commit("a.txt", f"key = {token(9)}\n", "--no-verify", code=1)
    shop.commit("a.txt", "one\n")
