"""What every scanner keeps to: it names what it finds by path, and says so when it did not look."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from andon.config.model_team import ScannerConfig
from andon.desk.ports_scanning import Scanner
from andon.errors import InvalidInput, Unavailable
from andon.production.scan_place import place_for
from andon.production.scanner_command import CommandScanner
from andon.production.scanner_ruff import RuffScanner
from andon.production.scanners import scanners_for
from andon.record import replace
from andon.response.findings.finding import Finding, Grade
from tests.fakes.production import FakeCheckouts
from tests.fakes.scanner import FakeScanner

#: Finds `eval(` in every file below the directory it is started in and writes SARIF, as many tools do.
PROGRAM = """
import json, pathlib, sys
results = []
for path in sorted(p for p in pathlib.Path(".").rglob("*") if p.is_file()):
    for number, line in enumerate(path.read_text(errors="replace").split("\\n"), 1):
        if "eval(" in line:
            place = {"artifactLocation": {"uri": path.resolve().as_uri()}, "region": {"startLine": number}}
            results.append({"ruleId": "eval", "level": "error", "message": {"text": "eval"},
                            "locations": [{"physicalLocation": place}]})
run = {"tool": {"driver": {"name": "evals"}}, "results": results}
pathlib.Path(sys.argv[1]).write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
sys.exit(1 if results else 0)
"""


def commanded(place: Path, program: str = PROGRAM, **more: object) -> CommandScanner:
    """A scanner whose command is a Python program."""
    file = place / "evals.py"
    file.write_text(program)
    made = ScannerConfig(name="evals", command=(sys.executable, "-IS", str(file), "{output}"), timeout=20.0)
    return CommandScanner(
        replace(made, **more), FakeCheckouts(lambda *_: pytest.fail("no checkout is needed"))
    )


@pytest.fixture(params=["fake", "ruff", "command"])
def scanner(request: pytest.FixtureRequest, tmp_path: Path) -> Scanner:
    makers: dict[str, Callable[[], Scanner]] = {
        "fake": lambda: FakeScanner({"eval(": Grade.HIGH}),
        "ruff": RuffScanner,
        "command": lambda: commanded(tmp_path),
    }
    return makers[request.param]()


def findings(scanner: Scanner, texts: dict[str, str]) -> list[Finding]:
    return [f for scan in scanner.scan("c" * 40, texts) for f in scan.findings]


NAMES = ["app.py", "with space/ä b.py", "a/../b.py", "-rf.py", "deep/" * 30 + "x.py", "build/tests/x.py"]


@pytest.mark.parametrize("name", NAMES)
def test_a_finding_names_its_file_and_line(scanner: Scanner, name: str) -> None:
    if ".." in name and isinstance(scanner, CommandScanner):
        pytest.skip("git has no such names")
    text = "import os\n\nos.getcwd()\neval(input())\n"
    (finding,) = findings(scanner, {name: text, "clean.py": "x = 1\n"})
    assert (finding.path, finding.line) == (name, 4)


def test_nothing_is_found_in_nothing(scanner: Scanner) -> None:
    assert findings(scanner, {"clean.py": "x = 1\n"}) == []
    assert findings(scanner, {}) == []
    assert scanner.covers("a.py", "")


# ---- ruff


def test_ruff_looks_at_what_the_repository_would_have_it_leave_out() -> None:
    silenced = "# ruff: noqa\neval(input())\n"
    texts = {
        "a.py": "eval(input())  # noqa: S307\n",
        "b.py": silenced,
        "c.py": "eval(input())\n",
        "pyproject.toml": "[tool.ruff]\nlint.ignore = ['S']\nextend-exclude = ['*.py']\n",
        ".gitignore": "*.py\n",
    }
    found = findings(RuffScanner(), {p: t for p, t in texts.items() if p.endswith(".py")})
    assert [(f.path, f.is_silenced) for f in found] == [("a.py", True), ("b.py", True), ("c.py", False)]


def test_ruff_says_which_file_it_cannot_read() -> None:
    (scan,) = RuffScanner().scan("", {"a.py": "def f(:\n", "b.py": "eval(input())\n"})
    assert [f.path for f in scan.findings] == ["b.py"]
    assert scan.broken == ("a.py",) and "a.py:1" in scan.problems[0]


def test_made_up_passwords_in_tests_and_asserts_anywhere_are_no_weakness() -> None:
    text = "def test_it():\n    assert 1\n    login(password='correct horse')\n    eval(given)\n"
    found = findings(RuffScanner(), {"tests/x.py": text, "test_y.py": text, "shop/z.py": text})
    assert [(f.path, f.rule) for f in found] == [
        ("tests/x.py", "S307"),
        ("test_y.py", "S307"),
        ("shop/z.py", "S106"),
        ("shop/z.py", "S307"),
    ]


def test_python_without_an_ending_is_python() -> None:
    assert RuffScanner().covers("bin/deploy", "#!/usr/bin/env python3\n")
    assert not RuffScanner().covers("bin/deploy", "#!/bin/sh\n")


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("#!/bin/sh\necho '[]'\n", "does not find the weakness"),
        ("#!/bin/sh\nexit 0\n", "not JSON"),
        ("#!/bin/sh\necho '{}'\n", "not a list"),
        ("#!/bin/sh\necho broken >&2; exit 2\n", "broken"),
        (None, "no such program"),
    ],
)
def test_a_ruff_that_reads_nothing_is_no_pass(tmp_path: Path, program: str | None, told: str) -> None:
    file = tmp_path / "ruff"
    if program is not None:
        file.write_text(program)
        file.chmod(0o755)
    with pytest.raises(Unavailable, match=told) as caught:
        RuffScanner(str(file)).scan("", {"a.py": "x = 1\n"})
    assert "ruff" in caught.value.remedy


def test_no_ruff_is_no_pass(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(Unavailable, match="no ruff on PATH"):
        RuffScanner().scan("", {"a.py": "x = 1\n"})


# ---- a command


def test_a_canary_that_is_found_is_left_out(tmp_path: Path) -> None:
    scanner = commanded(tmp_path, canary=(("c/x.py", "eval(a)\n"),))
    assert [f.path for f in findings(scanner, {"app.py": "eval(b)\n"})] == ["app.py"]


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import sys; sys.exit(0)", "wrote no SARIF file"),
        ("import sys; sys.exit('no rules were found')", "no rules were found"),
        (
            PROGRAM.replace('"eval("', '"never"'),
            "finds nothing in its canary",
        ),
    ],
)
def test_a_command_that_reads_nothing_is_no_pass(tmp_path: Path, program: str, told: str) -> None:
    scanner = commanded(tmp_path, program, canary=(("x.py", "eval(a)\n"),))
    with pytest.raises(Unavailable, match=told):
        scanner.scan("", {"app.py": "x = 1\n"})


def test_a_file_that_is_no_sarif_is_no_pass(tmp_path: Path) -> None:
    program = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text('{}')"
    with pytest.raises(InvalidInput, match="not a SARIF"):
        commanded(tmp_path, program).scan("", {"app.py": "x = 1\n"})


def test_a_command_that_hangs_or_is_missing_is_no_pass(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="did not end"):
        commanded(tmp_path, "import time; time.sleep(60)", timeout=0.3).scan("", {"app.py": "x = 1\n"})
    gone = commanded(tmp_path, command=("no-such-scanner-here", "{output}"))
    with pytest.raises(Unavailable, match="no such program"):
        gone.scan("", {"app.py": "x = 1\n"})


def test_endings_say_what_a_command_looks_at(tmp_path: Path) -> None:
    scanner = commanded(tmp_path, endings=(".js", ".TS"))
    assert [scanner.covers(p, "") for p in ("a.js", "b.ts", "c.py")] == [True, True, False]


def test_a_whole_commit_is_scanned_in_a_checkout(tmp_path: Path) -> None:
    def write(commit: str, arguments: tuple[str, ...]) -> object:
        from andon.desk.values import Attempt

        place = {"artifactLocation": {"uri": "lib/a.js"}, "region": {"startLine": 2}}
        entry = {"ruleId": "r", "message": {"text": commit}, "locations": [{"physicalLocation": place}]}
        run = {"tool": {"driver": {"name": "whole"}}, "results": [entry]}
        Path(arguments[-1]).write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
        return Attempt(code=1, ending="exit code 1", output="", seconds=0.1)

    checkouts = FakeCheckouts(write)  # type: ignore[arg-type]
    config = ScannerConfig(name="whole", command=("whole", "{output}"), files="all")
    (scan,) = CommandScanner(config, checkouts).scan("cafe", {})
    assert [(f.path, f.message) for f in scan.findings] == [("lib/a.js", "cafe")]
    assert checkouts.done[0] == ("cafe", True) and checkouts.opened == 0


def test_ruff_is_there_unless_another_is_called_so() -> None:
    checkouts = FakeCheckouts(lambda *_: pytest.fail("nothing runs"))
    assert [s.name for s in scanners_for((), checkouts)] == ["ruff"]
    own = ScannerConfig(name="ruff", command=("x", "{output}"))
    other = ScannerConfig(name="eslint", command=("x", "{output}"))
    assert [s.name for s in scanners_for((own, other), checkouts)] == ["ruff", "eslint"]


# ---- where it looks


def test_the_place_is_gone_afterwards_and_nothing_leaves_it() -> None:
    with place_for({"a/b.py": "x"}) as place:
        assert (Path(place) / "a" / "b.py").read_text() == "x"
    assert not os.path.exists(place)
    for name in ("../out.py", "/etc/out.py", "x" * 300 + ".py", "a\0b.py"):
        with pytest.raises(Unavailable), place_for({name: ""}):
            pass
