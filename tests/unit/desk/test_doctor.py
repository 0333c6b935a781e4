"""The doctor: each line says what was looked at, what is missing or broken, and what mends it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from andon.config.model import Config
from andon.config.model_production import FlagConfig, ProbeConfig
from andon.config.model_team import GatesConfig, HotfixConfig, ScannerConfig, ShipConfig
from andon.desk.diagnosis import Diagnosis
from andon.desk.doctor import diagnose
from andon.desk.hooks import install_hooks
from andon.desk.secret_files import audit_secret_files
from andon.desk.values import AuditAnswer
from andon.errors import Unavailable
from andon.incident.words import Verdict
from andon.record import replace
from tests.fakes.audit_tools import FakeAuditTools
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeDeployer, FakeLogSource, FakeProbe, FakeRepository
from tests.fakes.scanner import FakeScanner
from tests.unit.desk.shop import STAKEHOLDERS, declared, on_disk, shop
from tests.unit.incident.cases import assert_commands_exist


def look(desk: FakeDesk) -> dict[str, Diagnosis]:
    """Every diagnosis by its subject; each that is not well names what mends it."""
    found = list(diagnose(desk))
    for line in found:
        assert line.state in ("ok", "missing", "broken", "unknown")
        assert line.summary
        assert_commands_exist(line.fix)
    return {line.subject: line for line in found}


def states(desk: FakeDesk) -> dict[str, str]:
    return {subject: line.state for subject, line in look(desk).items()}


def test_a_bare_directory_lacks_nearly_everything_and_says_how_to_get_it(tmp_path: Path) -> None:
    lines = look(FakeDesk(tmp_path))
    assert {s for s, line in lines.items() if line.state == "missing"} == {
        "configuration",
        "deployer",
        "hooks",
        "last known good",
        "smoke tests",
        "logs",
        "people",
        "notify",
        "ship tests",
        "staging",
        "secret audit",
    }
    assert all(line.fix for line in lines.values() if line.state == "missing")
    assert lines["repository"].state == "broken"
    assert lines["protocol"].state == "ok" and lines["journal"].state == "ok"
    assert lines["you"].summary == "ann"


def test_a_well_kept_service_is_well(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", Verdict.PASSED),), scanners=(FakeScanner({}),))
    desk.logs = (FakeLogSource("shop", b"line\n"),)
    desk.told = STAKEHOLDERS
    desk.config = replace(
        desk.config,
        path=str(tmp_path / "andon.toml"),
        ship=ShipConfig(test=("./dev", "test")),
        staging=(ProbeConfig(name="checkout", url="https://staging.example"),),
    )
    install_hooks(desk)
    audit_secret_files(desk)
    lines = look(desk)
    assert {line.state for line in lines.values()} == {"ok"}
    assert lines["deployer"].summary == "fake: v3 runs"
    assert lines["last known good"].summary == "v1, v2"
    assert lines["log shop"].summary == "5 bytes"
    assert "3 tags" in lines["repository"].summary


@pytest.mark.parametrize(
    ("verdict", "state"), [(Verdict.PASSED, "ok"), (Verdict.FAILED, "broken"), (Verdict.UNKNOWN, "unknown")]
)
def test_smoke_tests_and_dependencies_say_what_they_saw(tmp_path: Path, verdict: Verdict, state: str) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", verdict),))
    desk.dependencies = (FakeProbe("payments", verdict),)
    lines = look(desk)
    assert bool(lines["smoke test checkout"].fix) == (verdict is not Verdict.PASSED)
    found = {subject: line.state for subject, line in lines.items()}
    assert (found["smoke test checkout"], found["dependency payments"]) == (state, state)


def test_source_that_no_scanner_reads_is_told_before_a_hotfix_needs_it(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    line = look(desk)["scanner"]
    assert line.state == "missing" and 'unscanned = [".py"' in line.fix
    desk.config = replace(desk.config, gates=GatesConfig(unscanned=(".py", ".sql")))
    assert "scanner" not in look(desk)


def test_a_scanner_that_does_not_run_is_told(tmp_path: Path) -> None:
    desk = shop(tmp_path, scanners=(FakeScanner({}, name="ruff"),))
    assert look(desk)["scanner ruff"].state == "ok"
    gone = Unavailable("there is no ruff on PATH", remedy="pip install ruff")
    desk.scanners = (FakeScanner({}, failure=gone, name="ruff"),)
    assert look(desk)["scanner ruff"].fix == "pip install ruff"


def test_a_place_of_migrations_that_is_not_there_is_broken(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    desk.config = replace(desk.config, migrations=("./shop", "database/changes"))
    found = [line for line in diagnose(desk) if line.subject == "migrations"]
    assert [
        (line.state, "database/changes is not in the newest commit" in line.summary) for line in found
    ] == [("broken", True)]


def test_a_log_that_cannot_be_read_is_broken(tmp_path: Path) -> None:
    lines = look(FakeDesk(tmp_path, logs=(FakeLogSource("shop", failure="permission denied"),)))
    assert (lines["log shop"].state, lines["log shop"].summary) == ("broken", "permission denied")


def test_a_deployer_that_does_not_answer_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = FakeDesk(tmp_path, deployer=FakeDeployer(on_disk("v1")), repository=FakeRepository("", ()))

    def silent() -> None:
        raise Unavailable("no route to host", where="deployer", rule="deployer", remedy="look")

    monkeypatch.setattr(desk.deployer, "releases", silent)
    monkeypatch.setattr(desk.deployer, "running", silent)
    lines = look(desk)
    assert lines["releases"].state == "broken" and "no route to host" in lines["running release"].summary


def test_an_altered_journal_is_broken(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    declared(desk)
    assert look(desk)["journal"].summary == "memory: 1 streams, all whole, 1 open incidents"
    seq, identity, kind, at, _, command, body, link = desk.journal.streams["INC-1"][0]
    desk.journal.streams["INC-1"][0] = (seq, identity, kind, at, "mallory", command, body, link)
    line = look(desk)["journal"]
    assert (line.state, line.summary, line.fix) == ("broken", "altered: INC-1", "andon audit")


def test_a_journal_that_cannot_be_read_does_not_end_the_examination(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = FakeDesk(tmp_path)

    def locked(*_: Any) -> None:
        raise Unavailable("it is locked", where="journal", rule="journal-locked", remedy="wait")

    for name in ("heads", "read", "append"):
        monkeypatch.setattr(desk.journal, name, locked)
    lines = look(desk)
    assert (lines["journal"].state, lines["journal"].fix) == ("broken", "wait")
    assert lines["releases"].state == "broken"
    assert "you" in lines


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        (None, "broken", "cannot be read"),
        ("Call Bob.", "missing", "has no checklist"),
        ("# P\n\n## Step 1\n\n- [ ] Polish the xyzzy\n", "ok", "1 bind to no check and will be signed"),
        ("# P\n\n## Step 1\n\n- [ ] Deploy {#deployed}\n", "ok", "1 items, all bound"),
    ],
)
def test_the_protocol(tmp_path: Path, text: str | None, state: str, said: str) -> None:
    if text is not None:
        (tmp_path / "INCIDENTS.md").write_text(text)
    line = look(FakeDesk(tmp_path, config=Config(service="shop", protocol="INCIDENTS.md")))["protocol"]
    assert line.state == state and said in line.summary
    assert line.fix or state == "ok"


def test_a_stakeholder_whose_variable_is_not_set_is_broken(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, told={"P0": {"$PAGER (not set)": ""}, "P1": {"$PAGER (not set)": ""}})
    line = look(desk)["notify"]
    assert (line.state, line.summary) == ("broken", "$PAGER (not set)")


def test_a_secret_file_that_cannot_be_read_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("KEY=1")
    assert "secrets" not in states(FakeDesk(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # as for anybody but root
    assert states(FakeDesk(tmp_path))["secrets"] == "broken"


def test_a_redactor_that_cannot_know_the_secrets_does_not_end_the_examination(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = FakeDesk(tmp_path, probes=(FakeProbe("checkout", Verdict.PASSED),))

    def blind(content: bytes) -> None:
        raise Unavailable("a secret file cannot be read", where=".env", rule="redact", remedy="look")

    monkeypatch.setattr(desk.redactor, "redact", blind)
    lines = look(desk)
    assert lines["smoke tests and logs"].state == "broken" and "you" in lines


def test_a_rollback_that_would_be_refused_is_known_before_the_night(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    assert isinstance(desk.deployer, FakeDeployer)
    assert "rollback" not in look(desk)
    desk.deployer.refusal = "Argo CD would put the version from git back"
    line = look(desk)["rollback"]
    assert (line.state, line.fix) == ("broken", "as the test says")
    assert "would not be possible: Argo CD" in line.summary


def test_a_tool_that_is_not_there_is_named(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    assert isinstance(desk.deployer, FakeDeployer)
    desk.deployer.programs = ("git", "andon-no-such-program")
    lines = look(desk)
    assert "git" not in lines
    assert lines["andon-no-such-program"].summary == (
        "andon-no-such-program is not on the PATH, and the deployer needs it"
    )


def test_what_the_ship_gate_will_lack_is_told(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    desk.config = replace(desk.config, flags=(FlagConfig(name="new", owner="mia"),))
    lines = look(desk)
    assert lines["ship tests"].state == lines["staging"].state == lines["flag new"].state == "missing"
    assert lines["flag new"].summary == "no purpose, no default"


def test_scanners_and_what_proves_a_hotfix_are_looked_for(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    assert look(desk)["hotfix test"].state == "ok"
    program = tmp_path / "build"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    desk.config = replace(
        desk.config,
        root=str(tmp_path),
        hotfix=HotfixConfig(test=("./gone",), build=("./build", "{version}")),
        scanners=(
            ScannerConfig(name="there", command=("sh", "{output}")),
            ScannerConfig(name="gone", command=("andon-no-such-program", "{output}")),
        ),
    )
    lines = look(desk)
    assert {s: lines[s].state for s in ("scanner there", "scanner gone", "hotfix test", "hotfix build")} == {
        "scanner there": "ok",
        "scanner gone": "broken",
        "hotfix test": "broken",
        "hotfix build": "ok",
    }
    assert lines["hotfix test"].summary == "./gone is no program in the repository"


@pytest.mark.parametrize(("program", "state"), [("pip-audit", "ok"), ("cargo", "missing")])
def test_the_audit_of_a_lock_file_is_looked_for(tmp_path: Path, program: str, state: str) -> None:
    desk = shop(tmp_path)
    commit = "c" * 40
    told: dict[tuple[str, str], bytes | None] = {(commit, "requirements.txt"): b"jinja2==3.1.0\n"}
    history = [(commit, "begin", ("requirements.txt",), ("v3",))]
    desk.repository = FakeRepository(str(tmp_path), history, told)
    desk.audit_tools = FakeAuditTools({program: AuditAnswer(code=0)})
    assert look(desk)["audit pip-audit"].state == state


def test_secret_files_that_are_in_are_broken_and_an_old_audit_is_told(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    assert states(desk)["secret audit"] == "missing"
    audit_secret_files(desk)
    assert states(desk)["secret audit"] == "ok"
    desk.clock.sleep(91 * 86400)
    assert "older than 90 days" in look(desk)["secret audit"].summary
    desk.ignores.new = {"prod.env": b"A=1"}
    desk.ignores.open = {"prod.env"}
    assert look(desk)["secret files"].summary.startswith("prod.env lies here")
