"""The doctor says whether the gap between tests and production could be found tonight."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.config.model import Config
from andon.config.model_gap import GapConfig, GapDependencyConfig, WorldConfig
from andon.desk.diagnosis import Diagnosis
from andon.desk.doctor_gap import gap_search
from andon.record import replace
from tests.fakes.desk import FakeDesk
from tests.unit.incident.cases import assert_commands_exist

EMPTY = Config(service="shop")
WHOLE = Config(
    service="shop",
    gap=GapConfig(suite=("pytest", "-q"), artefacts=("left",)),
    gap_test=WorldConfig(start=("python3", "app.py"), env="test.env", database="sqlite:test.db"),
    gap_prod=WorldConfig(env="prod.env", database="$REPLICA", users=40, network="slow-4g"),
    gap_dependencies=(
        GapDependencyConfig(world="test", name="rates", recording="rates-test.har"),
        GapDependencyConfig(world="prod", name="rates", recording="rates-prod.har"),
    ),
)
FILES = ("test.env", "prod.env", "test.db", "rates-test.har", "rates-prod.har", "left/report.xml")


def look(root: Path, config: Config, problem: str = "") -> list[Diagnosis]:
    desk = FakeDesk(root)
    desk.config = replace(config, root=str(root))
    desk.gap_works.problem = problem
    found = list(gap_search(desk))
    for line in found:
        assert_commands_exist(line.fix)
        assert bool(line.fix) == (line.state != "ok")
    return found


def test_a_project_without_tests_in_a_browser_is_not_asked_for_any(tmp_path: Path) -> None:
    assert look(tmp_path, EMPTY) == []


def test_a_suite_that_nobody_described_is_told(tmp_path: Path) -> None:
    (tmp_path / "e2e").mkdir()
    (tmp_path / "e2e" / "playwright.config.ts").touch()
    (line,) = look(tmp_path, EMPTY)
    assert (line.subject, line.state) == ("gap", "missing")
    assert line.summary.startswith("e2e/playwright.config.ts is here")


def test_what_is_whole_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICA", "postgresql://127.0.0.1/shop")
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert {line.state for line in look(tmp_path, WHOLE)} == {"ok"}


def test_everything_that_is_named_and_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPLICA", raising=False)
    found = look(
        tmp_path, replace(WHOLE, gap_test=replace(WHOLE.gap_test, start=())), "no pytest: install it"
    )
    assert [(line.subject, line.state) for line in found[:2]] == [
        ("gap suite", "broken"),
        ("gap artefacts", "missing"),
    ]
    assert [line.summary for line in found[2:-1]] == [
        "nothing says how the tests' world is started",
        "test.env is not here",
        "test.db is not here",
        "rates-test.har is not here",
        "prod.env is not here",
        "$REPLICA is not set, so prod's database is not known",
        "rates-prod.har is not here",
    ]


def test_kinds_of_which_nothing_is_described_are_named(tmp_path: Path) -> None:
    given = Config(
        service="shop", gap=GapConfig(suite=("pytest",)), gap_prod=WorldConfig(set=(("TZ", "Asia/Tokyo"),))
    )
    line = look(tmp_path, given)[-1]
    assert line.state == "missing"
    assert line.summary.endswith("cannot be tried: data, dependency, scale, network")
    assert "[gap.prod] users" in line.fix and "[[gap.prod.dependency]]" in line.fix
