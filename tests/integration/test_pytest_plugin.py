"""The pytest plugin in runs of pytest: every kind of test in both states, the report, what it costs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]

FLAGS = """
from andon.flags.evaluator import Evaluator
flags = Evaluator()
flags.replace({"flags": {
    "pricing": {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"},
    "theme": {"state": "ENABLED", "defaultVariant": "a",
              "variants": {"a": "light", "b": "dark", "c": "none"}},
}})
"""

PLUGIN = ("-p", "andon_flags", "-p", "no:cacheprovider")


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    # Every run within this one loads its plugins anew, and rewrites them: the others would take seconds.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(shop=FLAGS)
    pytester.syspathinsert()
    return pytester


def names(result: pytest.RunResult) -> list[str]:
    """Return what ran and how it ended, as `name PASSED`."""
    return [line.split("::", 1)[1].split(" [")[0].strip() for line in result.outlines if "::" in line]


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess("-v", *PLUGIN, *arguments)


def test_a_function_runs_in_both_states(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from shop import flags

        SEEN = []

        @pytest.mark.flag_states("pricing")
        def test_it():
            SEEN.append(flags.boolean("pricing", None))

        @pytest.mark.flag_states("nobody-defined-it")
        def test_undefined():
            SEEN.append(flags.boolean("nobody-defined-it", None))

        def test_both():
            assert SEEN == [True, False, True, False] and flags.boolean("pricing", True) is False
        """
    )
    result = run(project, "--strict-markers")
    result.assert_outcomes(passed=5)
    assert names(result)[:2] == ["test_it[pricing=on] PASSED", "test_it[pricing=off] PASSED"]


def test_with_parameters_fixtures_and_the_order_of_scopes(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from shop import flags

        @pytest.fixture(scope="session")
        def session():
            return flags.boolean("pricing", True)

        @pytest.fixture
        def made():
            return flags.boolean("pricing", None)

        @pytest.mark.flag_states("pricing")
        @pytest.mark.parametrize("number", [1, 2])
        def test_it(number, made, session, request):
            assert made is ("pricing=on" in request.node.name)
            assert session is False, "it belongs to all tests, and had no state"

        @pytest.fixture(params=["x"])
        def more(request):
            return request.param

        @pytest.mark.flag_states("pricing")
        def test_with_a_parametrized_fixture(more, made, request):
            assert made is ("pricing=on" in request.node.name)
        """
    )
    result = run(project)
    result.assert_outcomes(passed=6)
    assert any("number" not in name and "pricing=on" in name and "1" in name for name in names(result))


def test_several_flags_in_every_combination_and_the_states_of_one(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from shop import flags

        @pytest.mark.flag_states("pricing", "other")
        def test_two(request):
            assert (flags.boolean("pricing", None), flags.boolean("other", None)) == tuple(
                f"{key}=on" in request.node.name for key in ("pricing", "other"))

        @pytest.mark.flag_states("theme", states=("a", "b"))
        def test_variants(request):
            assert flags.string("theme", "") == {"a": "light", "b": "dark"}[request.node.name[-2]]

        @pytest.mark.flag_states("pricing")
        @pytest.mark.flag_states("theme", states=["dark"])
        def test_stacked():
            assert flags.string("theme", "") == "dark"
        """
    )
    result = run(project)
    result.assert_outcomes(passed=8)
    assert "test_two[pricing=on,other=off] PASSED" in names(result)
    assert "test_variants[theme=b] PASSED" in names(result)


