"""Suspects beside deployments: a certificate, a setting, a flag, another host, traffic; each with facts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from andon.incident import events as e
from andon.incident.words import Verdict
from andon.response.assessment import assess
from andon.response.rates import Rates
from andon.response.situation import CertificateSeen, FlagKnown, Touched
from tests.unit.incident.cases import START
from tests.unit.response.situations import ago, error, judged, ledger, probe, put, situation

#: v3 has been running well for days; the break is eight minutes before the declaration.
LONG_GOOD = ledger(put("v2", 9000), judged("v2"), put("v3", 5000), judged("v3"))
EXPIRED = CertificateSeen(host="shop.test", expires_at=ago(9))
SOON = CertificateSeen(host="shop.test", expires_at=ago(-60 * 24 * 5))
SETTING = Touched(kind="configuration", what="/etc/shop.toml was written", changed_at=ago(10))
FLAG = Touched(kind="flag", what="flags.json was written", changed_at=ago(9), covers="checkout")
CANARY = Touched(kind="release", what="the rollout of the canary v4 of shop came to 5 %", changed_at=ago(9))
DOWN = probe("payments", Verdict.FAILED, critical=False, summary="connection refused")
UP = probe("payments", Verdict.PASSED)
BLAMING = error(upstreams=("pay.test:443",))


def traffic(before: int, after: int) -> Rates:
    """A log whose messages change at the break."""
    counts = [before] * 100 + [after] * 8
    return Rates(log="web", start=ago(108), messages=tuple(counts), errors=(0,) * len(counts))


def quiet(**changes: Any) -> e.AssessmentMade:
    """What is assessed when nothing was deployed for days."""
    return assess(situation(**{"ledger": LONG_GOOD, **changes}))


def fact(found: e.AssessmentMade, start: str) -> e.Fact:
    """The one fact that begins so."""
    (one,) = [f for f in found.facts if f.text.startswith(start)]
    return one


@pytest.mark.parametrize(
    ("changes", "suspect"),
    [
        ({"certificates": (EXPIRED,)}, "certificate"),
        ({"certificates": (EXPIRED,), "dependencies": (DOWN,)}, "certificate"),
        ({"certificates": (SOON,)}, "nothing-found"),
        ({"touched": (SETTING,)}, "configuration"),
        ({"touched": (FLAG,)}, "flag"),
        ({"touched": (FLAG, SETTING)}, "unclear"),
        ({"touched": (CANARY,)}, "unclear"),
        ({"touched": (SETTING,), "dependencies": (DOWN,)}, "dependency"),
        ({"touched": (Touched(kind="flag", what="x", changed_at=ago(50)),)}, "nothing-found"),
        ({"touched": (Touched(kind="flag", what="x", changed_at=ago(3)),)}, "nothing-found"),
        ({"touched": (SETTING,), "errors": ()}, "nothing-found"),  # since when it is broken nobody knows
        ({"errors": (BLAMING,)}, "dependency"),
        ({"errors": (BLAMING, error(count=90, in_own_code=True))}, "latent"),
        (
            {"errors": (BLAMING,), "dependencies": (UP,), "hosts": (("payments", "pay.test"),)},
            "nothing-found",
        ),
        ({"errors": (BLAMING,), "dependencies": (UP,), "hosts": (("payments", "other.test"),)}, "dependency"),
        ({"rates": (traffic(20, 90),)}, "traffic"),
        ({"rates": (traffic(20, 90),), "errors": (error(in_own_code=True),)}, "traffic"),
        ({"rates": (traffic(20, 50),)}, "nothing-found"),
        ({"rates": (traffic(20, 90),), "dependencies": (DOWN,)}, "dependency"),
        ({"rates": (traffic(20, 90),), "errors": ()}, "nothing-found"),
    ],
)
def test_the_suspect_when_nothing_was_deployed(changes: dict[str, Any], suspect: str) -> None:
    assert quiet(**changes).suspect == suspect


@pytest.mark.parametrize(
    ("changes", "suspect"),
    [
        ({}, "deployment"),
        ({"certificates": (EXPIRED,)}, "unclear"),
        ({"touched": (SETTING, FLAG)}, "deployment"),
        ({"errors": (BLAMING,)}, "deployment"),
        ({"rates": (traffic(20, 90),)}, "deployment"),
    ],
)
def test_a_deployment_near_the_break_stays_suspect(changes: dict[str, Any], suspect: str) -> None:
    assert assess(situation(**changes)).suspect == suspect


def test_errors_that_blame_a_host_are_not_believed_within_a_day_of_a_deployment() -> None:
    recent = ledger(put("v2", 9000), judged("v2"), put("v3", 600), judged("v3"))
    assert quiet(ledger=recent, errors=(BLAMING,)).suspect == "nothing-found"


def test_several_things_at_once_do_not_break_it() -> None:
    found = quiet(
        certificates=(EXPIRED, SOON),
        touched=(SETTING, FLAG),
        errors=(BLAMING, error(3), error(None), error(2, is_background=True)),
        dependencies=(DOWN, UP),
        probes=(probe(), probe("front"), probe("search", Verdict.UNKNOWN)),
        rates=(traffic(20, 90),),
        flags=(FlagKnown(name="a", covers="checkout"), FlagKnown(name="b", covers="")),
    )
    assert found.suspect == "certificate"
    assert [f.component for f in found.broken[:2]] == ["checkout", "front"]


@pytest.mark.parametrize(
    ("changes", "start", "speaks_for", "against"),
    [
        ({"certificates": (EXPIRED,)}, "the certificate of shop.test expired", "workaround", "rollback"),
        ({"certificates": (SOON,)}, "the certificate of shop.test ends soon", "", ""),
        ({"touched": (SETTING,)}, "configuration changed 01:50:00 UTC, near the break", "hotfix", "rollback"),
        ({"touched": (FLAG,)}, "flag changed 01:51:00 UTC, near the break", "kill-switch", "rollback"),
        ({"touched": (CANARY,)}, "release changed 01:51:00 UTC, near the break", "rollback", ""),
        ({"errors": (BLAMING,)}, "most errors blame pay.test:443", "workaround", "rollback"),
        ({"rates": (traffic(20, 90),)}, "traffic jumped: web has 90 messages", "workaround", ""),
    ],
)
def test_each_suspect_has_its_facts(
    changes: dict[str, Any], start: str, speaks_for: str, against: str
) -> None:
    found = fact(quiet(**changes), start)
    assert (found.speaks_for, found.against) == (speaks_for, against)


def test_that_no_setting_changed_near_the_break_is_a_fact_too() -> None:
    old = Touched(kind="configuration", what="/etc/shop.toml was written", changed_at=ago(5000))
    assert "the last was /etc/shop.toml was written" in fact(quiet(touched=(old,)), "no setting changed").text


def test_a_deployment_that_broke_off_is_told_as_one() -> None:
    aborted = e.ReleaseDeployed(
        version="v4", commit="", deployed_at=ago(9), source="recorded", is_aborted=True
    )
    found = quiet(ledger=ledger(put("v3", 5000), judged("v3"), aborted))
    assert (found.suspect, found.suspect_version) == ("deployment", "v4")
    assert fact(found, "v4 began to be deployed and broke off").speaks_for == "rollback"


def test_a_blocked_release_that_runs_is_a_fact() -> None:
    blocked = e.ReleaseBlocked(version="v3", reason="it lost orders", incident="INC-1")
    found = quiet(ledger=ledger(put("v3", 5000), blocked))
    assert fact(found, "v3 runs although it is blocked since INC-1").speaks_for == "rollback"


# ---- since when: errors that were there before


def test_an_error_that_rose_dates_the_break_by_its_rise() -> None:
    rising = error(500, 900, risen_at=ago(7), density=40.0)
    found = quiet(errors=(rising,))
    assert (found.broke_at, found.broke_at_is_known) == (ago(7), True)
    assert found.broke_at_source.startswith("an error that was there before rose in shop")
    assert fact(found, "was there before and rose").text.endswith("TypeError: price is None in shop")


def test_where_the_log_begins_with_the_error_its_rise_is_looked_for() -> None:
    counts = Rates(
        log="shop",
        start=ago(100),
        messages=(*((60,) * 80), *((79,) * 20)),
        errors=(*((1,) * 80), *((20,) * 20)),
    )
    old = error(100, 480, may_be_older=True)
    found = quiet(errors=(old,), rates=(counts,))
    assert (found.broke_at, found.broke_at_is_known) == (ago(20), True)
    assert found.broke_at_source == "errors in shop rose 20-fold"
    elsewhere = quiet(errors=(old,), rates=(Rates(**{**_fields(counts), "log": "other"}),))
    assert not elsewhere.broke_at_is_known and "or earlier" in elsewhere.broke_at_source


def _fields(rates: Rates) -> dict[str, Any]:
    return {name: getattr(rates, name) for name in rates.__fields__}


# ---- flags


@pytest.mark.parametrize(
    ("probes", "covers", "flag"),
    [
        ((probe(),), "checkout", "new-checkout"),
        ((probe(), probe("front")), "checkout", ""),  # more is broken than it covers
        ((probe("front"),), "checkout", ""),
        ((probe("buy", covers="checkout"), probe("pay", covers="checkout")), "checkout", "new-checkout"),
        ((), "shop", "new-checkout"),  # only the log of the component shows it
        ((probe(),), "", ""),
    ],
)
def test_a_flag_counts_when_it_covers_all_that_is_broken(
    probes: tuple[e.ProbeOutcome, ...], covers: str, flag: str
) -> None:
    known = FlagKnown(name="new-checkout", covers=covers, off=("ops/flag", "off"))
    found = quiet(probes=probes, flags=(known,))
    assert found.flag == flag
    assert found.flag_off == (("ops/flag", "off") if flag else ())


def test_the_assessment_looks_from_when_somebody_looked() -> None:
    later = START + timedelta(days=10)
    assert quiet(certificates=(SOON,), now=later).suspect == "certificate"


# ---- minutes


def test_a_measured_rollback_counts_more_than_a_measured_deployment() -> None:
    history = ledger(put("v2", 9000, seconds=600.0), judged("v2"), put("v1", 8000, "rollback", seconds=30.0))
    found = quiet(ledger=history)
    assert found.minutes_to_roll_back == 0.5
    assert fact(found, "a rollback takes about 30 s here")
