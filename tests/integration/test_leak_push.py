"""The purged history goes to a remote, to the own clone, and away again; the world does not hold still."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from andon.desk.leak.accounts import PushPlan
from andon.desk.leak.texts import for_collaborators, for_forks, for_support, plan_in_words
from andon.errors import NotFound, Refused
from andon.production.history_work import GitHistories
from tests.integration.leaked import commit, git, secret, start

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def quiet(_: str) -> None:
    """Take a line and say nothing."""


class Shop:
    """A clone with a leak in its history, its remote, and a purge of it."""

    def __init__(self, place: Path) -> None:
        self.place, self.root, self.remote = place, place / "shop", place / "remote.git"
        self.room = str(place / "room")
        self.leaked = secret(11)
        start(self.root)
        self.clean = git(self.root, "rev-parse", "HEAD")
        self.first = commit(self.root, {".env": b"KEY=" + self.leaked.value + b"\n"})
        git(self.root, "tag", "v1")
        git(self.root, "tag", "v0", self.clean)
        commit(self.root, {"more.txt": b"more\n"})
        git(self.root, "branch", f"fix-{self.leaked.value.decode()}")
        git(place, "clone", "-q", "--mirror", str(self.root), str(self.remote))
        git(self.remote, "update-ref", "refs/pull/3/head", self.first)
        git(self.root, "remote", "add", "origin", "../remote.git")
        git(self.root, "fetch", "-q", "origin")
        self.work = GitHistories(str(self.root))

    def purge(self) -> Shop:
        self.work.purge(self.room, (self.leaked,), (), (), quiet)
        assert self.work.verify(self.room, (self.leaked,), (), quiet).survivors == ()
        return self

    def plan(self) -> PushPlan:
        return self.work.plan_push(self.room, (self.leaked,), "origin", quiet)

    def at_remote(self) -> str:
        return git(self.remote, "for-each-ref", "--format=%(refname) %(objectname)")

    def holds(self, root: Path) -> bool:
        listed = git(root, "log", "--all", "-p", "--format=%B").encode()
        return self.leaked.value in listed


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A purged shop."""
    return Shop(tmp_path).purge()


def test_the_plan_insists_on_what_the_remote_has_now(shop: Shop) -> None:
    planned = {r.ref: r for r in shop.plan().refs}
    assert planned["refs/heads/main"].old == git(shop.remote, "rev-parse", "main")
    assert planned["refs/heads/main"].new != planned["refs/heads/main"].old
    assert "refs/tags/v0" not in planned
    assert "support" in planned["refs/pull/3/head"].refused
    assert planned[f"refs/heads/fix-{shop.leaked.value.decode()}"].new == ""
    assert planned[f"refs/heads/fix-removed-api-key-{shop.leaked.mark}"].old == ""


def test_a_push_leaves_nothing_that_the_remote_lets_go(shop: Shop) -> None:
    done = shop.work.push(shop.room, (shop.leaked,), shop.plan(), quiet)
    assert done.failed == ()
    assert done.kept == ("refs/pull/3/head",), "no push ever takes that; its support does"
    git(shop.remote, "update-ref", "-d", "refs/pull/3/head")
    assert not shop.holds(shop.remote)
    assert shop.leaked.value.decode() not in shop.at_remote() + repr(done)
    again = shop.plan()
    assert [r for r in again.refs if not r.refused] == []


def test_planning_pushes_nothing(shop: Shop) -> None:
    before = shop.at_remote()
    shop.plan()
    assert shop.at_remote() == before


def test_somebody_who_pushed_meanwhile_is_not_overwritten(shop: Shop) -> None:
    planned = shop.plan()
    newer = git(shop.remote, "commit-tree", "main^{tree}", "-p", "main", "-m", "newer")
    git(shop.remote, "update-ref", "refs/heads/main", newer)
    done = shop.work.push(shop.room, (shop.leaked,), planned, quiet)
    assert any(one.startswith("refs/heads/main: somebody pushed there meanwhile") for one in done.failed)
    assert git(shop.remote, "rev-parse", "main") == newer
    assert "refs/tags/v1" in done.pushed
    planned = {r.ref: r for r in shop.plan().refs}
    assert "this clone has not" in planned["refs/heads/main"].refused


