"""Programs on a copy: the team's tools get exact argument lists, and Alembic's functions run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from andon.desk.values import MigrationStep, TrialFailed
from andon.production.trial_runners import AlembicRunner, CommandRunner, without_address

URL = "postgresql://me:hunter2@db.example/andon_trial_1"
STEPS = (
    MigrationStep(path="shop/migrations/0001_a.py", text="", revision="0001_a", previous="zero", app="shop"),
    MigrationStep(
        path="shop/migrations/0002_b.py", text="", revision="0002_b", previous="0001_a", app="shop"
    ),
)
TOOL = """#!{python}
import json, os, sys
with open(os.environ["RECORD"], "a") as file:
    print(json.dumps([sys.argv[1:], os.environ["DATABASE_URL"], os.getcwd()]), file=file)
{then}
"""


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECORD", str(tmp_path / "record"))
    path = tmp_path / "manage"
    path.write_text(TOOL.format(python=sys.executable, then=""))
    path.chmod(0o755)
    return path


def recorded(tool: Path) -> list[list[object]]:
    return [json.loads(line) for line in (tool.parent / "record").read_text().splitlines()]


def runner(tool: Path, base: tuple[str, ...] = (), limit: float = 20.0) -> CommandRunner:
    up = (str(tool), "migrate", "{app}", "{revision}", "it's {previous}; {file}")
    down = (str(tool), "migrate", "{app}", "{previous}")
    return CommandRunner(up, down, base, variable="DATABASE_URL", cwd=str(tool.parent), limit=limit)


def test_exact_argument_lists_and_the_address_in_the_environment(tool: Path) -> None:
    runner(tool).run("up", STEPS, URL)
    runner(tool).run("down", STEPS[::-1], URL)
    assert recorded(tool) == [
        [["migrate", "shop", "0001_a", "it's zero; shop/migrations/0001_a.py"], URL, str(tool.parent)],
        [["migrate", "shop", "0002_b", "it's 0001_a; shop/migrations/0002_b.py"], URL, str(tool.parent)],
        [["migrate", "shop", "0001_a"], URL, str(tool.parent)],
        [["migrate", "shop", "zero"], URL, str(tool.parent)],
    ]


def test_the_base_is_one_command(tool: Path) -> None:
    runner(tool, base=(str(tool), "to", "{revision}")).run("up", STEPS, URL)
    assert [arguments for arguments, _, _ in recorded(tool)] == [["to", "0002_b"]]


def test_a_placeholder_inside_a_value_stays_what_it_is(tool: Path) -> None:
    odd = MigrationStep(path="{url}", text="", revision="{previous}", previous="{revision}")
    runner(tool).run("up", (odd,), URL)
    assert recorded(tool)[0][0] == ["migrate", "", "{previous}", "it's {revision}; {url}"]


def test_a_tool_that_fails_is_quoted_without_the_address(tool: Path) -> None:
    tool.write_text(TOOL.format(python=sys.executable, then=f"sys.exit('no way to {URL}, hunter2')"))
    with pytest.raises(TrialFailed) as caught:
        runner(tool).run("up", STEPS, URL)
    assert caught.value.reason == "shop/migrations/0001_a.py: manage: no way to ***, ***"
    assert not caught.value.timed_out


def test_a_tool_that_hangs_is_stopped(tool: Path) -> None:
    tool.write_text(TOOL.format(python=sys.executable, then="import signal; signal.pause()"))
    with pytest.raises(TrialFailed) as caught:
        runner(tool, limit=1.0).run("up", STEPS[:1], URL)
    assert caught.value.timed_out


def test_a_tool_that_is_not_there(tmp_path: Path) -> None:
    absent = CommandRunner(("absent-tool",), ("absent-tool",), variable="X", cwd=str(tmp_path), limit=5.0)
    with pytest.raises(TrialFailed) as caught:
        absent.run("up", STEPS, URL)
    assert "no such program" in caught.value.reason


@pytest.mark.parametrize(
    ("url", "words", "expected"),
    [
        ("postgresql://u:p%40ss@h/x", "p@ss and p%40ss", "*** and ***"),
        ("postgresql://h/x", "could not reach h", "could not reach h"),
        ("sqlite:////tmp/x", "sqlite:////tmp/x is locked", "*** is locked"),
    ],
)
def test_an_address_is_taken_out_of_words(url: str, words: str, expected: str) -> None:
    assert without_address(words, url) == expected


#: Stands for an installed Alembic: what is asked of it is recorded in order.
LIBRARY = {
    "sqlalchemy.py": """
import contextlib, os
def log(*words):
    with open(os.environ["RECORD"], "a") as file:
        print(*words, file=file)
class Connection:
    def commit(self): log("commit")
class Engine:
    @contextlib.contextmanager
    def connect(self):
        yield Connection()
def create_engine(url):
    log("engine", url)
    return Engine()
""",
    "alembic/__init__.py": "",
    "alembic/migration.py": """
import contextlib
class MigrationContext:
    @classmethod
    def configure(cls, connection): return cls()
    def begin_transaction(self): return contextlib.nullcontext()
""",
    "alembic/operations.py": """
import contextlib
class Operations:
    @staticmethod
    def context(given): return contextlib.nullcontext()
""",
}
MIGRATION = """
from sqlalchemy import log
def upgrade(): log("up", "{name}")
def downgrade(): {down}
"""


@pytest.fixture
def alembic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AlembicRunner:
    for name, text in LIBRARY.items():
        path = tmp_path / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setenv("RECORD", str(tmp_path / "record"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "src"))
    return AlembicRunner((sys.executable,), cwd=str(tmp_path), limit=20.0)


def program(name: str, down: str = "log('down')") -> MigrationStep:
    text = MIGRATION.format(name=name, down=down)
    return MigrationStep(path=f"versions/{name}.py", text=text, revision=name, previous="base")


def test_the_functions_of_alembic_migrations_run_in_order(alembic: AlembicRunner, tmp_path: Path) -> None:
    alembic.run("up", (program("one"), program("two")), "mysql://copy")
    alembic.run("down", (program("one"),), "mysql://copy")
    up = ["engine mysql://copy", "up one", "commit", "up two", "commit"]
    down = ["engine mysql://copy", "down", "commit"]
    assert (tmp_path / "record").read_text().splitlines() == up + down


def test_plugins_that_env_py_imports_are_loaded_and_env_py_is_not_run(
    alembic: AlembicRunner, tmp_path: Path
) -> None:
    (tmp_path / "env.py").write_text(
        "import alembic_extra\nraise SystemExit('this would go to production')\n"
    )
    (tmp_path / "src/alembic_extra.py").write_text("from sqlalchemy import log\nlog('extra')\n")
    alembic.run("up", (program("one"),), "mysql://copy")
    assert (tmp_path / "record").read_text().splitlines()[0] == "extra"


def test_a_function_that_raises_is_quoted(alembic: AlembicRunner) -> None:
    broken = program("one", down="raise NotImplementedError('there is no way back')")
    with pytest.raises(TrialFailed) as caught:
        alembic.run("down", (broken,), "mysql://copy")
    assert caught.value.reason == "alembic: versions/one.py: NotImplementedError: there is no way back"


def test_a_python_without_alembic_says_so(tmp_path: Path) -> None:
    plain = AlembicRunner((sys.executable, "-I"), cwd=str(tmp_path), limit=20.0)
    with pytest.raises(TrialFailed) as caught:
        plain.run("up", (program("one"),), "mysql://copy")
    assert "this Python cannot run the migrations: No module named 'alembic'" in caught.value.reason
