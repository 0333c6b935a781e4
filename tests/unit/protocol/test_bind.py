"""Which check a line means, in the words of several teams."""

from __future__ import annotations

import pytest

from andon.protocol.bind import How, bind, candidates_for, tally
from andon.protocol.catalogue import CATALOGUE, MANUAL_KINDS, machine_checks
from andon.protocol.compiled import PHASES
from andon.protocol.parse import parse
from andon.protocol.words import key_words


@pytest.mark.parametrize(
    ("line", "check"),
    [
        ("Verify the impact on customers", "impact-confirmed"),
        ("Confirm that users are affected", "impact-confirmed"),
        ("Assign a severity level", "severity-declared"),
        ("Pick a severity", "severity-declared"),
        ("Inform all stakeholders in the channel", "stakeholders-notified"),
        ("Enter GEAR: HOTFIX", "gear-hotfix"),
        ("Enter L3 HOTFIX", "gear-hotfix"),
        ("Enter Process Level 3", "gear-hotfix"),
        ("Determine what is broken", "broken-part-identified"),
        ("Identify the affected services", "broken-part-identified"),
        ("Find out when it broke", "break-time-identified"),
        ("When did it break?", "break-time-identified"),
        ("Collect logs and screenshots", "evidence-captured"),
        ("Is rolling back quicker than fixing?", "rollback-weighed"),
        ("Execute the roll-back", "response-applied"),
        ("Ship the hot fix", "deployed"),
        ("Deploy the fix to prod", "deployed"),
        ("Confirm the issue has been resolved", "failure-resolved"),
        ("Check that no new errors appear", "no-new-failures"),
        ("All critical paths pass", "critical-paths-pass"),
        ("Smoke tests are green again", "critical-paths-pass"),
        ("Find the last good release", "last-known-good"),
        ("Find the last good tag", "last-known-good"),
        ("Deploy the last good tag", "previous-version-deployed"),
        ("Schema migrations can be undone", "migrations-reversible"),
        ("Rolling back must not corrupt data", "no-data-corruption"),
        ("Redeploy the previous version", "previous-version-deployed"),
        ("Redeploy the last known good version", "previous-version-deployed"),
        ("Watch the logs for an hour", "logs-clean"),
        ("The smallest possible change", "fix-minimal"),
        ("No credentials are leaked", "fix-no-secrets"),
        ("Does not leak credentials", "fix-no-secrets"),
        ("No passwords in the diff", "fix-no-secrets"),
        ("Book the post-mortem", "postmortem-scheduled"),
        ("Put the postmortem in the calendar", "postmortem-scheduled"),
        ("Write up the root cause", "cause-documented"),
        ("List all shortcuts", "shortcuts-listed"),
        ("File follow up tickets", "follow-ups-created"),
        ("Add an entry to the regression log", "regressions-updated"),
        ("Write a regression test", "test-added"),
        ("Make staging mirror production", "environment-parity"),
        ("Add an alert for it", "monitoring-added"),
        ("Share the lessons", "lessons-documented"),
        ("Water the plants", ""),
        ("Buy a new coffee machine", ""),
        ("", ""),
        ("Do not deploy to production", ""),
        ("Never disable the flag", ""),
        ("Avoid new failures", ""),
    ],
)
def test_wordings_of_other_teams(line: str, check: str) -> None:
    assert candidates_for(line) == ((check,) if check else ())


def test_the_main_clause_decides_before_the_parentheses() -> None:
    assert candidates_for("Fix resolves the failure (run smoke tests on critical paths)") == (
        "failure-resolved",
    )
    assert candidates_for("Somebody looks (watch the logs)") == ("logs-clean",)


def test_a_heading_narrows_what_a_word_means() -> None:
    assert candidates_for("Tests", ("What was skipped",)) == ("skipped-tests",)
    assert candidates_for("Tests", ("What was tested",)) == ()


def test_two_equally_good_fits_are_ambiguous() -> None:
    (binding,) = bind(parse("- [ ] Assign severity and notify the team\n", "x.md"))
    assert binding.is_ambiguous
    assert (binding.check, binding.how) == (None, How.NONE)
    assert binding.candidates == ("severity-declared", "stakeholders-notified")


def test_an_explicit_id_beats_the_words() -> None:
    text = "- [ ] Notify the team {#logs-clean}\n- [ ] x {#nonsense}\n- [ ] Notify the team {#manual}\n"
    named, unknown, manual = bind(parse(text, "x.md"))
    assert named.check is CATALOGUE["logs-clean"]
    assert named.how is How.EXPLICIT
    assert (unknown.check, unknown.has_unknown_id) == (None, True)
    assert (manual.check, manual.is_deliberately_manual, manual.has_unknown_id) == (None, True, False)
    counted = tally((named, unknown, manual))
    assert (counted.items, counted.machine, counted.manual, counted.unbound) == (3, 1, 1, 1)


@pytest.mark.parametrize("check", CATALOGUE.values(), ids=lambda check: check.id)
def test_every_check_is_complete_and_found_by_each_of_its_phrases(check) -> None:
    assert (check.kind, bool(check.manual)) in (("machine", False), ("manual", True))
    assert check.manual in ("", *MANUAL_KINDS)
    assert check.phase in PHASES
    for phrase in check.phrases:
        heading, _, words = phrase.rpartition(">")
        assert key_words(words), phrase
        assert candidates_for(words, (heading,)) == (check.id,), phrase


def test_the_machine_checks_are_those_marked_so() -> None:
    assert machine_checks() == {check.id for check in CATALOGUE.values() if check.kind == "machine"}
    assert "fix-minimal" in machine_checks()
    assert len(machine_checks()) == 49
