"""andon init tells what it found, whatever kind of project it is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.cli.main import main
from tests.integration.gated import clean_environment, git


def told(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    clean_environment(place, monkeypatch)
    git(place, "init", "-q")
    monkeypatch.chdir(place)
    assert main(["init"]) == 0
    return capsys.readouterr().out


def test_a_deployer_and_a_test_command_are_told_as_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fly.toml").write_text('app = "shop"\n')
    (tmp_path / "package.json").write_text("{}\n")
    (tmp_path / "db" / "migrate").mkdir(parents=True)
    lines = told(tmp_path, monkeypatch, capsys).splitlines()
    assert "  migrations: db/migrate" in lines
    assert any("fly (fly.toml) (a comment" in line for line in lines if line.startswith("  hints: "))
    assert any(line.startswith("  test: npm test (a comment") for line in lines)
    assert lines[-1] == "next: see what is still missing  ->  andon doctor"