def test_marks_of_a_class_and_of_a_module(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from math import sqrt
        from hypothesis import given, strategies
        from shop import flags

        pytestmark = pytest.mark.flag_states("module-flag")

        @given(number=strategies.integers())
        def test_generated(number, request):
            assert flags.boolean("module-flag", None) is ("module-flag=on" in request.node.name)

        def test_module(request):
            assert flags.boolean("module-flag", None) is ("module-flag=on" in request.node.name)

        @pytest.mark.flag_states("pricing")
        class TestClass:
            def test_it(self, request):
                assert flags.boolean("pricing", None) is ("pricing=on" in request.node.name)
        """
    )
    run(project, "-p", "_hypothesis_pytestplugin").assert_outcomes(passed=8)


def test_unittest_classes(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import unittest
        import pytest
        from shop import flags

        SEEN = []

        @pytest.mark.flag_states("pricing")
        class Case(unittest.TestCase):
            def setUp(self):
                self.state = flags.boolean("pricing", None)

            def test_it(self):
                assert self.state is flags.boolean("pricing", None)
                SEEN.append(self.state)

            def tearDown(self):
                assert self.state is flags.boolean("pricing", None)

        class Async(unittest.IsolatedAsyncioTestCase):
            @pytest.mark.flag_states("pricing")
            async def test_it(self):
                SEEN.append(flags.boolean("pricing", None))

            def test_other(self):
                assert flags.boolean("pricing", None) is False

        def test_both():
            assert SEEN == [True, False, True, False]
        """
    )
    result = run(project)
    result.assert_outcomes(passed=6)
    assert "Case::test_it[pricing=on] PASSED" in names(result)
    assert "Async::test_it[pricing=off] PASSED" in names(result)
    run(project, "-k", "Case and off").assert_outcomes(passed=1, deselected=5)


def test_async_tests_and_overrides_within_a_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from shop import flags

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.anyio
        @pytest.mark.flag_states("pricing")
        async def test_async(request):
            assert flags.boolean("pricing", None) is ("pricing=on" in request.node.name)

        def test_fixture(flag_override):
            flag_override(pricing=True)
            flag_override({"theme": "c"})
            assert flags.boolean("pricing", None) is True and flags.string("theme", "") == "none"

        def test_afterwards():
            assert flags.boolean("pricing", None) is False and flags.string("theme", "") == "light"
        """
    )
    run(project, "-p", "anyio").assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("()", "names no flag"),
        ("('a', states=[])", "states= as a list"),
        ("('a', 'b', states=('x',))", "of one flag"),
        ("('a', state='x')", "takes flags"),
        ("('a', 'b', 'c', 'd', 'e')", "32 combinations of a, b, c, d, e, more than 16"),
    ],
)
def test_a_wrong_marker_is_an_error_that_says_how(project: pytest.Pytester, mark: str, told: str) -> None:
    project.makepyfile(f"import pytest\n@pytest.mark.flag_states{mark}\ndef test_it(): pass\n")
    result = run(project)
    assert result.ret == pytest.ExitCode.INTERRUPTED or result.ret == pytest.ExitCode.USAGE_ERROR
    assert told in result.stdout.str() + result.stderr.str()


def test_a_state_that_the_flag_does_not_have_fails_its_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        import shop

        @pytest.mark.flag_states("theme")
        def test_it():
            pass
        """
    )
    result = run(project)
    result.assert_outcomes(errors=2)
    assert "flag theme has no variant True: it has a, b, c" in result.stdout.str()


# ---- the report

TESTS = """
import pytest
from shop import flags

@pytest.mark.flag_states("pricing")
def test_both():
    flags.boolean("pricing", None)

@pytest.mark.flag_states("unasked")
def test_that_asks_for_nothing():
    pass

def test_as_defined():
    assert flags.string("theme", "") == "light"

def test_that_fails(flag_override):
    flag_override(theme="b")
    assert flags.string("theme", "") == ""

def test_that_fails_late(flag_override, request):
    flag_override(theme="c")
    flags.string("theme", "")
    request.addfinalizer(lambda: 1 / 0)
"""


