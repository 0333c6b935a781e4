"""How a hook starts Andon: isolated, without `site`, and with everything that is installed all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import andon

START = Path(andon.__file__).with_name("hook_start.py")
#: Imports something of an environment and something that is nowhere, the way `hook_start` does.
PROGRAM = """
import json, runpy, sys
module = runpy.run_path({start!r}, run_name="started")
sys.meta_path.append(module["_Late"])
before = "site" in sys.modules
import enum, sqlite3
still = "site" in sys.modules
import {package}
try:
    import there_is_no_such_module
except ModuleNotFoundError as problem:
    missing = str(problem)
print(json.dumps([before, still, "site" in sys.modules, missing, sys.path[0]]))
"""


def run(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", *words],
        cwd=cwd,
        env={"PATH": os.defpath, "HOME": str(cwd), **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_it_is_the_installed_program(tmp_path: Path) -> None:
    done = run(str(START), "--version", cwd=tmp_path)
    assert done.stdout == f"andon {andon.__version__}\n", done.stderr


def test_packages_are_found_when_they_are_asked_for(tmp_path: Path) -> None:
    done = run("-c", PROGRAM.format(start=str(START), package="markdown_it"), cwd=tmp_path)
    before, still, after, missing, _ = json.loads(done.stdout)
    assert (before, still, after) == (False, False, True), done.stderr
    assert missing == "No module named 'there_is_no_such_module'"


def test_nothing_of_the_repository_is_imported(tmp_path: Path) -> None:
    for name in ("andon", "json", "sqlite3", "enum", "sitecustomize", "usercustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the repository')\n")
    done = run(str(START), "--version", cwd=tmp_path, PYTHONPATH=str(tmp_path), PYTHONSTARTUP="json.py")
    assert done.returncode == 0 and done.stdout.startswith("andon "), done.stderr
    done = run(str(START), "protocol", "show", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_a_commit_does_not_pay_for_site(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    done = run("-X", "importtime", str(START), "gate", "pre-commit", cwd=tmp_path)
    names = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "import time:" in line]
    assert "andon.desk.gate.run" in names
    assert "site" not in names
