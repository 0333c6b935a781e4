"""The hotfix guard at the points of the gates: asked once, about all of the hotfix, and nowhere else."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.integration.gated import BRANCH, Gated, git, line, rows

pytestmark = pytest.mark.skipif(
    find_spec("andon.response.guard.judge") is None, reason="the guard is not here yet"
)

APP = "def pay(amount):\n    total = amount * 2\n    return total\n"
FEATURE = f"{APP}\n\n@app.route('/refund')\ndef refund(amount):\n    return -amount\n"
TESTS = "def test_pay():\n    assert pay(1) == 2\n\n\ndef test_free():\n    assert pay(0) == 0\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gated:
    """A shop in HOTFIX, on the branch of the hotfix."""
    shop = Gated(tmp_path, monkeypatch, capsys)
    base = shop.commit(**{"app.py": APP, "tests/test_app.py": TESTS})
    git(shop.root, "push", "-q", "--no-verify", "origin", "main")
    shop.declare(hotfix_from=base)
    git(shop.root, "switch", "-qc", BRANCH)
    return shop


def test_all_of_the_hotfix_is_judged_before_each_commit(shop: Gated) -> None:
    """Ten small commits are one large hotfix."""
    shop.commit("INC-1: a route", **{"app.py": FEATURE})
    shop.write("app.py", FEATURE.replace("* 2", "* 3"))
    git(shop.root, "add", "-A")
    row = rows(shop.gate("pre-commit"))["no-feature"]
    assert (row["verdict"], row["effect"]) == ("failed", "warns")
    assert row["objections"][0]["path"] == "app.py"


def test_a_small_fix_passes_everywhere(shop: Gated) -> None:
    head = shop.commit("INC-1: three", **{"app.py": APP.replace("* 2", "* 3")})
    for answer in (
        shop.gate("pre-commit"),
        shop.gate("pre-push", "origin", "u", given=line(f"refs/heads/{BRANCH}", "", head)),
        shop.gate("ci"),
    ):
        found = rows(answer)
        assert {found[rule]["verdict"] for rule in ("minimal", "no-feature", "no-refactoring")} == {"passed"}


def test_what_reaches_main_is_judged_although_it_was_never_pushed_alone(shop: Gated) -> None:
    old = git(shop.root, "rev-parse", "main")
    shop.commit("INC-1: a route", **{"app.py": FEATURE})
    git(shop.root, "switch", "-q", "main")
    git(shop.root, "merge", "-q", "--no-ff", "--no-edit", BRANCH)
    head = git(shop.root, "rev-parse", "HEAD")
    found = rows(shop.gate("pre-push", "origin", "u", given=line("refs/heads/main", old, head)))
    assert found["only-the-hotfix"]["verdict"] == "passed"
    assert found["no-feature"]["effect"] == "blocks"


def test_beside_the_hotfix_the_guard_is_silent(shop: Gated) -> None:
    git(shop.root, "switch", "-qc", "topic", "main")
    shop.write("app.py", FEATURE)
    git(shop.root, "add", "-A")
    assert rows(shop.gate("pre-commit"))["no-feature"]["evidence"] == "not the hotfix branch"


def test_without_a_journal_the_branch_is_judged_from_where_it_parted(
    shop: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(shop.root, "switch", "-qc", "hotfix/INC-7")
    shop.commit("INC-7: a route", **{"app.py": FEATURE})
    monkeypatch.setenv("XDG_DATA_HOME", str(shop.place / "nothing"))
    answer = shop.gate("ci")
    assert answer["changes"][0]["why"].startswith("assumed from the branch")
    assert rows(answer)["no-feature"]["effect"] == "blocks"


def test_a_range_that_is_not_known_is_not_guarded(shop: Gated) -> None:
    row = rows(shop.gate("ci", "--base", "nowhere"))["minimal"]
    assert (row["verdict"], row["effect"]) == ("unknown", "blocks")


def test_outside_of_a_hotfix_tests_are_kept_too(shop: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(shop.place / "nothing"))
    git(shop.root, "switch", "-q", "main")
    shop.write("tests/test_app.py", TESTS.partition("\n\n\n")[0] + "\n")
    git(shop.root, "add", "-A")
    answer = shop.gate("pre-commit")
    assert answer["gear"] == "BUILD"
    row = rows(answer)["tests-kept"]
    assert (row["verdict"], row["effect"]) == ("failed", "warns")
    shop.commit("fewer tests")
    assert rows(shop.gate("ci", "--base", "HEAD~1", "--gear", "SHIP"))["tests-kept"]["effect"] == "blocks"


def test_a_hint_warns_where_the_rule_blocks_and_is_no_violation(shop: Gated) -> None:
    helped = APP.replace("amount * 2", "twice(amount)") + "\n\ndef twice(amount):\n    return 2 * amount\n"
    head = shop.commit("INC-1: a helper", **{"app.py": helped})
    answer = shop.gate("pre-push", "origin", "u", given=line(f"refs/heads/{BRANCH}", "", head))
    row = rows(answer)["no-feature"]
    assert (row["verdict"], row["effect"]) == ("failed", "warns")
    assert [o["hint"] for o in row["objections"]] == [True]
