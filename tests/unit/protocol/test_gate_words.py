"""What a line of policy says is asked by a rule of the gates, and by none that does not exist."""

from __future__ import annotations

import pytest

from andon.incident.policy import NEVER_JUSTIFIED
from andon.protocol.catalogue import CATALOGUE
from andon.protocol.gate_words import RULE_OF_CHECK, RULES, rule_for
from andon.response.gates import table


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("No credentials in a commit", "secrets"),
        ("Adding new features", "no-feature"),
        ("Refactoring unrelated code", "no-refactoring"),
        ("Deleting tests to get green", "tests-kept"),
        ("The full test suite passes", "tests-green"),
        ("A dependency audit that is fresh", "audit-fresh"),
        ("Skipping verification entirely", "red-then-green"),
        ("Feature flags are off by default", "flags-off"),
        ("Both states of every flag are tested", "flags-tested"),
        ('Default flags to "off" for new features', "flags-off"),
        ("Document flag purpose and owner", "flags-off"),
        ("Test both flag states (on/off)", "flags-tested"),
        ("Remove flags after rollout completes", "flags-tidy"),
        ("Leave flags in code indefinitely (tech debt)", "flags-tidy"),
        ("Use flags as permanent configuration", "flags-tidy"),
        ("Nest flags deeply (creates combinatorial complexity)", "flags-tidy"),
        ("Remove expired feature flags", "flags-tidy"),
        ("New features are behind a flag", "flags-off"),
        ("Say good morning", ""),
        ("", ""),
    ],
)
def test_what_a_wording_means(text: str, rule: str) -> None:
    assert rule_for(text) == rule


def test_no_wording_means_a_rule_that_does_not_exist() -> None:
    assert {rule.id for rule in table.RULES} >= RULES


def test_a_check_stands_for_a_rule_that_exists() -> None:
    assert set(RULE_OF_CHECK) <= set(CATALOGUE)
    assert set(RULE_OF_CHECK.values()) <= RULES


def test_what_nobody_can_skip_nobody_can_waive() -> None:
    """The incident's list and the gates' table agree, wherever both ask the same question."""
    never = {rule.id for rule in table.RULES if rule.never_justified}
    by_check = {RULE_OF_CHECK[check] for check in NEVER_JUSTIFIED if check in RULE_OF_CHECK}
    by_check.add("banned")  # no question of an incident: what was purged must not come back
    assert never == by_check
    for rule in never:
        assert all(row.never_justified for row in table.RULES if row.id == rule)
