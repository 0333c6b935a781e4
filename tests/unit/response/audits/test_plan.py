"""Which tools are asked about which lock files, what pins say, and what an answer is worth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.incident.words import Verdict
from andon.response.audits.judge import judge_answer, new_lines
from andon.response.audits.pins import python_pins
from andon.response.audits.plan import INSTALL, is_audited, questions
from andon.response.audits.weakness import Answer, Weakness
from andon.response.findings.finding import Grade

EVERY = ("pip-audit", "npm", "pnpm", "yarn", "cargo-audit", "bundle-audit", "osv-scanner")
LOCKS = {
    "requirements.txt": "flask==3.0.0\n",
    "web/package-lock.json": "{}",
    "web/package.json": "{}",
    "pnpm-lock.yaml": "lockfileVersion: 9\n",
    "old/yarn.lock": "# yarn lockfile v1\n",
    "new/yarn.lock": "__metadata:\n  version: 8\n",
    "Cargo.lock": "version = 3\n",
    "Gemfile.lock": "GEM\n",
    "go.mod": "module x\n",
}


def test_every_kind_of_lock_file_has_its_tool() -> None:
    asked = questions(LOCKS, EVERY)
    assert sorted((q.tool, q.about) for q in asked) == [
        ("bundle-audit", "Gemfile.lock"),
        ("cargo audit", "Cargo.lock"),
        ("npm audit", "web/package-lock.json"),
        ("osv-scanner", "8 lock files"),
        ("pip-audit", "requirements.txt"),
        ("pnpm audit", "pnpm-lock.yaml"),
        ("yarn audit", "new/yarn.lock"),
        ("yarn audit", "old/yarn.lock"),
    ]
    by_about = {q.about: q for q in asked}
    assert by_about["new/yarn.lock"].arguments[1] == "npm"
    assert by_about["web/package-lock.json"].directory == "web/"
    assert dict(by_about["web/package-lock.json"].files).keys() == {
        "web/package-lock.json",
        "web/package.json",
    }
    assert all(q.tool in INSTALL for q in asked)


def test_without_any_tool_each_is_named_and_osv_scanner_stands_in_for_all() -> None:
    assert {q.tool for q in questions(LOCKS, ())} == {
        "pip-audit",
        "npm audit",
        "pnpm audit",
        "yarn audit",
        "cargo audit",
        "bundle-audit",
        "osv-scanner",
    }
    assert {q.tool for q in questions(LOCKS, ("osv-scanner",))} == {"osv-scanner"}
    assert {q.tool for q in questions(LOCKS, ("osv-scanner", "npm"))} == {"osv-scanner", "npm audit"}
    assert questions({"README.md": ""}, EVERY) == ()
    assert questions({"requirements.txt": "# nothing\n"}, ("pip-audit",)) == ()
    assert questions({"package-lock.json": '{"packages": {"": {}}}'}, ("npm",)) == ()


def test_a_list_of_requirements_is_called_one_for_osv_scanner() -> None:
    (asked,) = questions({"requirements-dev.txt": "a==1\n"}, ("osv-scanner",))
    assert asked.arguments[-1] == "requirements.txt:requirements-dev.txt"


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("requirements.txt", True),
        ("requirements/dev.txt", True),
        ("constraints-dev.txt", True),
        ("README.txt", False),
        ("uv.lock", True),
        ("a/Cargo.lock", True),
        ("flake.lock", False),
    ],
)
def test_what_is_audited(path: str, is_one: bool) -> None:
    assert is_audited(path) is is_one


REQUIREMENTS = """\
# made by a tool
--index-url https://example.org/simple
-r other.txt
Flask==3.0.0 \\
    --hash=sha256:aaaa \\
    --hash=sha256:bbbb
requests[security] == 2.31.0 ; python_version > "3.8"
click===8.1  # why
loose>=1
-e .
git+https://example.org/x.git
"""
UV = """\
[[package]]
name = "shop"
version = "0.1.0"
source = { editable = "." }
[[package]]
name = "Flask"
version = "3.0.0"
source = { registry = "x" }
[[package]]
name = "fork"
version = "1"
source = { git = "https://example.org/x" }
"""
POETRY = """\
[[package]]
name = "flask"
version = "3.0.0"
[[package]]
name = "own"
version = "1"
[package.source]
type = "directory"
url = "../own"
"""
PIPENV = (
    '{"default": {"flask": {"version": "==3.0.0"}, "own": {"path": "."}, "star": {"version": "*"}},'
    ' "develop": {"x": {"version": "==1"}}}'
)


@pytest.mark.parametrize(
    ("path", "text", "versions", "loose"),
    [
        (
            "requirements.txt",
            REQUIREMENTS,
            {"flask": "3.0.0", "requests": "2.31.0", "click": "8.1"},
            ("loose>=1", "-e .", "git+https://example.org/x.git"),
        ),
        ("uv.lock", UV, {"flask": "3.0.0"}, ()),
        ("poetry.lock", POETRY, {"flask": "3.0.0"}, ()),
        ("Pipfile.lock", PIPENV, {"flask": "3.0.0", "x": "1"}, ("star",)),
        ("uv.lock", "not toml [", {}, ("uv.lock cannot be read: TOMLDecodeError",)),
        ("Pipfile.lock", "[]", {}, ("Pipfile.lock cannot be read: AttributeError",)),
    ],
)
def test_pins(path: str, text: str, versions: dict[str, str], loose: tuple[str, ...]) -> None:
    pins = python_pins(path, text)
    assert (pins.versions, pins.open) == (versions, loose)


@given(st.text(max_size=200), st.sampled_from(["uv.lock", "requirements.txt", "Pipfile.lock"]))
def test_any_text_is_read(text: str, path: str) -> None:
    python_pins(path, text)


def test_what_an_answer_is_worth() -> None:
    bad = Weakness(identity="A", package="x", grade=Grade.HIGH)
    mild = Weakness(identity="B", package="y", grade=Grade.LOW)
    plain = Weakness(identity="C", package="z")
    for answer, verdict, told in (
        (Answer(looked_at=3), Verdict.PASSED, "nothing in 3 packages"),
        (Answer(weaknesses=(mild,)), Verdict.PASSED, "nothing; 1 milder"),
        (Answer(weaknesses=(bad, mild)), Verdict.FAILED, "1 known weakness; 1 milder"),
        (Answer(weaknesses=(bad, plain)), Verdict.FAILED, "2 known weaknesses"),
        (Answer(problems=("no network",)), Verdict.UNKNOWN, "no network"),
        (
            Answer(weaknesses=(mild,), problems=("a", "b", "c", "d")),
            Verdict.UNKNOWN,
            "1 milder; a; b; c and 1 more",
        ),
        (Answer(weaknesses=(bad,), problems=("partial",)), Verdict.FAILED, "1 known weakness; partial"),
    ):
        judged = judge_answer(answer, Grade.HIGH)
        assert (judged.verdict, judged.summary) == (verdict, told)


def test_a_weakness_is_known_by_its_name_and_package_whatever_else_changed() -> None:
    before = ("GHSA-1 high: flask 1.0, slow",)
    after = (
        "GHSA-1 critical: flask 2.0, slower, fixed in 3",
        "GHSA-1 high: django 1, slow",
        "GHSA-2 low: flask 2.0",
    )
    assert new_lines(before, after) == after[1:]
