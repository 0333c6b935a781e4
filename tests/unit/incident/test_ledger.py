"""The ledger: what ran when and what is known of it, whatever order the deployments were recorded in."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.incident import events as e
from andon.incident.ledger import Ledger, fold_ledger
from andon.incident.words import ReleaseVerdict
from tests.unit.incident.cases import START, history

GOOD, BAD, UNKNOWN = ReleaseVerdict.GOOD, ReleaseVerdict.BAD, ReleaseVerdict.UNKNOWN


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def put(version: str, hours: float, **more: object) -> e.ReleaseDeployed:
    return e.ReleaseDeployed(
        **{"version": version, "commit": "", "deployed_at": at(hours), "source": "symlink", **more}
    )


def judged(version: str, verdict: ReleaseVerdict, reason: str = "watched") -> e.ReleaseJudged:
    return e.ReleaseJudged(version=version, verdict=verdict, reason=reason)


def ledger(*events: e.Event) -> Ledger:
    return fold_ledger(history(*events))


def test_an_empty_ledger_knows_nothing() -> None:
    empty = ledger()
    assert (empty.running, empty.releases, empty.typical_seconds) == (None, (), None)
    assert empty.running_at(START) is None and empty.find("v1") is None


def test_the_version_deployed_last_runs_in_whatever_order_that_was_learned() -> None:
    found = ledger(put("v2", 2), put("v1", 1), put("v3", 3))
    assert [r.version for r in found.releases] == ["v1", "v2", "v3"]
    assert found.running is not None and found.running.version == "v3"
    assert [found.running_at(at(h)).version for h in (1, 1.5, 2.5, 9)] == ["v1", "v1", "v2", "v3"]
    assert found.running_at(at(0.5)) is None


def test_a_version_put_back_runs_again_and_keeps_its_first_day_and_verdict() -> None:
    found = ledger(put("v1", 1, commit="aa"), judged("v1", GOOD), put("v2", 2), put("v1", 3))
    assert found.running is not None
    assert (found.running.version, found.running.commit, found.running.verdict) == ("v1", "aa", GOOD)
    assert (found.running.first_deployed_at, found.running.deployed_at) == (at(1), at(3))
    assert len(found.deployments) == 3 and len(found.releases) == 2
    assert found.running_at(at(2.5)).version == "v2"


@pytest.mark.parametrize(
    ("verdict", "commit", "expected"),
    [
        (GOOD, "b" * 40, UNKNOWN),
        (GOOD, "a" * 10, GOOD),
        (GOOD, "", GOOD),
        (BAD, "b" * 40, BAD),
    ],
)
def test_a_name_that_passed_to_other_code_is_not_known_to_be_good(
    verdict: ReleaseVerdict, commit: str, expected: ReleaseVerdict
) -> None:
    found = ledger(put("v1", 1, commit="a" * 40), judged("v1", verdict), put("v1", 2, commit=commit)).find(
        "v1"
    )
    assert found is not None and found.verdict is expected
    assert expected is not UNKNOWN or found.reason == "it was aaaaaaaaaa when it was judged good"


def test_the_last_verdict_counts_and_unknown_is_the_first() -> None:
    assert ledger(put("v1", 1)).releases[0].verdict is UNKNOWN
    found = ledger(put("v1", 1), judged("v1", GOOD), judged("v1", BAD, "it broke checkout"))
    assert (found.releases[0].verdict, found.releases[0].reason) == (BAD, "it broke checkout")
    assert found.releases[0].judged_at == START + timedelta(minutes=2)


def test_a_verdict_on_what_was_never_deployed_makes_no_release() -> None:
    assert ledger(judged("v9", GOOD)).releases == ()


@pytest.mark.parametrize(
    ("seconds", "typical"),
    [((), None), ((0.0,), None), ((4.0,), 4.0), ((9.0, 1.0, 5.0), 5.0), ((0.0, 8.0), 8.0)],
)
def test_the_typical_duration_is_the_median_of_the_measured_ones(
    seconds: tuple[float, ...], typical: float | None
) -> None:
    assert ledger(*(put(f"v{n}", n, seconds=s) for n, s in enumerate(seconds))).typical_seconds == typical


DEPLOYMENTS = st.lists(
    st.builds(
        put, st.sampled_from(("v1", "v2", "v3")), st.integers(0, 50), seconds=st.sampled_from((0.0, 2.0))
    ),
    max_size=12,
)


@given(DEPLOYMENTS)
@settings(max_examples=100)
def test_any_order_of_learning_gives_one_ledger(deployments: list[e.ReleaseDeployed]) -> None:
    found = ledger(*deployments)
    assert [d.deployed_at for d in found.deployments] == sorted(d.deployed_at for d in deployments)
    assert {r.version for r in found.releases} == {d.version for d in deployments}
    for release in found.releases:
        own = [d.deployed_at for d in deployments if d.version == release.version]
        assert (release.first_deployed_at, release.deployed_at) == (min(own), max(own))
        assert release.verdict is UNKNOWN
    if deployments:
        assert found.running is not None
        assert found.running.deployed_at == max(d.deployed_at for d in deployments)
    assert found.length == len(deployments)


# ---- blocked releases


def blocked(version: str, incident: str = "INC-1", commit: str = "") -> e.ReleaseBlocked:
    return e.ReleaseBlocked(version=version, reason="it lost orders", incident=incident, commit=commit)


def test_a_blocked_release_is_blocked_until_somebody_lifts_it() -> None:
    events = (put("v2", 2, commit="b" * 40), blocked("v2", commit="b" * 40))
    found = ledger(*events).block_on("v2")
    assert found is not None and (found.incident, found.reason) == ("INC-1", "it lost orders")
    assert found.blocked_at == START + timedelta(minutes=1)
    lifted = ledger(*events, e.ReleaseUnblocked(version="v2", reason="it was the database"))
    assert lifted.block_on("v2") is None and lifted.blocks == ()


@pytest.mark.parametrize(
    ("version", "commit", "is_blocked"),
    [("v2", "", True), ("v2-again", "b" * 40, True), ("v2-again", "", False), ("v3", "c" * 40, False)],
)
def test_the_same_code_under_another_name_is_blocked_too(version: str, commit: str, is_blocked: bool) -> None:
    found = ledger(put("v2", 2, commit="b" * 40), blocked("v2", commit="b" * 40))
    assert (found.block_on(version, commit) is not None) is is_blocked


def test_without_a_known_commit_only_the_name_is_blocked() -> None:
    found = ledger(put("v1", 1), put("v2", 2), blocked("v2"))
    assert found.block_on("v1") is None and found.block_on("v2") is not None


def test_a_release_blocked_again_names_the_newer_incident() -> None:
    found = ledger(blocked("v2"), blocked("v3"), blocked("v2", "INC-7"))
    assert [(b.version, b.incident) for b in found.blocks] == [("v3", "INC-1"), ("v2", "INC-7")]


# ---- deployments that broke off


def test_an_aborted_deployment_is_on_record_and_does_not_run() -> None:
    found = ledger(put("v1", 1), put("v2", 2, is_aborted=True))
    assert found.running is not None and found.running.version == "v1"
    assert found.running_at(at(3)).version == "v1"
    aborted = found.find("v2")
    assert aborted is not None and aborted.verdict is ReleaseVerdict.ABORTED
    assert (aborted.was_in_production, aborted.reason) == (False, "its deployment broke off")


def test_a_release_that_comes_through_at_the_second_try_is_unknown_again() -> None:
    found = ledger(put("v2", 2, is_aborted=True), put("v2", 3)).find("v2")
    assert found is not None and (found.verdict, found.reason) == (UNKNOWN, "")
    assert found.was_in_production


def test_a_second_deployment_that_breaks_off_leaves_the_verdict_on_the_first() -> None:
    found = ledger(put("v1", 1), judged("v1", GOOD), put("v2", 2), put("v1", 3, is_aborted=True))
    release = found.find("v1")
    assert release is not None and release.verdict is GOOD and release.was_in_production
    assert found.running is not None and found.running.version == "v2"


def test_what_is_known_of_a_release_is_kept_when_a_later_deployment_says_nothing() -> None:
    first = put("v1", 1, schema="0007_orders.sql", config_names="aa", lockfiles="bb", artefact="shop:1")
    found = ledger(first, put("v1", 5)).releases[0]
    assert (found.schema, found.config_names, found.lockfiles) == ("0007_orders.sql", "aa", "bb")
    assert found.artefact == "shop:1"


def test_a_verdict_keeps_its_evidence_until_the_next_one() -> None:
    proof = "sha256:" + "e" * 64
    given = e.ReleaseJudged(version="v1", verdict=BAD, reason="it broke", evidence=proof)
    assert ledger(put("v1", 1), given).releases[0].evidence == proof
    assert ledger(put("v1", 1), given, judged("v1", GOOD)).releases[0].evidence is None


def test_what_was_changed_without_a_release_is_listed_in_the_order_of_its_moments() -> None:
    late, early = (
        e.SettingChanged(kind=kind, what=what, changed_at=at(hours))
        for kind, what, hours in (("flag", "new-checkout on", 5), ("configuration", "PAYMENTS_URL", 2))
    )
    assert ledger(late, early).changes == (early, late)


def test_how_long_a_rollback_takes_is_told_apart_from_other_deployments() -> None:
    found = ledger(put("v1", 1, seconds=90.0), put("v2", 2, source="rollback", seconds=4.0))
    assert (found.typical_rollback_seconds, found.typical_seconds) == (4.0, 90.0)
    assert ledger(put("v1", 1, seconds=90.0)).typical_rollback_seconds is None
