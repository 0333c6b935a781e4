"""Decisions are numbered, listed and complete; what is installed and released is written down."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from andon import __version__
from tests.docs.marked import DOCS, ROOT

DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_decisions_are_numbered_once_each() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers[0] == 1 and len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.name[:4])
def test_a_decision_says_why_what_and_what_follows(decision: Path) -> None:
    text = decision.read_text(encoding="utf-8")
    assert text.startswith(f"# {decision.name[:4]} ")
    for part in ("Context", "Decision", "Consequences"):
        assert f"\n## {part}" in text, f"{decision.name} has no part {part}"
    assert f"({decision.name})" in (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "requirement",
    [*PROJECT["project"]["dependencies"], *(d for g in PROJECT["dependency-groups"].values() for d in g)],
    ids=str,
)
def test_every_dependency_is_justified(requirement: str | dict[str, str]) -> None:
    if isinstance(requirement, dict) or requirement.startswith("pip>"):
        return
    name = re.split(r"[<>=\[]", requirement)[0]
    assert name in (DOCS / "decisions" / "0004-dependencies.md").read_text(encoding="utf-8")


def test_the_changes_of_this_version_are_written_down() -> None:
    assert PROJECT["project"]["version"] == __version__
    assert f"\n## {__version__}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