def test_what_only_the_remote_has_is_purged_when_it_is_asked(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    newer = git(shop.remote, "commit-tree", "main^{tree}", "-p", "main", "-m", "newer")
    git(shop.remote, "update-ref", "refs/heads/other", newer)
    shop.work.purge(shop.room, (shop.leaked,), (), ("origin",), quiet)
    planned = {r.ref: r for r in shop.plan().refs}
    assert planned["refs/heads/other"].refused == ""
    assert planned["refs/heads/other"].new not in ("", newer)


def test_a_remote_that_refuses_is_told_reference_by_reference(shop: Shop) -> None:
    hook = shop.remote / "hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\n[ "$1" != refs/heads/main ]\n')
    hook.chmod(0o755)
    before = git(shop.remote, "rev-parse", "main")
    done = shop.work.push(shop.room, (shop.leaked,), shop.plan(), quiet)
    assert any(one.startswith("refs/heads/main: ") and "administrator" in one for one in done.failed)
    assert git(shop.remote, "rev-parse", "main") == before
    assert "refs/tags/v1" in done.pushed


def test_a_remote_that_nobody_knows(shop: Shop) -> None:
    with pytest.raises(NotFound, match="elsewhere"):
        shop.work.plan_push(shop.room, (shop.leaked,), "elsewhere", quiet)


def test_nothing_is_pushed_from_a_mirror_that_is_not_whole(shop: Shop) -> None:
    (Path(shop.room) / "mirror.git.whole").unlink()
    with pytest.raises(Refused, match="no purged mirror"):
        shop.plan()


def test_the_texts_say_what_to_do_and_never_the_secret(shop: Shop) -> None:
    planned = shop.plan()
    letters = (
        for_collaborators(planned, (shop.first,))
        + for_forks(planned, (shop.first,))
        + for_support(planned, (shop.first,), 1, ("sha256:aa11",))
    )
    for needed in (
        f"git cat-file -t {shop.first}",
        "git rebase --onto",
        "Never merge",
        "Pull requests",
        "(1 were seen, such as refs/pull/3/head)",
        "no commit names any more: sha256:aa11",
    ):
        assert needed in letters
    assert shop.leaked.value.decode() not in letters
    assert "if it still is" in plan_in_words(planned)


def test_adopting_tells_first_and_leaves_nothing_afterwards(shop: Shop) -> None:
    told = shop.work.adopt(shop.room, (shop.leaked,), write=False, tell=quiet)
    assert told.hindrances == ()
    assert told.steps
    assert shop.holds(shop.root)
    done = shop.work.adopt(shop.room, (shop.leaked,), write=True, tell=quiet)
    assert done.survivors == ()
    assert git(shop.root, "status", "--porcelain") == ""
    assert (shop.root / ".env").read_text() == f"KEY=[removed:api-key:{shop.leaked.mark}]\n"
    assert git(shop.root, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert "refs/andon" not in git(shop.root, "for-each-ref")
    assert shop.leaked.value.decode() not in repr(done)


def test_adopting_waits_for_work_that_would_be_lost(shop: Shop) -> None:
    (shop.root / "more.txt").write_text("changed\n")
    git(shop.root, "stash", "-q")
    (shop.root / "more.txt").write_text("changed again\n")
    commit(shop.root, {"new.txt": b"after the purge\n"})
    (shop.root / "more.txt").write_text("and again\n")
    told = shop.work.adopt(shop.room, (shop.leaked,), write=True, tell=quiet)
    assert told.survivors is None
    whole = "\n".join(told.hindrances)
    for hindrance in ("tracked files have changes", "stash", "refs/heads/main has commits that came after"):
        assert hindrance in whole
    assert (shop.root / "more.txt").read_text() == "and again\n"
    assert shop.holds(shop.root)


def test_untracked_files_survive_adopting(shop: Shop) -> None:
    (shop.root / "mine.txt").write_text("mine\n")
    assert shop.work.adopt(shop.room, (shop.leaked,), write=True, tell=quiet).survivors == ()
    assert (shop.root / "mine.txt").read_text() == "mine\n"


def test_an_untracked_file_with_the_secret_is_named(shop: Shop) -> None:
    (shop.root / "mine.env").write_bytes(b"K=" + shop.leaked.value)
    done = shop.work.adopt(shop.room, (shop.leaked,), write=True, tell=quiet)
    assert done.survivors == ("work tree: mine.env (plain)",)


def test_cleaning_up_leaves_a_backup_until_its_day(shop: Shop) -> None:
    backup = shop.work.back_up(shop.room, (shop.leaked,), NOW + timedelta(days=30), quiet)
    done = shop.work.clean_up(shop.room, NOW, quiet)
    assert done.left == ()
    assert done.kept == (f"{backup.path}: the backup is kept until 2026-04-01",)
    assert sorted(os.listdir(shop.room)) == sorted(
        {Path(backup.path).name, Path(backup.path).name + ".delete-after"}
    )
    done = shop.work.clean_up(shop.room, NOW + timedelta(days=31), quiet)
    assert done.removed == (backup.path,)
    assert os.listdir(shop.room) == []


def test_cleaning_up_twice_is_no_failure(shop: Shop) -> None:
    shop.work.clean_up(shop.room, NOW, quiet)
    done = shop.work.clean_up(shop.room, NOW, quiet)
    assert (done.removed, done.left, done.kept) == ((), (), ())


def test_what_cannot_be_removed_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("shutil.rmtree", refuse)
    done = shop.work.clean_up(shop.room, NOW, quiet)
    assert any("mirror.git: it cannot be removed" in one for one in done.left)


@pytest.mark.parametrize("flag", ["assume-unchanged", "skip-worktree"])
def test_changes_that_git_was_told_not_to_look_at_are_kept(shop: Shop, flag: str) -> None:
    git(shop.root, "update-index", f"--{flag}", ".env")
    (shop.root / ".env").write_text("KEY=mine\n")
    told = shop.work.adopt(shop.room, (shop.leaked,), write=True, tell=quiet)
    assert told.survivors is None
    assert any(one.startswith(f".env has changes and is marked {flag}") for one in told.hindrances)
    assert (shop.root / ".env").read_text() == "KEY=mine\n"
    git(shop.root, "update-index", f"--no-{flag}", ".env")
    git(shop.root, "checkout", "--", ".env")
    assert shop.work.adopt(shop.room, (shop.leaked,), write=True, tell=quiet).survivors == ()


def test_a_clone_that_borrows_objects_is_told_to_stand_alone_first(shop: Shop, tmp_path: Path) -> None:
    alternates = shop.root / ".git/objects/info/alternates"
    git(tmp_path, "clone", "-q", "--bare", str(shop.root), "lender.git")
    alternates.write_text(f"{tmp_path}/lender.git/objects\n")
    told = shop.work.adopt(shop.room, (shop.leaked,), write=True, tell=quiet)
    assert any("borrowed from another repository" in one for one in told.hindrances)
    git(shop.root, "repack", "-q", "-a", "-d")
    alternates.unlink()
    assert shop.work.adopt(shop.room, (shop.leaked,), write=True, tell=quiet).survivors == ()
