"""Rebase, mailbox and the ways out of them are never stopped by a secret that the repository has already."""

from __future__ import annotations

import pytest

from tests.integration.referenced import Clone, bare, holds, is_idle, shop, tainted, token

__all__ = ["bare", "shop", "tainted"]


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
