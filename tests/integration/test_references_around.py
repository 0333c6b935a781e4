"""What the hook reference-transaction does beside commits: fetches, tags, stash, worktrees, old secrets."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.integration.gated import clean_environment
from tests.integration.referenced import Clone, bare, holds, install, is_idle, shop, tainted, token

__all__ = ["bare", "shop", "tainted"]


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


def test_a_fetch_of_many_branches_is_judged_together_before_a_branch_moves(shop: Clone) -> None:
    up = shop.upstream
    for n in range(12):
        text = f"key = {token(40)}\n" if n == 11 else f"{n}\n"
        shop.git("checkout", "-q", "-b", f"b{n:02}", "main", at=up)
        shop.commit("many.txt", text, at=up)
    shop.git("fetch", "-q", "origin")
    assert (shop.root / ".git" / "andon" / "fetched").read_text().count("\n") == 7
    said = shop.git("branch", "mine", "origin/b11", code=1)
    assert "origin/b11 brings a secret" in said and "refs/heads/mine is not moved" in said
    assert (shop.root / ".git" / "andon" / "fetched").read_text() == ""
    shop.git("branch", "mine", "origin/b10")


def test_what_was_put_aside_does_not_come_back_as_a_branch(shop: Clone) -> None:
    (shop.root / "a.txt").write_text(f"key = {token(6)}\n")
    shop.git("stash", "-q")
    shop.git("branch", "aside", "stash@{0}", code=1)
    shop.git("stash", "pop", "-q")


@pytest.mark.parametrize("own", ["refs/bisect/x", "refs/rewritten/x", "refs/worktree/x"])
def test_what_git_keeps_for_itself_is_no_way_around(shop: Clone, own: str) -> None:
    bad = shop.loose(f"key = {token(8)}\n")
    shop.git("update-ref", own, bad)
    shop.git("branch", "aside", own, code=1)
    shop.git("merge", "-q", "--ff-only", own, code=1)


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
