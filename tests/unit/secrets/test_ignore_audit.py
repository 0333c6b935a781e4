"""What lacks in a .gitignore and in the examples, from what git said; and the lines that are proposed."""

from __future__ import annotations

import pytest

from andon.secrets.ignore_audit import (
    ANYWHERE,
    IgnoreRule,
    Kind,
    Proposal,
    asked,
    compare,
    escaped,
    ignored_examples,
    probes,
    propose,
    unguarded,
)
from andon.secrets.secret_files import GUARDED, Guarded

ENV = Guarded(line=".env", probes=(".env",))
FAMILY = Guarded(line=".env.*", probes=(".env.local", ".env.production"), but=(".env.example",))
KEYS = Guarded(line="*.key", probes=("server.key",))
RULE = IgnoreRule(source=".gitignore", line=1, pattern=".env*")


def all_of(row: Guarded, *places: str, rule: IgnoreRule = RULE) -> dict[str, IgnoreRule]:
    return dict.fromkeys(probes((row,), places), rule)


def told(row: Guarded, committed: dict[str, IgnoreRule], here: dict[str, IgnoreRule] | None = None) -> str:
    found = unguarded((row,), ("api",), committed, here or {})
    assert all(f.kind is Kind.NO_RULE and not f.is_severe for _, f in found)
    return found[0][1].text if found else ""


def test_a_rule_that_holds_everywhere_leaves_nothing_open() -> None:
    assert told(FAMILY, all_of(FAMILY, "api")) == ""


def test_a_negation_is_no_rule_that_ignores() -> None:
    back = IgnoreRule(source=".gitignore", line=2, pattern="!.env")
    assert "ignores .env" in told(ENV, all_of(ENV, "api", rule=back))


def test_each_open_name_is_told_once() -> None:
    assert told(FAMILY, {}) == "no committed rule ignores .env.local, .env.production"


def test_a_rule_for_the_root_alone_is_told_as_such() -> None:
    assert told(ENV, {".env": RULE}) == (
        "no committed rule ignores .env in api; the rule holds for the root alone"
    )
    assert told(ENV, {".env": RULE, "api/.env": RULE}).endswith("in other directories than those there are")


@pytest.mark.parametrize(
    ("source", "whose"),
    [
        (".git/info/exclude", "by .git/info/exclude, which no clone has"),
        ("../.git/modules/x/info/exclude", "by .git/info/exclude, which no clone has"),
        (".gitignore", "by .gitignore:4, which is not committed"),
        ("api/.gitignore", "by api/.gitignore:4, which is not committed"),
        ("/home/mina/.gitignore", "by your own excludes file, which nobody else has"),
        ("/home/mina/.config/git/ignore", "by your own excludes file, which nobody else has"),
    ],
)
def test_a_rule_of_this_machine_is_told_and_does_not_count(source: str, whose: str) -> None:
    mine = {".env": IgnoreRule(source=source, line=4, pattern=".env")}
    assert told(ENV, {}, mine) == f"no committed rule ignores .env; .env is ignored here alone, {whose}"


def test_terraform_is_asked_about_where_there_is_some() -> None:
    lines = {row.line for row in asked(("app.py", "infra/main.tf"))}
    assert {".env", "*.tfstate*", "*.tfvars", ".pypirc"} <= lines
    assert "*.tfstate*" not in {row.line for row in asked(("app.js",))}


def test_every_name_is_one_that_its_line_is_for() -> None:
    for row in GUARDED:
        assert row.probes and not row.line.startswith(("#", "!", "/")), row


def test_git_is_asked_at_the_root_below_it_and_anywhere() -> None:
    assert probes((ENV,), ("api",)) == (".env", "api/.env", f"{ANYWHERE}/.env")


def test_the_proposal_names_what_lacks_then_what_stays_in() -> None:
    proposal = propose((ENV, FAMILY, KEYS), {"*.key": ["slides/talk.key"], ".env.*": ["api/.env.example"]})
    assert proposal.lines == (".env", ".env.*", "*.key", "!.env.example", "!/slides/talk.key")
    assert proposal.text("\r\n").count("\r\n") == 6


def test_a_line_that_would_take_many_files_is_left_out() -> None:
    files = [f"slides/{n}.key" for n in range(9)]
    proposal = propose((ENV, KEYS), {"*.key": files})
    assert proposal.lines == (".env",)
    assert proposal.left_out == (("*.key", "slides/0.key"),)


def test_nothing_that_lacks_is_no_text() -> None:
    assert Proposal().text() == ""


@pytest.mark.parametrize(
    ("path", "pattern"),
    [("a/b.key", "a/b.key"), ("a[1]*.key", "a\\[1]\\*.key"), ("a\\b", "a\\\\b"), ("end ", "end\\ ")],
)
def test_a_path_becomes_a_pattern_for_itself_alone(path: str, pattern: str) -> None:
    assert escaped(path) == pattern


def test_the_names_are_compared_and_a_comment_counts() -> None:
    text = "A=1\nB=2\nA=3\nC=4\n"
    found = list(compare(".env", text, ".env.example", "B=\n#C=\n", ()))
    assert [(f.kind, f.path) for f in found] == [(Kind.EXAMPLE_LACKS, ".env.example")]
    assert found[0].text == "does not name A, which .env sets"
    assert not list(compare(".env", text, ".env.example", "A=\nB=\n# C=\nD=\n", ()))


def test_a_value_that_both_have_is_told_by_its_name_alone() -> None:
    found = list(compare(".env", "KEY=quitesecret", ".env.example", "\nKEY=quitesecret\n", (b"quitesecret",)))
    assert [(f.kind, f.line, f.is_severe) for f in found] == [(Kind.EXAMPLE_REAL, 2, True)]
    assert "KEY" in found[0].text and "quitesecret" not in repr(found)


def test_an_example_that_is_ignored_is_found() -> None:
    found = list(ignored_examples((".env.example", "api/.env.sample"), {".env.example": RULE}))
    assert [(f.kind, f.path) for f in found] == [(Kind.EXAMPLE_IGNORED, ".env.example")]
    assert ".gitignore:1 (.env*)" in found[0].text
