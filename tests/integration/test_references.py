"""Every way to move a branch, with a secret and without one: the hook reference-transaction on real git."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.referenced import Clone, bare, holds, shop, token

__all__ = ["bare", "shop"]


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


@pytest.mark.parametrize("way", WAYS)
def test_no_way_to_move_a_branch_brings_a_secret(shop: Clone, way: str) -> None:
    secret = token(1)
    WAYS[way](shop, f"key = {secret}\n")
    assert not holds(shop, secret), way


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_move_a_branch_brings_what_is_clean(shop: Clone, way: str) -> None:
    WAYS[way](shop, "a clean line\n")
    assert holds(shop, "a clean line"), way
