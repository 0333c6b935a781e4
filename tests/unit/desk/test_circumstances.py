"""Assessing with what surrounds a break: errors that rise, certificates, settings, flags, other hosts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from andon.config.model import Config
from andon.config.model_production import DeployConfig, FlagConfig, FlagSystemConfig, LogConfig, ProbeConfig
from andon.desk.assess import run_assessment
from andon.desk.casefile import load
from andon.desk.circumstances import certificates, host_of, touched
from andon.desk.decide import decide_on, recommendation
from andon.desk.deployments import judge, read_ledger, record_change, record_deployment
from andon.desk.looking import error_signs
from andon.desk.recording import record
from andon.desk.rollback import plan_rollback
from andon.desk.values import LogExcerpt
from andon.desk.verify import run_verification, verify_quietly
from andon.incident.commands import Acknowledge
from andon.incident.events import AssessmentMade
from andon.incident.words import Choice, ReleaseVerdict, Verdict
from andon.record import replace
from andon.response.bad_ranges import bad_ranges
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import execute
from tests.fakes.production import FakeDeployer, FakeLogSource, FakeProbe, FakeRepository
from tests.unit.cli.test_releases import andon
from tests.unit.desk.shop import COMMITS, ago, declared, log_line, on_disk
from tests.unit.incident.cases import assert_commands_exist

CHECKOUT = ProbeConfig(name="checkout", url="https://shop.test/checkout", covers="checkout")
PAYMENTS = ProbeConfig(name="payments", url="https://pay.test:8443/health")
CONFIG = Config(
    service="shop",
    deploy=DeployConfig(kind="symlink", root="/srv", settle=2.0),
    smoke=(CHECKOUT, ProbeConfig(name="cart", url="https://shop.test/cart")),
    dependencies=(PAYMENTS,),
    logs=(LogConfig(name="shop", file="shop.log"),),
    setting_files=("shop.toml", "gone.toml"),
    flags=(FlagConfig(name="new-checkout", covers="checkout", file="flags.json", off=("ops/flag", "a b")),),
)


def steady(root: Path, log: bytes = b"", **changes: Any) -> FakeDesk:
    """A shop in which the good v2 has been running for days, and whose checkout fails now."""
    given: dict[str, Any] = {
        "deployer": FakeDeployer(on_disk("v2", "v1"), running="v2"),
        "probes": (FakeProbe("checkout", Verdict.FAILED, covers="checkout", critical=True),),
        "repository": FakeRepository(str(root), COMMITS),
        "config": CONFIG,
        "logs": (FakeLogSource("shop", log),) if log else (),
    }
    desk = FakeDesk(root, **{**given, **changes})
    for version, minutes in (("v1", 9000), ("v2", 5000)):
        record_deployment(desk, version, deployed_at=ago(desk, minutes), source="symlink")
        judge(desk, version, ReleaseVerdict.GOOD, "watched")
    return desk


def lines(root: Path, errors: Any, minutes: int = 120, calm: int = 5) -> bytes:
    """A log with some messages a minute, and as many errors as `errors` says for each minute ago."""
    desk = FakeDesk(root)
    text = b""
    for minute in range(minutes, 0, -1):
        for number in range(calm):
            text += log_line(desk, minute - number / 100, "INFO order taken")
        for number in range(errors(minute)):
            text += log_line(desk, minute - number / 100, "ERROR mail server is slow")
    return text


def assessed(desk: FakeDesk) -> AssessmentMade:
    return run_assessment(desk, declared(desk)).assessment


def texts(made: AssessmentMade) -> str:
    return "\n".join(fact.text for fact in made.facts)


def test_a_harmless_error_that_rises_dates_the_break(tmp_path: Path) -> None:
    log = lines(tmp_path, lambda minute: 12 if minute <= 25 else int(minute % 4 == 0))
    desk = steady(tmp_path, log)
    signs = error_signs(desk, [LogExcerpt(name="shop", content=log)])
    assert signs[0].may_be_older, "it is as old as the log"
    made = assessed(desk)
    assert made.broke_at_is_known and made.broke_at is not None
    assert abs((made.broke_at - ago(desk, 25)).total_seconds()) <= 120
    assert made.broke_at_source.startswith("an error that was there before rose in shop")
    assert "was there before and rose" in texts(made)
    assert [f.sign for f in made.broken if f.source == "log"] == ["mail server is slow"]


def test_a_harmless_error_that_does_not_rise_stays_harmless(tmp_path: Path) -> None:
    made = assessed(steady(tmp_path, lines(tmp_path, lambda minute: int(minute % 4 == 0))))
    assert not made.broke_at_is_known
    assert "always there, so not the break" in texts(made)
    assert [f.source for f in made.broken] == ["probe"]


def test_errors_that_only_grew_with_the_traffic_are_no_break_and_traffic_is_no_suspect(
    tmp_path: Path,
) -> None:
    """Nobody knows since when it is broken: nothing can be near it."""
    busy = lines(tmp_path, lambda _: 2, minutes=30, calm=80)
    made = assessed(
        steady(tmp_path, lines(tmp_path, lambda minute: int(minute % 2 == 0) if minute > 30 else 0) + busy)
    )
    assert made.suspect in ("nothing-found", "unclear")


@pytest.mark.parametrize(
    ("minutes", "suspect", "choice"),
    [(20, "certificate", Choice.WORKAROUND), (-60 * 24 * 30, "nothing-found", Choice.KILL_SWITCH)],
)
def test_an_expired_certificate_of_a_probe_or_a_dependency_is_suspect(
    tmp_path: Path, minutes: float, suspect: str, choice: Choice
) -> None:
    desk = steady(tmp_path)
    desk.certificates.known = {PAYMENTS.url: ago(desk, minutes)}
    state = run_assessment(desk, declared(desk)).incident
    assert state.assessment is not None and state.assessment.suspect == suspect
    assert recommendation(desk, state).choice is choice


def test_every_host_is_asked_once_and_what_does_not_answer_is_left_out(tmp_path: Path) -> None:
    desk = steady(tmp_path)
    asked: list[str] = []
    expiry = desk.certificates.expiry
    desk.certificates.expiry = lambda url: (asked.append(url), expiry(url))[1]  # type: ignore[method-assign]
    desk.certificates.known = {CHECKOUT.url: ago(desk, -500)}
    assert [c.host for c in certificates(desk)] == ["shop.test"]
    assert sorted(asked) == [PAYMENTS.url, CHECKOUT.url]
    assert certificates(FakeDesk(tmp_path)) == ()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://pay.test:8443/x", "pay.test:8443"),
        ("https://pay.test/x", "pay.test"),
        ("", ""),
        ("https://[::1", ""),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert host_of(url) == host


def test_written_files_and_recorded_changes_are_changes_without_a_release(tmp_path: Path) -> None:
    desk = steady(tmp_path)
    record_change(desk, "configuration", "PAYMENTS_URL", ago(desk, 9))
    desk.files.known = {"shop.toml": ago(desk, 12), "flags.json": ago(desk, 7)}
    found = touched(desk, read_ledger(desk))
    assert [(t.kind, t.what, t.covers) for t in found] == [
        ("configuration", "PAYMENTS_URL", ""),
        ("configuration", "shop.toml was written", ""),
        ("flag", "flags.json with the flag new-checkout was written", "checkout"),
    ]


def test_the_file_of_the_flags_is_a_change_without_a_release_once(tmp_path: Path) -> None:
    desk = steady(tmp_path)
    desk.files.known = {"flags.json": ago(desk, 7), "flags.yaml": ago(desk, 5)}
    for file, told in (
        (
            "flags.yaml",
            ["flags.yaml with the flags was written", "flags.json with the flag new-checkout was written"],
        ),
        ("flags.json", ["flags.json with the flag new-checkout was written"]),
        ("gone.json", ["flags.json with the flag new-checkout was written"]),
    ):
        desk.config = replace(desk.config, flag_system=FlagSystemConfig(file=file))
        assert [t.what for t in touched(desk, read_ledger(desk))] == told


def test_a_setting_that_was_written_near_the_break_is_suspect(tmp_path: Path) -> None:
    log = lines(tmp_path, lambda minute: 12 if minute <= 25 else 0)
    desk = steady(tmp_path, log)
    desk.files.known = {"shop.toml": ago(desk, 27)}
    made = assessed(desk)
    assert (made.suspect, made.broke_at_is_known) == ("configuration", True)
    assert "near the break: shop.toml was written" in texts(made)


def test_a_flag_that_covers_what_is_broken_is_recommended_and_how_it_is_turned_off_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = steady(tmp_path)
    run_assessment(desk, declared(desk))
    assert andon(desk, "decide", "--explain") == 0
    text = capsys.readouterr().out
    assert "rule flag-covers recommends kill-switch" in text
    assert "turn new-checkout off yourself: ops/flag 'a b'" in text
    assert "holds: the flag new-checkout covers what is broken" in text
    assert "does not hold: the suspect is nothing-found" in text
    assert_commands_exist(text)
    andon(desk, "decide", "--explain", "--json")
    told = json.loads(capsys.readouterr().out)
    assert [row["rule"] for row in told["rules"] if row["decides"]] == ["flag-covers"]
    assert all(row["saw"] for row in told["rules"])
    assert any(fact["speaks_for"] == "kill-switch" for fact in told["facts"])


# ---- verdicts


def test_what_was_taken_out_is_bad_from_the_break_on_and_blocked(tmp_path: Path) -> None:
    """v2 broke it and v3 did not mend it: both are bad, and no pipeline brings v3 back."""

    probe = FakeProbe("checkout", Verdict.FAILED, covers="checkout", critical=True)
    log = lines(tmp_path, lambda minute: 6 if minute <= 60 else 0)
    config = Config(service="shop", deploy=DeployConfig(kind="symlink", root="/srv", settle=2.0))
    desk = FakeDesk(
        tmp_path,
        deployer=FakeDeployer(on_disk("v3", "v2", "v1"), running="v3"),
        probes=(probe,),
        repository=FakeRepository(str(tmp_path), COMMITS),
        config=config,
        logs=(FakeLogSource("shop", log),),
    )
    for version, minutes in (("v1", 9000), ("v2", 62), ("v3", 20)):
        record_deployment(desk, version, deployed_at=ago(desk, minutes), source="symlink")
        if version != "v3":
            judge(desk, version, ReleaseVerdict.GOOD, "smoke tests passed")
    state = record(desk, declared(desk), Acknowledge())
    state = run_assessment(desk, state).incident
    assert state.assessment is not None and state.assessment.last_known_good == "v1"
    state = decide_on(desk, state, recommendation(desk, state), Choice.ROLLBACK, "as the test needs it")
    plan = plan_rollback(desk, state, "")
    assert plan.to_version == "v1"
    execute(desk, state, plan)
    probe.verdicts, probe.runs = [Verdict.PASSED], 0
    desk.logs[0].content = log + b"".join(log_line(desk, -n / 6000, "INFO ok") for n in range(1, 400))
    verified = run_verification(desk, load(desk, state.id), watch=1.0, tell=lambda _: None)
    assert verified.verification.verdict is Verdict.PASSED
    ledger = read_ledger(desk)
    bad = ledger.find("v3")
    assert bad is not None and bad.verdict is ReleaseVerdict.BAD
    assert bad.evidence == verified.verification.evidence and bad.evidence is not None
    assert [r.releases for r in bad_ranges(ledger)] == [("v2", "v3")]
    assert ledger.block_on("v3") is not None and ledger.block_on("v1") is None
    assert andon(desk, "releases", "check", "v3") == 1
    assert andon(desk, "releases", "check", "v1") == 0


def test_smoke_tests_prove_nothing_for_a_release_with_a_fault_they_did_not_see(tmp_path: Path) -> None:

    desk = steady(tmp_path, probes=(FakeProbe("checkout", Verdict.PASSED, critical=True),))
    judge(desk, "v1", ReleaseVerdict.BAD, "it loses orders since always")
    assert verify_quietly(desk)[2] == "", "v2 was made from v1"
    desk.clock.sleep(60)
    record_deployment(desk, "v3")
    assert desk.deployer is not None
    desk.deployer.live = "v3"
    assert verify_quietly(desk)[2] == "v3", "it came after the fault was known"
