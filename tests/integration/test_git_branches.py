"""The branches of a real repository: nothing is lost, and a merge that conflicts leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.errors import Conflict, NotFound, Refused
from andon.production.git_branches import GitBranches
from tests.integration.fixed_shop import BROKEN, FIXED, SOURCE, FixedShop, commit, git

FIX = "hotfix/INC-7"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FixedShop:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return FixedShop(tmp_path / "shop")


@pytest.fixture
def branches(shop: FixedShop) -> GitBranches:
    return GitBranches(str(shop.root))


def test_a_branch_is_made_and_found_again(shop: FixedShop, branches: GitBranches) -> None:
    assert branches.tip(FIX) == "" and branches.place_of(FIX) == ""
    assert branches.start(FIX, shop.base) == str(shop.root)
    assert branches.tip(FIX) == shop.base == git(shop.root, "rev-parse", "HEAD")
    assert branches.place_of(FIX) == str(shop.root)
    git(shop.root, "switch", "-q", "main")
    assert branches.place_of(FIX) == ""
    branches.start(FIX, shop.good)
    assert branches.tip(FIX) == shop.base, "one that is there stays where it is"


def test_a_work_tree_of_its_own(shop: FixedShop, branches: GitBranches, tmp_path: Path) -> None:
    place = tmp_path / "with spaces\nand a line"
    assert branches.start(FIX, shop.base, str(place)) == str(place)
    assert (place / "shop.py").read_text() == SOURCE and git(shop.root, "branch", "--show-current") == "main"
    (shop.root / "andon.toml").write_text("service = 'shop'\n")
    assert branches.lend(str(shop.root / "andon.toml"), str(place))
    assert not branches.lend(str(shop.root / "andon.toml"), str(place))
    assert not branches.lend(str(shop.root / "nothing.toml"), str(place))


def test_switching_never_loses_work(shop: FixedShop, branches: GitBranches) -> None:
    assert branches.uncommitted() == ()
    git(shop.root, "rm", "-q", "--cached", "shop.py")
    git(shop.root, "commit", "-q", "-m", "Forget a file")
    (shop.root / "shop.py").write_text("mine, untracked\n")
    with pytest.raises(Refused) as caught:
        branches.start(FIX, shop.base)
    assert "--worktree" in caught.value.remedy
    assert (shop.root / "shop.py").read_text() == "mine, untracked\n"


def test_uncommitted_names_tracked_files_only(shop: FixedShop, branches: GitBranches) -> None:
    (shop.root / "new.txt").write_text("x")
    (shop.root / "shop.py").write_text("x")
    git(shop.root, "mv", "next.py", "naïve file.py")
    assert set(branches.uncommitted()) == {"shop.py", "naïve file.py"}


def test_the_main_line(shop: FixedShop, branches: GitBranches, tmp_path: Path) -> None:
    assert branches.main_line() == "main"
    git(shop.root, "branch", "-m", "main", "release-line")
    assert branches.main_line() == ""
    git(tmp_path, "clone", "-q", str(shop.root), "clone")
    assert GitBranches(str(tmp_path / "clone")).main_line() == "release-line"


def test_a_tag_stands_for_one_commit(shop: FixedShop, branches: GitBranches) -> None:
    assert branches.mark("v1.2.0-hotfix.1", shop.base)
    assert not branches.mark("v1.2.0-hotfix.1", shop.base)
    with pytest.raises(Conflict) as caught:
        branches.mark("v1.2.0-hotfix.1", shop.good)
    assert caught.value.remedy


def test_where_a_fix_is(shop: FixedShop, branches: GitBranches) -> None:
    branches.start(FIX, shop.base)
    fix = shop.fix()
    git(shop.root, "switch", "-q", "main")
    assert not branches.contains("main", fix) and branches.unpicked("main", shop.base, fix) == (fix,)
    assert not branches.has_content("main", shop.base, fix)
    git(shop.root, "cherry-pick", fix)
    assert not branches.contains("main", fix) and branches.unpicked("main", shop.base, fix) == ()
    assert branches.has_content("main", shop.base, fix)
    with pytest.raises(NotFound):
        branches.contains("main", "1" * 40)


def test_a_fix_that_was_done_in_another_way_round_is_seen_by_its_content(
    shop: FixedShop, branches: GitBranches
) -> None:
    branches.start(FIX, shop.base)
    shop.fix({"shop.py": SOURCE.replace("['prize']", "['pric']")})
    fix = shop.fix()
    git(shop.root, "switch", "-q", "main")
    commit(shop.root, {"shop.py": FIXED, "more.py": "MORE = 1\n"}, "Squashed, with more")
    assert len(branches.unpicked("main", shop.base, fix)) == 2
    assert branches.has_content("main", shop.base, fix)
    assert git(shop.root, "status", "--porcelain") == ""


@pytest.mark.parametrize("stand", ["main", "elsewhere"])
def test_a_merge_that_goes_by_itself(shop: FixedShop, branches: GitBranches, stand: str) -> None:
    branches.start(FIX, shop.base)
    fix = shop.fix()
    if stand == "main":
        git(shop.root, "switch", "-q", "main")
    merged = branches.merge(fix, "main", "Bring it home")
    assert git(shop.root, "rev-parse", "main") == merged
    assert git(shop.root, "show", "main:shop.py") == FIXED.strip() and branches.contains("main", fix)
    assert git(shop.root, "log", "-1", "--format=%s %P", "main") == f"Bring it home {shop.main} {fix}"
    assert git(shop.root, "status", "--porcelain") == ""
    assert len(git(shop.root, "worktree", "list").splitlines()) == 1


@pytest.mark.parametrize("stand", ["main", "elsewhere"])
def test_a_merge_that_conflicts_leaves_nothing(shop: FixedShop, branches: GitBranches, stand: str) -> None:
    branches.start(FIX, shop.base)
    fix = shop.fix()
    git(shop.root, "switch", "-q", "main")
    before = commit(shop.root, {"shop.py": SOURCE.replace("prize", "cost")}, "Another name")
    if stand == "elsewhere":
        git(shop.root, "switch", "-q", FIX)
    with pytest.raises(Refused) as caught:
        branches.merge(fix, "main", "Bring it home")
    assert "shop.py" in caught.value.message and "git merge --no-ff" in caught.value.remedy
    assert git(shop.root, "rev-parse", "main") == before
    assert git(shop.root, "status", "--porcelain") == ""
    assert not (shop.root / ".git" / "MERGE_HEAD").exists()
    assert len(git(shop.root, "worktree", "list").splitlines()) == 1


def test_a_merge_over_uncommitted_work_is_refused(shop: FixedShop, branches: GitBranches) -> None:
    branches.start(FIX, shop.base)
    fix = shop.fix()
    git(shop.root, "switch", "-q", "main")
    (shop.root / "next.py").write_text("half done\n")
    with pytest.raises(Refused, match="uncommitted"):
        branches.merge(fix, "main", "m")
    assert (shop.root / "next.py").read_text() == "half done\n" and BROKEN


def test_a_merge_of_somebody_is_not_ended(shop: FixedShop, branches: GitBranches) -> None:
    """Everything in it was resolved to what main has: nothing differs, and still it is under way."""
    git(shop.root, "switch", "-q", "-c", FIX, shop.base)
    fix = commit(shop.root, {"shop.py": FIXED}, "Fix")
    git(shop.root, "switch", "-q", "main")
    git(shop.root, "merge", "-q", "--no-commit", "--no-ff", "-s", "ours", fix)
    theirs = git(shop.root, "rev-parse", "MERGE_HEAD")
    with pytest.raises(Refused, match="a merge is under way"):
        branches.merge(fix, "main", "Bring it")
    assert git(shop.root, "rev-parse", "MERGE_HEAD") == theirs
