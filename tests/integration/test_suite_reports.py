"""A report of CI is only taken for a commit that there was when its tests began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from andon.desk.suite import take_report
from andon.errors import InvalidInput
from andon.incident.words import Verdict
from tests.integration.fixed_shop import FixedShop, git


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FixedShop:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return FixedShop(tmp_path / "shop")


def report(moment: str) -> bytes:
    return (
        f'<testsuites><testsuite timestamp="{moment}"><testcase name="a"/></testsuite></testsuites>'.encode()
    )


@pytest.mark.parametrize(
    ("after", "form", "is_taken"),
    [
        (timedelta(minutes=5), "%Y-%m-%dT%H:%M:%S+00:00", True),
        (timedelta(minutes=-5), "%Y-%m-%dT%H:%M:%S+00:00", False),
        (timedelta(hours=-5), "%Y-%m-%dT%H:%M:%S", True),  # perhaps far in the west
        (timedelta(days=-1), "%Y-%m-%dT%H:%M:%S", False),
        (timedelta(days=-1), "last Monday", True),  # it does not say
    ],
)
def test_a_report_is_not_older_than_its_commit(
    shop: FixedShop, after: timedelta, form: str, is_taken: bool
) -> None:
    made = datetime.fromtimestamp(int(git(shop.root, "log", "-1", "--format=%ct")), UTC)
    content = report((made + after).strftime(form))
    if is_taken:
        assert take_report(shop.desk, "", content, "ci.xml").verdict is Verdict.PASSED
        return
    with pytest.raises(InvalidInput, match="of another commit"):
        take_report(shop.desk, "", content, "ci.xml")


def test_the_newest_suite_counts(shop: FixedShop) -> None:
    old, new = report("2001-01-01T00:00:00Z"), report("2100-01-01T00:00:00Z")
    both = old.replace(b"</testsuites>", b"") + new.replace(b"<testsuites>", b"")
    assert take_report(shop.desk, "", both, "ci.xml").verdict is Verdict.PASSED


def test_the_first_commit_has_nothing_before_it(shop: FixedShop) -> None:
    content = report("2001-01-01T00:00:00Z")
    assert take_report(shop.desk, shop.good, content, "ci.xml").verdict is Verdict.PASSED
