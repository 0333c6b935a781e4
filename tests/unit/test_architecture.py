"""The import rules hold, and would notice: the contracts are run on copies with something wrong in them."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "src" / "andon"
PURE = ("protocol", "incident", "response", "review")
#: What reads the clock or the disk without an import that the contracts could see.
IMPURE_CALLS = {"now", "utcnow", "today", "open", "input", "print", "exec", "eval", "__import__"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the source with the contracts, to spoil."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(PACKAGES, tmp_path / "src" / "andon", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def check_imports(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts on a project, as the test command does."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=project,
        env={"PATH": os.defpath, "PYTHONPATH": str(project / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )


def test_the_source_keeps_every_rule(copy: Path) -> None:
    checked = check_imports(copy)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("path", "line", "complaint"),
    [
        ("utils.py", "X = 1", "andon.utils"),
        ("incident/stray.py", "import andon.desk", "andon.incident is not allowed to import andon.desk"),
        ("errors.py", "import andon.record", "andon.errors is not allowed to import andon.record"),
        ("protocol/stray.py", "import subprocess", "andon.protocol is not allowed to import subprocess"),
        ("review/stray.py", "def f():\n    import time", "andon.review is not allowed to import time"),
        ("desk/stray.py", "import sqlite3", "andon is not allowed to import sqlite3"),
        ("cli/stray.py", "import psycopg", "andon is not allowed to import psycopg"),
        ("production/stray.py", "import apprise", "andon is not allowed to import apprise"),
        ("desk/gate/run.py", "import subprocess", "andon.desk.gate.run is not allowed to import subprocess"),
        ("journal/sqlite.py", "import logging", "andon.journal.sqlite is not allowed to import logging"),
    ],
)
def test_a_broken_rule_is_named(copy: Path, path: str, line: str, complaint: str) -> None:
    spoiled = copy / "src" / "andon" / path
    spoiled.parent.mkdir(exist_ok=True)
    (spoiled.parent / "__init__.py").touch()
    with spoiled.open("a") as file:
        file.write(f"\n{line}\n")
    checked = check_imports(copy)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert complaint in checked.stdout


@pytest.mark.parametrize("package", PURE)
def test_what_judges_reads_no_clock_and_no_file(package: str) -> None:
    modules = sorted((PACKAGES / package).rglob("*.py"))
    assert modules, f"there is no andon.{package}: nothing was checked"
    found = [
        f"{module.relative_to(ROOT)}:{call.lineno}: {ast.unparse(call)}"
        for module in modules
        for call in ast.walk(ast.parse(module.read_text()))
        if isinstance(call, ast.Call) and called(call) in IMPURE_CALLS
    ]
    assert not found, "\n".join(found)


def called(call: ast.Call) -> str:
    """Return the last name of what is called: `now` for `datetime.now(UTC)`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
