"""Audit tools as programs: scripts that answer as the tools do, and the real npm without a network."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from andon.production.audit_tools import ProgramsOnPath
from andon.response.audits.formats import read_npm
from andon.response.audits.plan import Question, questions


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of programs that alone is on PATH."""
    place = tmp_path / "bin"
    place.mkdir()
    monkeypatch.setenv("PATH", str(place))
    return place


def put(place: Path, name: str, body: str) -> None:
    program = place / name
    program.write_text(f"#!{sys.executable} -IS\nimport json, os, sys\n{body}\n")
    program.chmod(0o755)


def only(texts: dict[str, str], program: str) -> Question:
    (question,) = (q for q in questions(texts, (program,)) if q.program == program)
    return question


def test_a_tool_sees_the_lock_files_and_nothing_else(programs: Path) -> None:
    put(
        programs,
        "npm",
        "print(json.dumps({'here': sorted(os.listdir()), 'words': sys.argv[1:]})); sys.exit(1)",
    )
    texts = {"web/package-lock.json": "{}", "web/package.json": '{"name": "x"}', "other.txt": "x"}
    answer = ProgramsOnPath().ask(only(texts, "npm"), 20.0)
    told = json.loads(answer.content)
    assert (answer.code, answer.failure) == (1, "")
    assert told["here"] == ["package-lock.json", "package.json"]
    assert "--ignore-scripts" in told["words"]


def test_what_a_tool_complains_of_stays_out_of_its_answer(programs: Path) -> None:
    put(programs, "pip-audit", "print('no network', file=sys.stderr); print('{}'); sys.exit(1)")
    answer = ProgramsOnPath().ask(only({"requirements.txt": "a==1\n"}, "pip-audit"), 20.0)
    assert answer.content == b"{}\n" and "no network" in answer.account


def test_a_tool_that_hangs_or_is_not_there_is_told(programs: Path) -> None:
    put(programs, "pip-audit", "import time; time.sleep(60)")
    question = only({"requirements.txt": "a==1\n"}, "pip-audit")
    tools = ProgramsOnPath()
    assert tools.has("pip-audit") and not tools.has("npm")
    assert "did not end" in tools.ask(question, 0.3).failure
    (programs / "pip-audit").unlink()
    assert "no such program" in tools.ask(question, 5.0).failure


@pytest.mark.skipif(shutil.which("npm") is None, reason="no npm here")
def test_the_real_npm_without_a_network_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_update_notifier", "false")
    package = {"name": "shop", "version": "1.0.0", "dependencies": {"left-pad": "1.3.0"}}
    lock = {
        "name": "shop",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "requires": True,
        "packages": {"": package, "node_modules/left-pad": {"version": "1.3.0"}},
    }
    texts = {"package.json": json.dumps(package), "package-lock.json": json.dumps(lock)}
    answer = ProgramsOnPath().ask(only(texts, "npm"), 60.0)
    assert answer.failure == "" and answer.code != 0
    assert read_npm(answer.content).problems, os.fsdecode(answer.content)
