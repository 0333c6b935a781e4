"""Receipts: what a gate judged is known, and the doctor names what reached a branch without one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from andon.cli.main import main
from andon.production.receipts_file import GitReceipts
from tests.integration.referenced import Clone, bare, install, shop, tainted, token

__all__ = ["bare", "shop", "tainted"]


def doctor(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    capsys.readouterr()
    main(["doctor", "--json"])
    said = json.loads(capsys.readouterr().out)
    return {one["subject"]: one for one in said}


def test_what_was_judged_has_a_receipt(shop: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    shop.commit("x.txt", "clean\n")
    made = shop.commit("y.txt", "clean\n", "--no-verify")
    assert made in GitReceipts(str(shop.root)).passed()
    shop.commit("up.txt", "from elsewhere\n", at=shop.upstream)
    shop.git("pull", "-q", "--rebase", "origin", "main")
    told = doctor(capsys)["receipts"]
    assert told["state"] == "ok" and "3 commits" in told["summary"], told


def test_what_was_there_before_needs_none(tainted: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    assert "0 commits" in doctor(capsys)["receipts"]["summary"]


def test_who_goes_around_every_hook_is_named(shop: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    (shop.root / "x.txt").write_text("y\n")
    shop.git("add", "-A")
    shop.unguarded("commit", "-qm", "around")
    made = shop.tip()
    shop.commit("z.txt", "clean\n")
    told = doctor(capsys)["receipts"]
    assert told["state"] == "broken" and made[:10] in told["summary"] and "Mina" in told["summary"]
    assert "1 commit " in told["summary"]
    assert main(told["fix"].split()[1:]) in (0, 3)
    assert doctor(capsys)["receipts"]["state"] == "ok", "it was judged after all"


def test_a_receipt_of_ones_own_making_counts_for_nothing(
    shop: Clone, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.unguarded("commit", "-q", "--allow-empty", "-m", "around")
    with (shop.root / ".git" / "andon" / "receipts").open("a") as file:
        file.write(f"passed {shop.tip()} 0123456789ab 0123456789abcdef01234567\n")
    assert doctor(capsys)["receipts"]["state"] == "broken"


def test_many_write_at_once(tmp_path: Path, bare: Clone) -> None:
    ids = [f"{n:040x}" for n in range(400)]

    def give(part: int) -> None:
        receipts = GitReceipts(str(bare.root))
        for one in ids[part::8]:
            receipts.give([one], "rules")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(give, range(8)))
    assert GitReceipts(str(bare.root)).passed() == set(ids)


def test_a_hook_that_git_would_pass_over_is_told(shop: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor(capsys)["hooks"]["state"] == "ok"
    (shop.root / ".git" / "hooks" / "reference-transaction").chmod(0o644)
    told = doctor(capsys)["hooks"]
    assert told["state"] == "broken" and "chmod +x" in told["fix"]
    install(shop)


def test_a_place_elsewhere_is_told_with_its_scope(
    shop: Clone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.git("config", "--local", "core.hooksPath", str(tmp_path))
    told = doctor(capsys)["core.hooksPath"]
    assert "(local)" in told["summary"] and told["fix"] == "git config --local --unset core.hooksPath"
    assert doctor(capsys)["hooks"]["state"] != "ok"


def test_a_secret_that_was_fetched_is_told(shop: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    made = shop.commit("x.txt", f"key = {token(30)}\n", at=shop.upstream)
    shop.git("fetch", "-q", "origin")
    assert made[:10] in doctor(capsys)["fetched"]["summary"]


def test_a_commit_that_both_gates_have_seen_is_recognised_by_the_shell(shop: Clone) -> None:
    hook = shop.root / ".git" / "hooks" / "reference-transaction"
    lines = ["python=''" if line.startswith("python=") else line for line in hook.read_text().splitlines()]
    hook.write_text("\n".join(lines).replace("command -v andon", "command -v no-such-program") + "\n")
    first = shop.commit("x.txt", "clean\n")
    second = shop.commit("y.txt", "clean too\n", "-m", "with a body\n\nand an end  \n")
    assert first != second
    shop.commit("z.txt", "more\n", "--no-verify", code=1)
    assert shop.tip() == second
    shop.git("commit", "-q", "--amend", "-m", "other words", code=1)
    assert shop.tip() == second, "an amended commit has another parent, and is judged"
