"""What the everyday commands may not import, because each of these costs milliseconds at every start.

Counted in modules, not in time, so that a busy machine cannot make it fail; bench/startup.py has the times.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tomllib
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


#: What only a hotfix may wait for.
PARSERS = {"ast_grep_py", "argparse"}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def calm(tmp_path: Path) -> Path:
    """A git repository of a service without an open incident, with something staged."""
    place = tmp_path / "calm"
    place.mkdir()
    subprocess.run(["git", "init", "-q", place], check=True)
    (place / "andon.toml").write_text('service = "calm"\n')
    (place / "app.py").write_text("print(1)\n")
    subprocess.run(["git", "-C", place, "add", "app.py"], check=True)
    imported(place, *DECLARE)
    imported(place, "severity", "P3", "--reason", "nobody is hurt")
    return place


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


def imported(repository: Path, *arguments: str, codes: tuple[int, ...] = (0,)) -> set[str]:
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
    assert report["status"] in codes, done.stdout + done.stderr
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


def test_the_gate_of_a_commit_imports_nothing_slow(calm: Path) -> None:
    loaded = imported(calm, "gate", "pre-commit", codes=(0, 1, 3))
    assert "sqlite3" in loaded and "andon.production.git_changes" in loaded
    assert not loaded & (SLOW | PARSERS), f"{sorted(loaded & (SLOW | PARSERS))} of {len(loaded)} modules"


def test_a_commit_of_code_without_a_flag_waits_for_no_parser(calm: Path) -> None:
    (calm / "andon.toml").write_text('service = "calm"\n[flags]\nfile = "flags.json"\n')
    (calm / "flags.json").write_text('{"flags": {"new-pricing": {"state": "ENABLED"}}}')
    subprocess.run(["git", "-C", calm, "add", "flags.json"], check=True)
    subprocess.run(["git", "-C", calm, "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-qm", "x",
                    "--no-verify", "flags.json"], check=True)  # fmt: skip
    os.utime(calm / "andon.toml", (1, 1))  # long ago, so that it is cached
    for _ in range(2):
        loaded = imported(calm, "gate", "pre-commit", codes=(0, 1, 3))
    assert "andon.desk.flags.changes" in loaded
    needless = SLOW | PARSERS | {"yaml", "andon.flags.hygiene.uses", "andon.desk.deployments"}
    assert not loaded & needless, f"{sorted(loaded & needless)}"


def test_a_commit_during_an_emergency_waits_for_no_more_than_it_must(repository: Path) -> None:
    (repository / "app.py").write_text("print(1)\n")
    subprocess.run(["git", "-C", repository, "add", "app.py"], check=True)
    for _ in range(2):  # the second time what was violated is on record
        loaded = imported(repository, "gate", "pre-commit", codes=(0, 1, 3))
    assert "andon.incident.emergency" in loaded, "no P1 was seen"
    needless = SLOW | PARSERS | {"hashlib", "andon.incident.evolve", "andon.incident.finding_events"}
    assert not loaded & needless, f"{sorted(loaded & needless)} of {len(loaded)} modules"


def test_what_a_commit_waits_for_is_under_the_import_rule(tmp_path: Path) -> None:
    place = tmp_path / "new"
    place.mkdir()
    subprocess.run(["git", "init", "-q", place], check=True)
    loaded = imported(place, "gate", "pre-commit", codes=(0, 1, 3))
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (rule,) = [c for c in contracts if c["name"].startswith("A commit waits for no toolkit")]
    covered = tuple(rule["source_modules"])
    #: `main` prints help and bug reports with what only those need; the packages above are empty.
    exempt = {"andon", "andon.cli.main"} | {module.rpartition(".")[0] for module in covered}
    missing = sorted(
        m
        for m in loaded
        if m.partition(".")[0] == "andon"
        and m not in exempt
        and not any(m == c or m.startswith(f"{c}.") for c in covered)
    )
    assert not missing, f"add them to the contract in pyproject.toml: {missing}"
