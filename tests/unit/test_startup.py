"""What the everyday commands may not import, because each of these costs milliseconds at every start.

Counted in modules, not in time, so that a busy machine cannot make it fail; bench/startup.py has the times.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

#: Modules with a cost of their own, and what only some commands need.
SLOW = {
    "apprise", "asyncio", "concurrent.futures", "dataclasses", "dbos", "email", "http.client",
    "importlib.metadata", "inspect", "logging", "markdown_it", "pathlib", "psycopg", "rich", "shutil",
    "sqlalchemy", "sqlglot", "ssl", "subprocess", "tempfile", "tomllib", "typing", "urllib.request", "uuid",
    "zoneinfo",
}  # fmt: skip

#: Runs one command of Andon in this interpreter and reports what it imported beyond the bare interpreter.
PROGRAM = """
import sys
before = set(sys.modules)
status = None
try:
    from andon.__main__ import main
    status = main(sys.argv[1:])
except SystemExit as end:
    status = end.code
loaded = sorted(set(sys.modules) - before)
import json
print("\\n" + json.dumps({"status": status, "loaded": loaded}))
"""

DECLARE = ("declare", "Checkout is down", "--severity", "P1", "--no-capture")

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("andon.__main__") is None, reason="no command line yet"
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository whose configuration and protocol Andon has read before, with one incident open."""
    place = tmp_path / "shop"
    place.mkdir()
    subprocess.run(["git", "init", "-q", place], check=True)
    (place / "andon.toml").write_text('service = "shop"\n')
    for _ in range(2):  # a file written this very moment is not cached: it could change unseen
        imported(place, *DECLARE)
    return place


def imported(repository: Path, *arguments: str) -> set[str]:
    """Run a command where it should succeed and return the names of the modules it imported."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ANDON_", "PYTHON"))
    }
    environment |= {"HOME": str(repository.parent), "XDG_DATA_HOME": str(repository.parent / "data")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["status"] == 0, done.stdout + done.stderr
    return set(report["loaded"])


@pytest.mark.parametrize("arguments", [("--help",), ("status",), DECLARE], ids=lambda words: words[0])
def test_an_everyday_command_imports_nothing_slow(repository: Path, arguments: tuple[str, ...]) -> None:
    loaded = imported(repository, *arguments)
    assert not loaded & SLOW, f"{sorted(loaded & SLOW)} of {len(loaded)} modules"
    assert ("sqlite3" in loaded) == (arguments != ("--help",)), "the journal was not read"


REMEMBER = """
import sys
from andon.desk.gate import regression_tests
from andon.desk.remembered import remembered
from andon.response.gates.regression_tests import judge_regressions
log = "# R\\n\\n## REG-1 - x\\n\\n- **Symptom:** x\\n- **Test:** test_x.py::test_x\\n"
found = judge_regressions(remembered(log, "r.md"), (), {"test_x.py": "def test_x():\\n    assert 1\\n"})
assert found.verdict.value == "passed", found
print(*sys.modules)
"""


def test_a_commit_waits_for_no_parser_to_remember_its_regressions() -> None:
    done = subprocess.run([sys.executable, "-c", REMEMBER], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {*SLOW, "ast", "ast_grep_py"}, f"{sorted(loaded & SLOW)}"
