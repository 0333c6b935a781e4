"""The risks of a way back, read from git: in the plan, in the assessment, and never an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from andon.desk.risks import risk_lines, risks_between
from andon.desk.rollback import plan_rollback
from andon.desk.values import FileChange
from andon.errors import Unavailable
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeRepository
from tests.unit.desk.shop import COMMITS, decided, shop

KEY_GONE = (*COMMITS[:2], ("c" * 40, "third", (".env.example", "shop/pay.py", "logo.png"), ("v3",)))
TOLD = {
    ("b" * 40, ".env.example"): b"PAY_KEY=\n",
    ("c" * 40, ".env.example"): b"",
    ("b" * 40, "shop/pay.py"): b"import os\nkey = os.environ['PAY_KEY']\n",
    ("c" * 40, "shop/pay.py"): b"",
    ("b" * 40, "logo.png"): b"\x89PNG\0",
    ("c" * 40, "logo.png"): b"\x89PNG\0\0",
}
GONE = "PAY_KEY is no longer provided; the older code reads it in shop/pay.py:2 (.env.example:1)"


def desk(root: Path, **changes: Any) -> FakeDesk:
    return shop(root, repository=FakeRepository(str(root), KEY_GONE, TOLD), **changes)


def test_the_plan_and_the_assessment_name_them(tmp_path: Path) -> None:
    made = desk(tmp_path)
    state = decided(made)
    assert plan_rollback(made, state, "").risks == (f"configuration: {GONE}",)
    assert state.assessment is not None
    against = [fact.text for fact in state.assessment.facts if fact.against == "rollback"]
    assert f"risk, configuration: {GONE}" in against


def test_what_differs_is_not_known(tmp_path: Path) -> None:
    made = desk(tmp_path)
    state = decided(made)
    made.repository = FakeRepository(str(tmp_path), ())
    plan = plan_rollback(made, state, "")
    assert any(
        "not known, so nothing was looked at" in risk or "not looked at" in risk for risk in plan.risks
    )


class Broken(FakeRepository):
    """Cannot read one file."""

    is_broken = False

    def changes(self, base: str, head: str) -> tuple[FileChange, ...]:
        found = super().changes(base, head)
        self.is_broken = True
        return found

    def content(self, commit: str, path: str) -> bytes | None:
        if self.is_broken and path == "shop/pay.py":
            raise Unavailable("the object is gone")
        return super().content(commit, path)


def test_a_file_that_cannot_be_read_is_a_risk(tmp_path: Path) -> None:
    made = desk(tmp_path)
    made.repository = Broken(str(tmp_path), KEY_GONE, TOLD)
    lines = risk_lines(risks_between(made, "v2", "v3"))
    assert lines == (
        "configuration: PAY_KEY is no longer provided (.env.example:1)",
        "unread: not looked at: the object is gone (shop/pay.py)",
    )


def test_a_wide_range_says_what_nobody_read(tmp_path: Path) -> None:
    files = tuple(f"shop/f{n}.py" for n in range(130))
    wide = (*COMMITS[:2], ("c" * 40, "third", files, ("v3",)))
    made = shop(tmp_path, repository=FakeRepository(str(tmp_path), wide))
    looked = risks_between(made, "v2", "v3")
    assert [risk.text for risk in looked.risks] == ["10 more changed files were not looked at"]


def test_a_plan_lists_the_loudest_and_counts_the_rest(tmp_path: Path) -> None:
    told = {("b" * 40, ".env.example"): "".join(f"NAME_{n}=\n" for n in range(90)).encode()}
    told[("c" * 40, ".env.example")] = b""
    made = shop(tmp_path, repository=FakeRepository(str(tmp_path), KEY_GONE, told))
    lines = risk_lines(risks_between(made, "v2", "v3"))
    assert len(lines) == 13
    assert lines[-1] == "78 more: andon migrations"
