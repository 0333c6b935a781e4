"""What no scanner looked at is undecided, and the way out names what a team can write."""

from __future__ import annotations

from andon.incident.words import Verdict
from andon.response.findings.finding import Grade
from andon.response.findings.judge import judge_findings


def test_source_without_a_scanner_names_its_endings() -> None:
    result = judge_findings((), least=Grade.MEDIUM, unseen=("web/cart.js", "deploy.sh", "cart.test.JS"))
    assert result.verdict is Verdict.UNKNOWN
    assert 'unscanned = [".js", ".sh"] in [gates]' in result.remedy


def test_a_file_without_an_ending_cannot_be_left_to_nobody() -> None:
    assert "unscanned" not in judge_findings((), least=Grade.MEDIUM, unseen=("bin/serve",)).remedy
