"""The rule table, row by row: a case in which the row decides, and one close by in which it does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from andon.incident import events as e
from andon.incident.words import Choice, Verdict
from andon.response.choice import RULES, Thresholds, explain, recommend
from tests.unit.incident.cases import assessed
from tests.unit.incident.everything import records

#: A deployment broke it, there is a safe way back, nobody knows the cause: the table's ordinary case.
ORDINARY = {"minutes_to_roll_back": 1.0, "minutes_to_fix": None, "cause": ""}
#: Nothing was deployed near the break.
NOT_DEPLOYED = {**ORDINARY, "suspect": "unclear"}
KNOWN = {"cause": "a price is null"}
TABLE: list[tuple[str, dict[str, object], dict[str, object]]] = [
    (
        "outside-cause",
        {**ORDINARY, "suspect": "dependency"},
        {**ORDINARY, "suspect": "unclear"},
    ),
    (
        "certificate-expired",
        {**ORDINARY, "suspect": "certificate"},
        {**ORDINARY, "suspect": "unclear"},
    ),
    (
        "certificate-expired",
        {**ORDINARY, "suspect": "certificate", "flag": "new-checkout"},
        {**ORDINARY, "suspect": "deployment", "flag": "new-checkout"},
    ),
    (
        "outside-cause",
        {**ORDINARY, "suspect": "dependency", "flag": "new-checkout"},
        {**ORDINARY, "suspect": "deployment", "flag": "new-checkout"},
    ),
    (
        "flag-covers",
        {**ORDINARY, "flag": "new-checkout"},
        {**ORDINARY, "flag": ""},
    ),
    (
        "flag-covers",
        {**ORDINARY, "flag": "new-checkout", "last_known_good": "", "suspect": "unclear"},
        {**ORDINARY, "flag": "new-checkout", "suspect": "dependency"},
    ),
    (
        "flag-changed",
        {**ORDINARY, "suspect": "flag"},
        {**ORDINARY, "suspect": "configuration"},
    ),
    (
        "setting-changed",
        {**ORDINARY, "suspect": "configuration"},
        {**ORDINARY, "suspect": "unclear"},
    ),
    (
        "traffic-jumped",
        {**ORDINARY, "suspect": "traffic", "last_known_good": ""},
        {**ORDINARY, "suspect": "latent", "last_known_good": ""},
    ),
    (
        "rollback-impossible",
        {**ORDINARY, "last_known_good": ""},
        {**ORDINARY, "last_known_good": "v2"},
    ),
    (
        "rollback-unsafe",
        {**ORDINARY, "migrations": Verdict.UNKNOWN},
        {**ORDINARY, "migrations": Verdict.PASSED},
    ),
    (
        "rollback-unsafe",
        {**ORDINARY, "migrations": Verdict.FAILED},
        {**ORDINARY, "migrations": Verdict.PASSED},
    ),
    (
        "known-quick-fix",
        {**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": 29.0},
        {**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": 30.0},
    ),
    (
        "known-quick-fix",
        {**ORDINARY, **KNOWN, "minutes_to_fix": 2.0, "minutes_to_roll_back": 5.0},
        {**ORDINARY, **KNOWN, "minutes_to_fix": 5.0, "minutes_to_roll_back": 5.0},
    ),
    (
        "known-quick-fix",
        {**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": 2.0},
        {**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": 2.0, "fix_is_risky": True},
    ),
    (
        "known-quick-fix",
        {**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": 2.0},
        {**NOT_DEPLOYED, "minutes_to_fix": 2.0},
    ),
    (
        "recent-deployment",
        {**ORDINARY},
        {**ORDINARY, "suspect": "unclear"},
    ),
    (
        "recent-deployment",
        {**ORDINARY, **KNOWN, "minutes_to_fix": 2.0, "minutes_to_roll_back": None},
        {**ORDINARY, **KNOWN, "minutes_to_fix": 2.0, "minutes_to_roll_back": 3.0},
    ),
    (
        "fix-too-slow",
        {**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": 61.0},
        {**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": 60.0},
    ),
    (
        "fix-too-risky",
        {**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": 40.0, "fix_is_risky": True},
        {**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": 40.0},
    ),
    (
        "no-change-found",
        {**NOT_DEPLOYED, "suspect": "nothing-found", "running_is_good": True},
        {**NOT_DEPLOYED, "suspect": "nothing-found", "running_is_good": False},
    ),
    (
        "no-change-found",
        {**NOT_DEPLOYED, "suspect": "latent", "running_is_good": True},
        {**NOT_DEPLOYED, "suspect": "latent", "running_is_good": False},
    ),
    (
        "cause-known",
        {**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": 45.0},
        {**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": None},
    ),
    (
        "cause-unclear",
        {**NOT_DEPLOYED},
        {**NOT_DEPLOYED, "suspect": "deployment"},
    ),
    (
        "cause-unclear",
        {**NOT_DEPLOYED, "minutes_to_fix": 45.0},
        {**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": 45.0},
    ),
]
CHOICES = {
    "outside-cause": Choice.WORKAROUND,
    "certificate-expired": Choice.WORKAROUND,
    "flag-covers": Choice.KILL_SWITCH,
    "flag-changed": Choice.KILL_SWITCH,
    "setting-changed": Choice.HOTFIX,
    "traffic-jumped": Choice.WORKAROUND,
    "rollback-impossible": Choice.HOTFIX,
    "rollback-unsafe": Choice.HOTFIX,
    "known-quick-fix": Choice.HOTFIX,
    "recent-deployment": Choice.ROLLBACK,
    "fix-too-slow": Choice.ROLLBACK,
    "fix-too-risky": Choice.ROLLBACK,
    "no-change-found": Choice.HOTFIX,
    "cause-known": Choice.HOTFIX,
    "cause-unclear": Choice.ROLLBACK,
}


@pytest.mark.parametrize(
    ("rule", "decides", "passes"), TABLE, ids=[f"{n}-{r[0]}" for n, r in enumerate(TABLE)]
)
def test_the_row_decides_and_does_not(
    rule: str, decides: dict[str, object], passes: dict[str, object]
) -> None:
    decided = recommend(assessed(**decides), Thresholds())
    assert (decided.rule, decided.choice) == (rule, CHOICES[rule])
    assert decided.because
    assert recommend(assessed(**passes), Thresholds()).rule != rule


def test_every_row_has_its_cases_and_its_choice() -> None:
    assert {row[0] for row in TABLE} == {rule.name for rule in RULES}
    assert {rule.name: rule.choice for rule in RULES} == CHOICES
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_unclear_means_rollback() -> None:
    assert RULES[-1].choice is Choice.ROLLBACK
    assert recommend(assessed(**NOT_DEPLOYED), Thresholds()).choice is Choice.ROLLBACK


def test_the_teams_own_minutes_count() -> None:
    patient = Thresholds(quick_fix=50, slow_fix=120)
    known = assessed(**{**NOT_DEPLOYED, **KNOWN, "minutes_to_fix": 45.0})
    assert recommend(known, patient).rule == "known-quick-fix"
    hasty = Thresholds(quick_fix=5, slow_fix=10)
    assert recommend(known, hasty).rule == "fix-too-slow"


def test_a_rollback_is_never_recommended_without_a_way_back_that_is_known_to_be_safe() -> None:
    for suspect in ("deployment", "latent", "unclear", "nothing-found"):
        for changes in (
            {"last_known_good": ""},
            {"migrations": Verdict.UNKNOWN},
            {"migrations": Verdict.FAILED},
        ):
            found = assessed(**{**ORDINARY, "suspect": suspect, **changes})
            assert recommend(found, Thresholds()).choice is Choice.HOTFIX


def test_all_facts_are_carried_whichever_row_decides() -> None:
    facts = (e.Fact(text="one", speaks_for="rollback"), e.Fact(text="two", against="rollback"))
    safe = recommend(assessed(facts=facts, migrations_reason="3 files"), Thresholds())
    assert safe.facts == (*facts, e.Fact(text="migrations: 3 files"))
    unsafe = recommend(
        assessed(facts=facts, migrations=Verdict.UNKNOWN, migrations_reason="0002.sql"), Thresholds()
    )
    assert unsafe.facts[-1] == e.Fact(text="migrations: 0002.sql", against="rollback")
    without = recommend(assessed(facts=facts, last_known_good=""), Thresholds())
    assert without.facts == facts, "no range, nothing to say about it"


@given(records(e.AssessmentMade))
@settings(max_examples=150, deadline=None)
def test_any_assessment_gets_one_answer(assessment: e.AssessmentMade) -> None:
    answer = recommend(assessment, Thresholds())
    assert answer.choice is CHOICES[answer.rule]
    if answer.choice is Choice.ROLLBACK:
        assert assessment.last_known_good and assessment.migrations is Verdict.PASSED


# ---- the table explained


@pytest.mark.parametrize("row", TABLE, ids=[f"{n}-{r[0]}" for n, r in enumerate(TABLE)])
def test_the_explanation_agrees_with_the_recommendation(
    row: tuple[str, dict[str, object], dict[str, object]],
) -> None:
    for case in row[1:]:
        made = assessed(**case)
        table = explain(made, Thresholds())
        assert [r.rule for r in table] == list(RULES)
        (deciding,) = [r for r in table if r.decides]
        assert deciding.rule.name == recommend(made, Thresholds()).rule and deciding.holds
        assert not any(r.holds for r in table[: table.index(deciding)])


@pytest.mark.parametrize(
    ("rule", "case", "saw"),
    [
        ("outside-cause", {"suspect": "deployment", "suspect_version": "v3"}, "the suspect is deployment v3"),
        ("flag-covers", {"flag": "x"}, "the flag x covers what is broken"),
        ("flag-covers", {}, "no single flag covers what is broken"),
        ("rollback-impossible", {"last_known_good": ""}, "there is no last known good"),
        ("rollback-impossible", {"last_known_good": "v2"}, "last known good is v2"),
        (
            "rollback-unsafe",
            {"migrations": Verdict.UNKNOWN, "migrations_reason": "a column is gone"},
            "migrations unknown: a column is gone",
        ),
        (
            "fix-too-slow",
            {**ORDINARY, "minutes_to_fix": 90.0, "cause": "x", "fix_is_risky": True},
            (
                "the cause is known; a fix takes 90 min, and is risky; a rollback: 1.0 min; "
                "quick is below 30 min, too slow above 60"
            ),
        ),
        (
            "no-change-found",
            {"suspect": "latent", "suspect_version": "", "running_is_good": True},
            "the suspect is latent; what runs was good before it broke",
        ),
        ("cause-unclear", {}, "it always holds"),
    ],
)
def test_every_row_says_what_it_looked_at(rule: str, case: dict[str, object], saw: str) -> None:
    (row,) = [r for r in explain(assessed(**case), Thresholds()) if r.rule.name == rule]
    assert row.saw == saw


def test_how_the_flag_is_turned_off_comes_with_the_recommendation() -> None:
    found = recommend(assessed(flag="new-checkout", flag_off=("ops/flag", "off")), Thresholds())
    assert (found.choice, found.flag, found.flag_off) == (
        Choice.KILL_SWITCH,
        "new-checkout",
        ("ops/flag", "off"),
    )


@pytest.mark.parametrize(
    ("reason", "ends"),
    [
        ("", "nobody has shown that this is safe"),
        ("a column is gone", "nobody has shown that this is safe: a column is gone"),
        (
            "a column must have a value; first: a person runs the way down",
            "must have a value. To roll back nevertheless, first: a person runs the way down",
        ),
    ],
)
def test_a_database_in_the_way_tells_the_way_out(reason: str, ends: str) -> None:
    made = assessed(**{**ORDINARY, "migrations": Verdict.FAILED, "migrations_reason": reason})
    found = recommend(made, Thresholds())
    assert found.rule == "rollback-unsafe" and found.because.endswith(ends)
    passed = assessed(**{**ORDINARY, "migrations": Verdict.PASSED, "migrations_reason": reason})
    assert not reason or reason not in recommend(passed, Thresholds()).because
