"""From what was seen to what is known: what broke, since when, what is suspect, and what speaks for what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from andon.incident import events as e
from andon.incident.words import Impact, Verdict
from andon.response.assessment import Situation, assess
from tests.unit.incident.cases import START
from tests.unit.response.situations import (
    BAD,
    RELEASES,
    ago,
    error,
    judged,
    ledger,
    probe,
    put,
    situation,
)

DOWN = probe("payments", Verdict.FAILED, critical=False, summary="connection refused")
UP = probe("payments", Verdict.PASSED)
DARK = probe("payments", Verdict.UNKNOWN)
QUIET = {"errors": (), "began_at": None}
#: v3 has been running well for days.
LONG_GOOD = ledger(put("v2", 9000), judged("v2"), put("v3", 5000), judged("v3"))
#: v3 has been running for days, and nobody knows whether well.
LONG_UNKNOWN = ledger(put("v2", 9000), judged("v2"), put("v3", 5000))


def texts(found: e.AssessmentMade) -> str:
    return "\n".join(fact.text for fact in found.facts)


# ---- what is suspect


@pytest.mark.parametrize(
    ("changes", "suspect", "version"),
    [
        ({}, "deployment", "v3"),
        ({"errors": ()}, "deployment", "v3"),
        ({"dependencies": (UP,)}, "deployment", "v3"),
        ({"dependencies": (DARK,)}, "deployment", "v3"),
        ({"dependencies": (DOWN,)}, "unclear", "v3"),
        ({"ledger": LONG_GOOD, "dependencies": (DOWN,)}, "dependency", ""),
        ({"ledger": LONG_GOOD, "dependencies": (DARK,)}, "nothing-found", ""),
        ({"ledger": LONG_GOOD, "errors": (error(in_own_code=True),)}, "latent", ""),
        ({"ledger": LONG_UNKNOWN, "errors": (error(in_own_code=True),)}, "latent", ""),
        (
            {"ledger": LONG_GOOD, "errors": (error(in_own_code=True),), "dependencies": (DOWN,)},
            "dependency",
            "",
        ),
        ({"ledger": LONG_UNKNOWN}, "unclear", ""),
        ({"ledger": LONG_GOOD}, "nothing-found", ""),
        ({"ledger": LONG_GOOD, "running": ""}, "unclear", ""),
        ({"ledger": LONG_GOOD, "running": "v9"}, "unclear", ""),
        ({"ledger": ledger(), "running": ""}, "unclear", ""),
    ],
)
def test_the_suspect(changes: dict[str, Any], suspect: str, version: str) -> None:
    found = assess(situation(**changes))
    assert (found.suspect, found.suspect_version) == (suspect, version)


@pytest.mark.parametrize(
    ("deployed", "near"), [(7.9, True), (6.1, True), (5.9, False), (37.9, True), (38.1, False), (8.0, True)]
)
def test_near_is_half_an_hour_before_the_break_and_two_minutes_after(deployed: float, near: bool) -> None:
    """The break is eight minutes before the declaration."""
    history = ledger(put("v2", 9000), judged("v2"), put("v3", deployed), judged("v3"))
    assert (assess(situation(ledger=history)).suspect == "deployment") is near


def test_near_is_as_configured() -> None:
    assert assess(situation(near_deployment=1)).suspect != "deployment"
    assert assess(situation(near_deployment=3)).suspect == "deployment"


def test_the_last_of_several_deployments_is_the_suspect() -> None:
    both = ledger(*RELEASES, put("v4", 9))
    found = assess(situation(ledger=both, running="v4"))
    assert found.suspect_version == "v4"
    assert "v3 was deployed" in texts(found) and "v4 was deployed" in texts(found)


def test_a_version_put_back_near_the_break_is_a_deployment_too() -> None:
    again = ledger(*RELEASES[:4], put("v1", 12))
    found = assess(situation(ledger=again, running="v1"))
    assert (found.suspect, found.suspect_version) == ("deployment", "v1")


def test_what_was_only_found_running_is_no_deployment_near_the_break() -> None:
    """Nobody may claim a moment that nobody knows; and nobody may claim that nothing was deployed."""
    seen = ledger(*RELEASES[:4], put("v3", 0, source="seen"))
    found = assess(situation(ledger=seen, dependencies=(DOWN,)))
    assert (found.suspect, found.suspect_version) == ("unclear", "")
    assert "v3 was found running; since when is not known" in texts(found)
    assert "no deployment is near" not in texts(found)


def test_what_was_seen_running_long_ago_was_not_deployed_near_the_break() -> None:
    seen = ledger(put("v3", 5000, source="seen"), judged("v3"))
    assert assess(situation(ledger=seen)).suspect == "nothing-found"
    assert assess(situation(ledger=seen, dependencies=(DOWN,))).suspect == "dependency"


def test_a_release_whose_deployment_is_known_is_not_undated_for_having_been_seen_again() -> None:
    seen = ledger(put("v3", 5000), judged("v3"), put("v3", 0, source="seen"))
    assert assess(situation(ledger=seen)).suspect == "nothing-found"
    back = ledger(*RELEASES[:4], put("v1", 0, source="seen"))
    assert assess(situation(ledger=back, running="v1")).suspect == "unclear"


# ---- since when


@pytest.mark.parametrize(
    ("changes", "broke_at", "source", "known"),
    [
        ({"began_at": ago(30)}, ago(30), "it was declared so", True),
        ({}, ago(8), "first of 40 errors in shop", True),
        ({"errors": (error(8, 3), error(5, 90))}, ago(5), "first of 90 errors in shop", True),
        ({"errors": (error(8), error(None, 90))}, ago(8), "first of 40 errors in shop", True),
        ({"errors": (error(8), error(-5, 90))}, ago(8), "first of 40 errors in shop", True),
        ({"errors": ()}, START, "the declaration: it broke then or earlier", False),
        ({"errors": (error(None),)}, START, "the declaration: it broke then or earlier", False),
    ],
)
def test_since_when(changes: dict[str, Any], broke_at: datetime, source: str, known: bool) -> None:
    found = assess(situation(**changes))
    assert (found.broke_at, found.broke_at_source, found.broke_at_is_known) == (broke_at, source, known)


# ---- what is broken


def test_failing_probes_and_errors_are_findings() -> None:
    found = assess(
        situation(
            probes=(probe(), probe("front", Verdict.PASSED), probe("slow", Verdict.UNKNOWN)),
            errors=(error(component="cart"), error()),
        )
    )
    assert [(f.component, f.source, f.sign) for f in found.broken] == [
        ("checkout", "probe", "checkout"),
        ("cart", "log", "TypeError in cart"),
        ("shop", "log", "TypeError in cart"),
    ]


def test_a_probe_speaks_for_the_component_it_covers() -> None:
    (finding,) = assess(situation(probes=(probe(covers="payments"),), errors=())).broken
    assert (finding.component, finding.sign) == ("payments", "checkout")


def test_a_report_is_a_finding_where_the_machine_sees_nothing() -> None:
    report = e.ImpactConfirmed(kind=Impact.REPORT, summary="three customers called")
    found = assess(situation(probes=(), errors=(), impacts=(report,)))
    assert [(f.component, f.symptom, f.source) for f in found.broken] == [
        ("reported", "three customers called", "report")
    ]
    assert assess(situation(probes=(), errors=())).broken == ()


# ---- the way back, and facts


def test_the_way_back_is_part_of_what_is_known() -> None:
    found = assess(situation())
    assert (found.running_version, found.last_known_good) == ("v3", "v2")
    assert found.passed_over == ("v3: it is what runs now",)
    assert "last known good is v2" in texts(found)
    assert found.migrations is Verdict.UNKNOWN, "until somebody can read the range"


def test_no_way_back_is_said_too() -> None:
    found = assess(situation(ledger=ledger(put("v3", 10))))
    assert found.last_known_good == ""
    assert [f.against for f in found.facts if "there is no last known good" in f.text] == ["rollback"]


@pytest.mark.parametrize(
    ("history", "good"),
    [
        (RELEASES, False),
        ((put("v3", 5000), judged("v3")), True),
        ((put("v3", 5000),), False),
        ((put("v3", 5000), judged("v3", BAD)), False),
        ((put("v3", 10), judged("v3")), False),
    ],
)
def test_the_running_release_is_good_when_it_was_before_the_break(
    history: tuple[e.Event, ...], good: bool
) -> None:
    assert assess(situation(ledger=ledger(*history))).running_is_good is good


@pytest.mark.parametrize(
    ("changes", "minutes", "said"),
    [
        ({"ledger": ledger(put("v3", 10, seconds=90.0))}, 1.5, "about 90 s here (measured)"),
        ({}, 5.0, "no deployment was measured yet; the time limit is 5 min"),
        ({"deploy_limit": None}, None, "no deployer is configured"),
    ],
)
def test_minutes_to_roll_back(changes: dict[str, Any], minutes: float | None, said: str) -> None:
    found = assess(situation(**changes))
    assert found.minutes_to_roll_back == minutes
    assert said in texts(found)


@pytest.mark.parametrize(
    ("changes", "text", "speaks_for", "against"),
    [
        ({}, "v3 was deployed at 01:50:00 UTC, close before the break", "rollback", ""),
        ({}, "the cause is not known", "rollback", "hotfix"),
        ({"cause": "null price"}, "the cause is known: null price", "hotfix", ""),
        ({"minutes_to_fix": 20.0}, "a fix would take about 20 min", "", ""),
        ({"fix_is_risky": True}, "the fix is risky", "rollback", "hotfix"),
        ({"dependencies": (DOWN,)}, "dependency payments is down: connection refused", "workaround", ""),
        ({"dependencies": (UP,)}, "dependency payments answers", "", "workaround"),
        ({"dependencies": (DARK,)}, "whether dependency payments answers is not known", "", ""),
        (
            {"errors": (error(upstreams=("pay.example:443",)),)},
            "errors in shop blame pay.example:443",
            "workaround",
            "",
        ),
        (
            {"ledger": LONG_GOOD},
            "no deployment is near the break; the last one was v3 at 2026-02-25 14:40 UTC",
            "",
            "rollback",
        ),
        ({"ledger": ledger()}, "the ledger knows no deployment", "", "rollback"),
    ],
)
def test_a_fact_speaks_for_or_against(
    changes: dict[str, Any], text: str, speaks_for: str, against: str
) -> None:
    facts = {fact.text: fact for fact in assess(situation(**changes)).facts}
    assert text in facts, "\n".join(facts)
    assert (facts[text].speaks_for, facts[text].against) == (speaks_for, against)


def test_two_bad_releases_in_a_row() -> None:
    """v4 broke, was rolled back to v3, and v3 is broken too: the way back is v2."""
    after = ledger(
        *RELEASES[:4],
        put("v3", 60),
        judged("v3"),
        put("v4", 12),
        judged("v4", BAD, "rolled back"),
        put("v3", 2),
    )
    found = assess(situation(ledger=after, running="v3", errors=(error(61),)))
    assert found.last_known_good == "v2"
    assert found.passed_over == ("v3: it is what runs now", "v4: judged bad: rolled back")


def test_what_people_said_is_carried_along() -> None:
    found = assess(situation(cause="null price", minutes_to_fix=20.0, fix_is_risky=True))
    assert (found.cause, found.minutes_to_fix, found.fix_is_risky) == ("null price", 20.0, True)


def test_nothing_at_all_is_assessed_without_a_claim() -> None:
    nothing = Situation(
        declared_at=START,
        began_at=None,
        probes=(),
        dependencies=(),
        errors=(),
        impacts=(),
        ledger=ledger(),
        running="",
        available=None,
        deploy_limit=None,
    )
    found = assess(nothing)
    assert (found.suspect, found.broken, found.last_known_good, found.running_is_good) == (
        "unclear",
        (),
        "",
        False,
    )
    assert found.broke_at is not None and found.broke_at <= START + timedelta(0)
    assert not found.broke_at_is_known