def states(path: Path) -> dict[tuple[str, str], list[str]]:
    report = json.loads(path.read_text())
    return {(s["flag"], s["variant"]): [t.split("::")[1] for t in s["tests"]] for s in report["states"]}


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")])
def test_the_report_has_what_passed_tests_asked_for(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    project.makepyfile(TESTS)
    arguments = ("-q", "--flag-report", "states.json")
    if workers:  # the run that starts processes should be one
        result = project.runpytest_subprocess(*PLUGIN, *workers, *arguments)
    else:
        result = run(project, *arguments)
    result.assert_outcomes(passed=6, failed=1, errors=1)
    assert states(project.path / "states.json") == {
        ("pricing", "on"): ["test_both[pricing=on]"],
        ("pricing", "off"): ["test_both[pricing=off]"],
        ("theme", "a"): ["test_as_defined"],
    }
    assert "only ever a: theme" in result.stdout.str()
    report = json.loads((project.path / "states.json").read_text())
    assert (report["commit"], report["clean"]) == ("", False)
    assert {state["value"] for state in report["states"]} == {True, False, "light"}
    assert not list(project.path.glob(".andon-flag-states-*")), "nothing temporary is left"


def git(project: pytest.Pytester, *arguments: str) -> str:
    settings = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *settings, *arguments], cwd=project.path, capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


def test_reports_of_one_commit_add_up_and_a_change_begins_anew(project: pytest.Pytester) -> None:
    project.makepyfile(TESTS)
    (project.path / ".gitignore").write_text("__pycache__\n")
    (project.path / "andon.toml").write_text('[flags]\nfile = "flags.json"\nreport = "r.json"\n')
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "first")
    path = project.path / "r.json"

    def ran(*arguments: str) -> dict[str, Any]:
        project.runpytest_inprocess("-q", *PLUGIN, *arguments)
        report: dict[str, Any] = json.loads(path.read_text())
        return report

    (test,) = (path.name for path in project.path.glob("test_*.py"))
    report = ran(f"{test}::test_both[pricing=on]")
    assert (report["commit"], report["clean"]) == (git(project, "rev-parse", "HEAD"), True)
    assert [state["variant"] for state in report["states"]] == ["on"]
    ran(f"{test}::test_as_defined", f"{test}::test_both[pricing=off]")
    assert set(states(path)) == {("pricing", "on"), ("pricing", "off"), ("theme", "a")}
    (project.path / "shop.py").write_text(FLAGS + "# changed\n")
    report = ran("-k", "test_as_defined")
    assert not report["clean"] and set(states(path)) == {("theme", "a")}
    git(project, "commit", "-qam", "second")
    assert ran("-k", "test_as_defined")["clean"]
    (project.path / "test_new.py").write_text("def test_new(): pass\n")
    assert not ran("-k", "test_new")["clean"], "a test that is in no commit may have run"


def test_a_report_that_cannot_be_written_fails_no_test(project: pytest.Pytester) -> None:
    project.makepyfile(TESTS)
    result = run(project, "--flag-report", "no/such/place.json", "-k", "as_defined")
    assert result.ret == 0 and "the report was not written" in result.stdout.str()


def test_no_report_where_nobody_asked_for_one(project: pytest.Pytester) -> None:
    project.makepyfile(TESTS)
    for content in ("[service]\n", "flags = [\n", "flags = 3\n"):
        (project.path / "andon.toml").write_text(content)
        assert run(project, "-k", "as_defined").ret == 0
    assert not list(project.path.glob("*.json")) and not list(project.path.glob(".andon*"))


def test_a_run_without_flags_loads_nothing_of_andon_but_the_plugin(project: pytest.Pytester) -> None:
    """Every run of pytest in an environment with Andon pays for the plugin."""
    project.makepyfile(
        """
        import sys

        def test_it():
            loaded = {name for name in sys.modules if name.startswith("andon")}
            assert loaded == {
                "andon", "andon.flags", "andon.flags.pytest_plugin", "andon.flags.pytest_wanted"
            }, loaded
            assert "openfeature" not in sys.modules
        """
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *PLUGIN],
        cwd=project.path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
