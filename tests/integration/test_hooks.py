"""Andon's hooks in the repositories of the real world, on real git: each test is a situation somebody is in.

Andon itself is a small program that writes down how it was called and answers as it is told to.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from andon.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from andon.response.hooks.plan import BESIDE, HookState
from andon.response.hooks.script import CLIENT, VERSION
from tests.integration.hooked import FOREIGN, Repository, shop, surroundings

__all__ = ["shop", "surroundings"]


def test_every_way_to_a_commit_and_a_push_asks_its_gate(shop: Repository, tmp_path: Path) -> None:
    shop.install()
    shop.commit()
    assert shop.calls() == ["gate pre-commit", "gate commit-msg .git/COMMIT_EDITMSG"]
    shop.git("checkout", "-qb", "side", "HEAD~1")
    shop.commit("other")
    shop.calls()
    shop.git("merge", "-q", "--no-edit", "main")
    assert shop.calls() == ["gate pre-commit", "gate commit-msg .git/MERGE_MSG"]
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "origin.git"], check=True)
    shop.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    (tmp_path / "log.stdin").unlink()
    shop.git("push", "-q", "origin", "side")
    assert shop.calls() == [f"gate pre-push origin {tmp_path / 'origin.git'}"]
    head = shop.git("rev-parse", "HEAD").strip()
    assert (tmp_path / "log.stdin").read_text() == f"refs/heads/side {head} refs/heads/side {'0' * 40}\n"
    shop.git("push", "-q", "origin", "side")
    assert shop.calls() == [], "there was nothing to push"


@pytest.mark.parametrize("code", [1, 2, 3, 4, 130])
def test_whatever_is_not_a_yes_stops_a_commit(shop: Repository, code: int) -> None:
    shop.install()
    shop.answers(code)
    shop.commit(code=1)
    shop.commit("file", "--no-verify")


def test_a_second_time_changes_nothing(shop: Repository) -> None:
    shop.install()
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in shop.hooks.iterdir()}
    assert set(shop.install()) == {"is in already"}
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in shop.hooks.iterdir()} == before
    assert shop.states() == {HookState.IN}


def test_out_again_leaves_nothing(shop: Repository) -> None:
    before = sorted(shop.hooks.iterdir())
    shop.install()
    assert shop.uninstall()[0] == "removed"
    assert sorted(shop.hooks.iterdir()) == before
    assert shop.uninstall()[0] == "was not in"


def test_an_older_hook_of_ours_is_brought_up_to_date(shop: Repository) -> None:
    shop.install()
    path = shop.hooks / "pre-commit"
    path.write_text(
        path.read_text().replace(f"version {VERSION}:", "version 0:").replace("andon gate", "andon old")
    )
    assert shop.states() == {HookState.IN, HookState.OUTDATED}
    assert "is brought up to date" in shop.install()
    assert shop.states() == {HookState.IN}


def test_a_hook_of_others_is_kept_called_and_put_back(shop: Repository) -> None:
    theirs = shop.foreign("pre-commit", mode=0o750)
    assert "kept as pre-commit.andon-kept and called" in shop.install()[0]
    shop.commit()
    assert shop.calls()[:2] == ["theirs ", "gate pre-commit"]
    shop.install()
    shop.commit()
    assert shop.calls()[:2] == ["theirs ", "gate pre-commit"]
    shop.uninstall()
    path = shop.hooks / "pre-commit"
    assert path.read_bytes() == theirs and stat.S_IMODE(path.stat().st_mode) == 0o750
    assert not (shop.hooks / "pre-commit.andon-kept").exists()


def test_the_exit_code_of_a_hook_of_others_counts(shop: Repository) -> None:
    shop.foreign("pre-commit", "exit 7\n")
    shop.install()
    shop.commit(code=1)
    assert shop.calls() == ["theirs "], "what may still change the commit comes first"


def test_a_message_that_others_rewrite_is_judged_as_they_leave_it(shop: Repository) -> None:
    shop.foreign("commit-msg", 'echo "rewritten" >"$1"\n')
    shop.install()
    shop.commit()
    assert shop.calls() == [
        "gate pre-commit",
        "theirs .git/COMMIT_EDITMSG",
        "gate commit-msg .git/COMMIT_EDITMSG",
    ]


def test_both_hooks_of_a_push_read_what_is_pushed(shop: Repository, tmp_path: Path) -> None:
    shop.foreign("pre-push", f"cat >{tmp_path}/theirs.stdin\n")
    shop.install()
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "origin.git"], check=True)
    shop.git("push", "-q", str(tmp_path / "origin.git"), "main", "main:second")
    place = tmp_path / "origin.git"
    assert shop.calls() == [f"gate pre-push {place} {place}", f"theirs {place} {place}"]
    assert (tmp_path / "theirs.stdin").read_text() == (tmp_path / "log.stdin").read_text()
    assert len((tmp_path / "theirs.stdin").read_text().splitlines()) == 2
    shop.answers(1)
    shop.git("push", "-q", str(place), "main:third", code=1)
    assert [line.split()[0] for line in shop.calls()] == ["gate"], (
        "theirs may send something: ours comes first"
    )
    shop.answers(0)
    shop.git("push", "-q", str(place), "main")
    assert [line.split()[0] for line in shop.calls()] == ["theirs"]


def test_a_hook_that_git_would_not_run_is_kept_and_not_run(shop: Repository) -> None:
    theirs = shop.foreign("pre-commit", "exit 1\n", mode=0o644)
    shop.install()
    shop.commit()
    assert shop.calls()[0] == "gate pre-commit"
    shop.uninstall()
    assert (shop.hooks / "pre-commit").read_bytes() == theirs
    assert (
        not os.access(shop.hooks / "pre-commit", os.X_OK)
        or os.stat(shop.hooks / "pre-commit").st_mode & 0o111 == 0
    )


def test_a_hook_that_is_a_link_stays_a_link(shop: Repository) -> None:
    (shop.root / "tool.sh").write_text(FOREIGN.format(log=shop.log, more=""))
    (shop.root / "tool.sh").chmod(0o755)
    (shop.hooks / "pre-commit").symlink_to("../../tool.sh")
    shop.install()
    shop.commit()
    assert shop.calls()[:2] == ["theirs ", "gate pre-commit"]
    shop.uninstall()
    assert os.readlink(shop.hooks / "pre-commit") == "../../tool.sh"
    assert (shop.root / "tool.sh").read_text().startswith("#!/bin/sh\necho"), (
        "the file behind it is untouched"
    )


def test_a_link_that_leads_nowhere_is_kept(shop: Repository) -> None:
    (shop.hooks / "pre-commit").symlink_to("gone")
    shop.install()
    shop.commit()
    shop.uninstall()
    assert os.readlink(shop.hooks / "pre-commit") == "gone"


def test_a_hook_with_windows_ends_is_told(shop: Repository) -> None:
    (shop.hooks / "pre-commit").write_bytes(b"#!/bin/sh\r\nexit 0\r\n")
    assert "Windows line ends" in shop.install()[0]
    assert (shop.hooks / "pre-commit.andon-kept").read_bytes() == b"#!/bin/sh\r\nexit 0\r\n"


def test_our_hooks_have_unix_ends_whatever_git_converts(shop: Repository) -> None:
    shop.git("config", "core.autocrlf", "true")
    shop.install()
    assert all(b"\r" not in (shop.hooks / name).read_bytes() for name in CLIENT)


def test_two_hooks_of_others_are_told_and_left(shop: Repository) -> None:
    shop.foreign("pre-commit")
    shop.install()
    newer = shop.foreign("pre-commit", "true\n")
    with pytest.raises(Conflict, match="two hooks of others"):
        shop.install()
    assert (shop.hooks / "pre-commit").read_bytes() == newer


def test_a_directory_in_place_of_a_hook_is_told(shop: Repository) -> None:
    (shop.hooks / "pre-commit").mkdir()
    with pytest.raises(InvalidInput, match="a directory"):
        shop.install()


@pytest.mark.parametrize("setting", ["hooks-of-ours", "./hooks of ours", "~/shop/hooks", "ABSOLUTE"])
def test_a_place_of_its_own_is_where_git_looks(shop: Repository, tmp_path: Path, setting: str) -> None:
    shop.git("config", "core.hooksPath", setting.replace("ABSOLUTE", str(shop.root / "tool" / "hooks")))
    if setting.startswith("~"):
        (tmp_path / "home" / "shop").symlink_to(shop.root)
    shop.install()
    text = (shop.hooks / "pre-commit").read_text()
    assert str(tmp_path) not in text, "it may be committed"
    assert "python=''" in text
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "andon").write_text(f'#!/bin/sh\necho "$*" >>{shop.log}\n')
    (tools / "andon").chmod(0o755)
    os.environ["PATH"], before = f"{tools}:{os.environ['PATH']}", os.environ["PATH"]
    try:
        shop.commit()
    finally:
        os.environ["PATH"] = before
    first = ["gate pre-commit", "gate commit-msg .git/COMMIT_EDITMSG"]
    assert shop.calls() == [*first, "gate reference-transaction prepared"]


@pytest.mark.parametrize("scope", ["--global", "--local"])
def test_a_place_that_others_share_is_refused_with_the_lines(
    shop: Repository, tmp_path: Path, scope: str
) -> None:
    shop.git("config", scope, "core.hooksPath", str(tmp_path / "home" / "hooks"))
    with pytest.raises(Refused, match="outside this repository") as refused:
        shop.install()
    assert 'andon gate pre-commit "$@" || exit' in refused.value.remedy
    assert not (tmp_path / "home" / "hooks").exists()


def test_a_link_out_of_the_repository_is_refused(shop: Repository, tmp_path: Path) -> None:
    shop.hooks.rename(tmp_path / "shared")
    shop.hooks.symlink_to(tmp_path / "shared")
    with pytest.raises(Refused, match="a link leads to a place outside"):
        shop.install()
    assert not (tmp_path / "shared" / "pre-commit").exists()


def test_switched_off_hooks_are_told(shop: Repository) -> None:
    shop.git("config", "core.hooksPath", "/dev/null")
    with pytest.raises(Refused, match="no hooks at all") as refused:
        shop.install()
    assert refused.value.remedy == "git config --local --unset core.hooksPath"


def test_husky_gets_lines(shop: Repository) -> None:
    shop.git("config", "core.hooksPath", ".husky/_")
    (shop.root / ".husky" / "_").mkdir(parents=True)
    with pytest.raises(Refused, match="husky") as refused:
        shop.install()
    assert (shop.hooks / "reference-transaction").exists(), "husky does not know it, and leaves it alone"
    for name, gate in CLIENT.items():
        if name in BESIDE:
            continue
        line = next(row for row in refused.value.remedy.splitlines() if f".husky/{name}:" in row)
        (shop.root / ".husky" / name).write_text(line.partition(":")[2].strip() + "\n")
        assert f"andon gate {gate}" in line
    assert shop.states() == {HookState.CALLED, HookState.IN}
    assert set(shop.install()) == {"asks the gate already, by another tool", "is in already"}


def test_lefthook_gets_lines(shop: Repository) -> None:
    (shop.root / "lefthook.yml").write_text("output: false\n")
    with pytest.raises(Refused, match="lefthook") as refused:
        shop.install()
    lines = refused.value.remedy.partition("\n")[2]
    (shop.root / "lefthook.yml").write_text("\n".join(line[4:] for line in lines.splitlines()) + "\n")
    assert shop.states() == {HookState.CALLED}


def test_a_worktree_shares_the_hooks(shop: Repository, tmp_path: Path) -> None:
    shop.git("worktree", "add", "-q", str(tmp_path / "beside"))
    beside = Repository(tmp_path, tmp_path / "beside")
    beside.install()
    assert (shop.root / ".git" / "hooks" / "pre-commit").exists()
    assert shop.states() == {HookState.IN}
    beside.commit()
    assert beside.calls()[0] == "gate pre-commit"


def test_a_submodule_has_hooks_of_its_own(shop: Repository, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", shop.root, tmp_path / "library"], check=True)
    shop.git("submodule", "--quiet", "add", str(tmp_path / "library"), "library")
    inside = Repository(tmp_path, shop.root / "library")
    inside.install()
    assert not (shop.root / ".git" / "hooks" / "pre-commit").exists()
    inside.commit()
    assert inside.calls()[0] == "gate pre-commit"


def test_a_bare_repository_checks_what_is_pushed_to_it(shop: Repository, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "origin.git"], check=True)
    origin = Repository(tmp_path, tmp_path / "origin.git")
    with pytest.raises(Refused, match="bare") as refused:
        origin.install()
    assert refused.value.remedy == "andon hooks install --server"
    origin.install(server=True)
    origin.answers(1)
    assert "pre-receive hook declined" in shop.git("push", str(origin.root), "main", code=1)
    assert origin.calls() == ["gate pre-receive"]
    assert (tmp_path / "log.stdin").read_text().endswith("refs/heads/main\n")
    origin.answers(0)
    shop.git("push", "-q", str(origin.root), "main")
    origin.uninstall()
    assert not (origin.hooks / "pre-receive").exists()


def test_outside_git_there_are_no_hooks(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(NotFound, match="not a git repository"):
        Repository(tmp_path, tmp_path / "plain").install()


def test_an_empty_repository_gets_hooks(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path / "empty"], check=True)
    empty = Repository(tmp_path, tmp_path / "empty")
    shutil.rmtree(empty.hooks)
    empty.install()
    empty.commit()
    assert empty.calls()[0] == "gate pre-commit"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_directory_that_cannot_be_written_is_told(shop: Repository) -> None:
    shop.hooks.chmod(0o555)
    try:
        with pytest.raises(Unavailable, match="Permission denied"):
            shop.install()
    finally:
        shop.hooks.chmod(0o755)


def test_a_file_in_place_of_the_directory_is_told(shop: Repository) -> None:
    shutil.rmtree(shop.hooks)
    shop.hooks.write_text("")
    with pytest.raises(Unavailable, match="cannot be changed"):
        shop.install()


def test_a_conflict_is_resolved_and_asked(shop: Repository) -> None:
    shop.git("checkout", "-qb", "side")
    shop.commit()
    shop.git("checkout", "-q", "main")
    shop.commit()
    shop.install()
    shop.git("merge", "side", code=1)
    (shop.root / "file").write_text("resolved")
    shop.git("commit", "-qam", "merged")
    assert shop.calls()[0] == "gate pre-commit"


def _stopped_rebase(shop: Repository) -> None:
    shop.git("checkout", "-qb", "side")
    shop.commit()
    shop.git("checkout", "-q", "main")
    shop.commit()
    shop.install()
    shop.git("rebase", "side", code=1)
    (shop.root / "file").write_text("resolved")
    shop.git("add", "file")


@pytest.mark.parametrize("code", [2, 3, 4])
def test_a_rebase_goes_on_when_nothing_can_be_decided(shop: Repository, code: int) -> None:
    _stopped_rebase(shop)
    shop.answers(code)
    assert "a rebase is in progress" in shop.git("commit", "-qm", "resolved")
    shop.git("-c", "core.editor=true", "rebase", "--continue")


def test_a_rule_that_says_no_counts_in_a_rebase(shop: Repository) -> None:
    _stopped_rebase(shop)
    shop.answers(1)
    shop.git("commit", "-qm", "resolved", code=1)
    shop.answers(0)
    shop.git("-c", "core.editor=true", "rebase", "--continue")


def test_a_rebase_in_a_worktree_is_seen(shop: Repository, tmp_path: Path) -> None:
    shop.git("worktree", "add", "-q", str(tmp_path / "beside"))
    beside = Repository(tmp_path, tmp_path / "beside")
    beside.git("checkout", "-qb", "other")
    beside.commit()
    beside.git("checkout", "-q", "beside")
    beside.commit()
    beside.install()
    beside.git("rebase", "other", code=1)
    beside.answers(3)
    (beside.root / "file").write_text("resolved")
    assert "a rebase is in progress" in beside.git("commit", "-qam", "resolved")


def test_a_cherry_pick_is_a_commit_like_any_other(shop: Repository) -> None:
    shop.git("checkout", "-qb", "side")
    shop.commit()
    shop.git("checkout", "-q", "main")
    shop.commit()
    shop.install()
    shop.answers(3)
    shop.git("cherry-pick", "side", code=1)
    (shop.root / "file").write_text("resolved")
    shop.git("commit", "-qam", "picked", code=1)


def test_a_graphical_client_needs_no_path_and_no_terminal(shop: Repository) -> None:
    shop.install()
    (shop.root / "file").write_text("new")
    surroundings = {"PATH": os.defpath, "HOME": os.environ["HOME"]}
    subprocess.run(
        ["git", "commit", "-qam", "x"], cwd=shop.root, env=surroundings, stdin=subprocess.DEVNULL,
        start_new_session=True, check=True, timeout=20,
    )  # fmt: skip
    assert shop.calls()[0] == "gate pre-commit"


def test_the_gate_gets_no_input_to_wait_for(shop: Repository) -> None:
    shop.install()
    shop.git("commit", "-q", "--allow-empty", "-m", "x", given="typed by somebody\n")
    assert (shop.tmp_path / "log.stdin").read_text() == ""


def test_andon_that_is_found_nowhere_stops_the_commit(shop: Repository) -> None:
    shop.install()
    shop.python.unlink()
    told = shop.commit(code=1)
    assert "the gate cannot be asked" in told and "rm '.git/hooks/pre-commit'" in told
    told = shop.commit("file", "--no-verify", code=1)
    assert "rm '.git/hooks/reference-transaction'" in told
    (shop.hooks / "reference-transaction").unlink()
    shop.commit("file", "--no-verify")


def test_a_reference_that_brings_nothing_new_asks_nobody(shop: Repository, tmp_path: Path) -> None:
    shop.commit()
    shop.install()
    shop.moves()
    shop.git("checkout", "-q", "-b", "side")
    shop.git("reset", "-q", "--hard", "HEAD~1")
    shop.git("reset", "-q", "--hard", "main")
    shop.git("tag", "light")
    shop.git("branch", "-m", "side", "renamed")
    shop.git("checkout", "-q", "--detach")
    shop.git("branch", "-D", "renamed")
    (shop.root / "file").write_text("put aside")
    shop.git("stash", "-q")
    shop.git("stash", "drop", "-q")
    shop.git("pack-refs", "--all")
    shop.git("gc", "-q")
    assert shop.moves() == []
    shop.git("tag", "-a", "heavy", "-m", "words")
    assert len(shop.moves()) == 1, "a tag with words is new"


def test_a_commit_asks_about_its_branch(shop: Repository) -> None:
    shop.install()
    before = shop.git("rev-parse", "HEAD").strip()
    shop.commit("file", "--no-verify")
    after = shop.git("rev-parse", "HEAD").strip()
    assert sorted(shop.moves()) == [f"{before} {after} HEAD", f"{before} {after} refs/heads/main"]


@pytest.mark.parametrize("code", [1, 2, 3, 4, 130])
def test_whatever_is_not_a_yes_leaves_the_branch_where_it_is(shop: Repository, code: int) -> None:
    shop.install()
    before = shop.git("rev-parse", "HEAD")
    shop.answers_of_moves(code)
    shop.commit("file", "--no-verify", code=1)
    assert shop.git("rev-parse", "HEAD") == before


@pytest.mark.parametrize("code", [1, 3])
def test_what_cannot_be_decided_stops_no_rebase_and_no_fetch(
    shop: Repository, tmp_path: Path, code: int
) -> None:
    shop.git("branch", "side")
    shop.commit("one")
    shop.git("clone", "-q", str(shop.root), str(tmp_path / "other"))
    shop.git("checkout", "-q", "side")
    shop.commit("two")
    shop.install()
    shop.answers_of_moves(code)
    told = shop.git("rebase", "main", code=code % 3)
    assert ("does not stop it" in told) == (code == 3)
    shop.git("rebase", "--abort", code=0 if code == 1 else 128)
    other = Repository(tmp_path, tmp_path / "other")
    other.install()
    (tmp_path / "log.moves.code").unlink()
    shop.git("checkout", "-q", "main")
    shop.commit("three", "--no-verify")
    shop.answers_of_moves(code)
    other.git("fetch", "-q", code=code % 3)


def test_a_hook_of_others_hears_of_every_state(shop: Repository, tmp_path: Path) -> None:
    shop.foreign("reference-transaction", f"cat >>{tmp_path}/heard\n")
    shop.install()
    shop.calls()
    shop.commit()
    assert {"theirs prepared", "theirs committed"} <= set(shop.calls())
    heard = (tmp_path / "heard").read_text().splitlines()
    assert len([line for line in heard if line.endswith(" refs/heads/main")]) == 2, "once for each state"
    shop.foreign("reference-transaction.andon-kept", "exit 5\n")
    shop.commit("file", "--no-verify", code=1)


def test_a_path_with_everything_in_it(tmp_path: Path) -> None:
    root = tmp_path / 'it\'s a "shop" $HOME `x`'
    subprocess.run(["git", "init", "-q", root], check=True)
    odd = tmp_path / "o'dd $(x) \\ dir"
    odd.mkdir()
    shop = Repository(odd, root)
    shop.python.write_text(f'#!/bin/sh\nshift 3\necho "$*" >>{tmp_path}/log\n')
    shop.log = tmp_path / "log"
    shop.install()
    shop.commit()
    assert shop.calls()[0] == "gate pre-commit"
