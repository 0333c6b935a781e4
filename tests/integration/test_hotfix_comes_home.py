"""A hotfix that looks as if it were on the main line, and is not: reverted, rewritten, or only half of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.hotfix_merged import check as hotfix_merged
from andon.desk.gate.standing import Standing
from andon.desk.hotfix_finish import finish_hotfix
from andon.desk.lost_fixes import lost_fixes
from andon.errors import Refused
from andon.incident import events as e
from andon.incident.hotfix_state import owes_merge
from andon.incident.words import Gear, Outcome, Verdict
from andon.response.gates.table import Point
from tests.integration.fixed_shop import BROKEN, FIXED, FixedShop, commit, git

MORE = FIXED.replace("return item['name']", "return item['name'].strip()")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FixedShop]:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    yield FixedShop(tmp_path / "shop")


def shipped(shop: FixedShop, branch: str, base: str, fix: str, number: int) -> None:
    """Put what happened on record, as the commands of a hotfix do."""
    version = f"v1.2.0-hotfix.{number}"
    if shop.state.hotfix is None or shop.state.hotfix.branch != branch:
        shop.desk.append(
            shop.state.id, (e.HotfixStarted(branch=branch, base_version=BROKEN, base_commit=base),)
        )
    plan = e.HotfixPlanned(
        operation=f"op{number}", from_version=BROKEN, to_version=version, commit=fix, steps=(), undo="u"
    )
    acted(shop, f"op{number}", "hotfix", version, plan)
    git(shop.root, "tag", "-f", version, fix)
    shop.deployer.live = version


def acted(shop: FixedShop, operation: str, purpose: str, version: str, *first: e.Event) -> None:
    from andon.desk.deployments import enter_acts

    start = e.DeployStarted(
        operation=operation, purpose=purpose, from_version=BROKEN, version=version, undo="u"
    )
    shop.desk.append(
        shop.state.id, (*first, start, e.DeployFinished(operation=operation, outcome=Outcome.SUCCEEDED))
    )
    enter_acts(shop.desk, shop.state.id)


def on_branch(shop: FixedShop, branch: str, base: str, text: str) -> str:
    """Commit a fix on its branch and go back to main."""
    there = git(shop.root, "branch", "--list", branch)
    git(shop.root, "switch", "-q", *((branch,) if there else ("-c", branch, base)))
    fix = commit(shop.root, {"shop.py": text}, "INC-7: mend it")
    git(shop.root, "switch", "-q", "main")
    return fix


@pytest.fixture
def first(shop: FixedShop) -> str:
    """The first hotfix, in production."""
    fix = on_branch(shop, "hotfix/INC-7", shop.base, FIXED)
    shipped(shop, "hotfix/INC-7", shop.base, fix, 1)
    return fix


def head(shop: FixedShop) -> str:
    return git(shop.root, "rev-parse", "main")


def gate(shop: FixedShop) -> Verdict:
    stands = Standing(gear=Gear.SHIP, why="declared")
    return hotfix_merged(GateContext(shop.desk, Point.SHIP, stands, Asked(head=head(shop)))).verdict


@pytest.mark.parametrize("way", ["merge", "cherry-pick"])
@pytest.mark.parametrize("is_told_before", [True, False])
def test_reverted_on_the_main_line(shop: FixedShop, first: str, way: str, is_told_before: bool) -> None:
    if way == "merge":
        git(shop.root, "merge", "-q", "--no-ff", "-m", "Bring the fix", first)
    else:
        git(shop.root, "cherry-pick", first)
    if is_told_before:
        assert finish_hotfix(shop.desk, shop.state).merged is not None
    git(shop.root, "revert", "--no-edit", *(("-m", "1") if way == "merge" else ()), "HEAD")
    home = finish_hotfix(shop.desk, shop.state)
    assert home.merged is None and home.is_taken_back and home.missing == (first,)
    assert "git cherry-pick" in home.commands[1], "what was merged once does not merge again"
    with pytest.raises(Refused, match="took it back"):
        finish_hotfix(shop.desk, shop.state, merge=True)
    assert gate(shop) is Verdict.FAILED and lost_fixes(shop.desk, head(shop))
    git(shop.root, "revert", "--no-edit", "HEAD")
    assert finish_hotfix(shop.desk, shop.state).merged is not None, "the revert was reverted"
    assert gate(shop) is Verdict.PASSED


def test_what_was_built_on_is_not_taken_back(shop: FixedShop, first: str) -> None:
    git(shop.root, "merge", "-q", "--no-ff", "-m", "Bring the fix", first)
    commit(shop.root, {"shop.py": "def price(item):\n    return item.price\n"}, "Rework prices")
    assert finish_hotfix(shop.desk, shop.state).merged is not None
    assert gate(shop) is Verdict.PASSED


def test_the_main_line_is_rewritten(shop: FixedShop, first: str) -> None:
    finish_hotfix(shop.desk, shop.state, merge=True)
    git(shop.root, "reset", "-q", "--hard", shop.main)
    home = finish_hotfix(shop.desk, shop.state)
    assert home.merged is None and not home.is_taken_back
    assert gate(shop) is Verdict.FAILED


def test_another_commit_on_the_branch_comes_home_on_its_own(shop: FixedShop, first: str) -> None:
    finish_hotfix(shop.desk, shop.state, merge=True)
    assert not owes_merge(shop.state)
    second = on_branch(shop, "hotfix/INC-7", shop.base, MORE)
    shipped(shop, "hotfix/INC-7", shop.base, second, 2)
    assert owes_merge(shop.state) and gate(shop) is Verdict.FAILED
    assert finish_hotfix(shop.desk, shop.state).merged is None
    assert finish_hotfix(shop.desk, shop.state, merge=True).merged is not None
    assert not owes_merge(shop.state) and gate(shop) is Verdict.PASSED


def test_a_hotfix_on_a_hotfix_owes_both(shop: FixedShop, first: str) -> None:
    second = on_branch(shop, "hotfix/INC-7-again", first, MORE)
    shop.desk.append(
        shop.state.id,
        (e.HotfixStarted(branch="hotfix/INC-7-again", base_version="v1.2.0-hotfix.1", base_commit=first),),
    )
    assert owes_merge(shop.state), "beginning the second does not bring the first home"
    shipped(shop, "hotfix/INC-7-again", first, second, 2)
    git(shop.root, "cherry-pick", "-X", "theirs", second)
    text = (shop.root / "shop.py").read_text()
    assert "strip" in text and "prize" in text, "main has the second and not the first"
    assert finish_hotfix(shop.desk, shop.state).merged is None
    assert gate(shop) is Verdict.FAILED
    git(shop.root, "cherry-pick", first)
    assert finish_hotfix(shop.desk, shop.state).merged is not None
    assert gate(shop) is Verdict.PASSED


def test_a_second_that_was_only_begun_takes_nothing_away(shop: FixedShop, first: str) -> None:
    finish_hotfix(shop.desk, shop.state, merge=True)
    shop.desk.append(
        shop.state.id,
        (e.HotfixStarted(branch="hotfix/INC-7-again", base_version="v1.2.0-hotfix.1", base_commit=first),),
    )
    assert not owes_merge(shop.state), "the first is home"
    assert lost_fixes(shop.desk, shop.main) != (), "and an older commit lacks it all the same"


def test_reopened_before_it_came_home(shop: FixedShop, first: str) -> None:
    shop.desk.append(shop.state.id, (e.IncidentReopened(reason="it is back"),))
    assert shop.state.hotfix is None and owes_merge(shop.state)
    assert gate(shop) is Verdict.FAILED
    assert finish_hotfix(shop.desk, shop.state, merge=True).merged is not None
    assert not owes_merge(shop.state) and gate(shop) is Verdict.PASSED


def test_taken_back_and_put_in_again(shop: FixedShop, first: str) -> None:
    acted(shop, "back", "rollback", BROKEN)
    assert not owes_merge(shop.state), "it is not in production"
    acted(shop, "back-undo", "undo", "v1.2.0-hotfix.1")
    assert owes_merge(shop.state) and gate(shop) is Verdict.FAILED
    assert finish_hotfix(shop.desk, shop.state).missing == (first,)


@pytest.mark.parametrize("is_known", [True, False])
def test_a_fix_by_hand_says_what_nobody_watches(
    shop: FixedShop, is_known: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    from argparse import Namespace

    from andon.cli.deployed import run

    shop.deployer.live = "v1.2.1"
    commit_of = shop.main if is_known else ""
    said = Namespace(
        version="v1.2.1", commit=commit_of, at="", config="", flag="", hotfix=True, rollback=False
    )
    assert run(shop.desk, said) == 0
    told = capsys.readouterr().out
    assert ("bring it to the main line yourself" if is_known else "nobody will notice") in told


def test_a_fix_by_hand_is_seen_where_it_was_picked_and_missed_where_it_was_reverted(shop: FixedShop) -> None:
    fix = on_branch(shop, "by-hand", shop.base, FIXED)
    git(shop.root, "tag", "v1.2.1", fix)
    acted(shop, "op1", "hotfix", "v1.2.1")
    assert lost_fixes(shop.desk, head(shop)) and gate(shop) is Verdict.FAILED
    git(shop.root, "cherry-pick", fix)
    assert not lost_fixes(shop.desk, head(shop)) and gate(shop) is Verdict.PASSED
    git(shop.root, "revert", "--no-edit", "HEAD")
    assert lost_fixes(shop.desk, head(shop)) and gate(shop) is Verdict.FAILED
