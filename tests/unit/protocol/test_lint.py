"""Each rule of the linter: one text that breaks it and the line it is found on."""

from __future__ import annotations

import pytest

from andon.protocol.lint import RULES, lint
from andon.protocol.parse import parse

COMPLETE = """# Ours
P0 and P1.
## Rollback
- [ ] Deploy the previous version
## Postmortem template
### Facts
- What happened?
"""


def _found(text: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.rule) for finding in lint(parse(text, "ours.md"))]


def test_a_complete_document_has_no_findings() -> None:
    assert _found(COMPLETE) == []


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ("- [ ] Water the plants", (8, "binds-to-nothing")),
        ("1. Water the plants", (8, "binds-to-nothing")),
        ("- [ ] Assign severity, notify the team", (8, "ambiguous")),
        ("- [ ] Look {#no-such-check}", (8, "unknown-check")),
        ("-[ ] Look", (8, "not-a-checkbox")),
        ("Some words\n-[x] Look", (9, "not-a-checkbox")),
        ("* [] Look", (8, "not-a-checkbox")),
        ("- [ ]Look", (8, "not-a-checkbox")),
        ("- [ x ] Look", (8, "not-a-checkbox")),
        ("> 1.[ ] Look", (8, "not-a-checkbox")),
        ("[ ] Look", (8, "not-a-checkbox")),
        ("Some words\n[x] Look", (9, "not-a-checkbox")),
        ("> [] Look", (8, "not-a-checkbox")),
        ("[ ]Look", (8, "not-a-checkbox")),
        ("[ ] Look\n---", (8, "not-a-checkbox")),
        ("- [ ] Watch the logs\n[ ] Look", (9, "not-a-checkbox")),
        ("- [ ] Watch the logs\n      [x] Look", (9, "not-a-checkbox")),
        ("- [ ] Watch the logs\n\n[ ] Look", (10, "not-a-checkbox")),
        ("- [ ] Watch the logs\n\n  [ ] Look", (10, "not-a-checkbox")),
        ("1. Watch the logs\n   for an hour\n[ ] Look", (10, "not-a-checkbox")),
        ("> - [ ] Watch the logs\n> [ ] Look", (9, "not-a-checkbox")),
        ("- Words\n[ ] Look", (9, "not-a-checkbox")),
    ],
)
def test_one_finding(added: str, expected: tuple[int, str]) -> None:
    text = COMPLETE.replace("## Postmortem", "## Other\n\n## Postmortem")
    head, tail = text.split("## Other\n")
    lines = f"{head}## Other\n" + "\n" * 2 + added + "\n" + tail
    assert _found(lines) == [expected]


@pytest.mark.parametrize(
    ("removed", "rule"),
    [
        ("P0 and P1.", "missing-severity"),
        ("- [ ] Deploy the previous version", "no-checklist"),
        ("### Facts\n- What happened?\n", "missing-postmortem-section"),
        ("## Postmortem template\n### Facts\n- What happened?\n", "missing-postmortem-section"),
    ],
)
def test_missing_parts(removed: str, rule: str) -> None:
    assert _found(COMPLETE.replace(removed, "")) == [(1, rule)]


def test_no_rollback_anywhere() -> None:
    assert _found(COMPLETE.replace("Rollback", "Act")) == [(1, "missing-rollback")]
    assert _found(COMPLETE.replace("Rollback", "Roll back")) == []


def test_the_same_id_twice_in_one_part_is_a_slip_and_in_two_parts_is_not() -> None:
    twice = "- [ ] a {#logs-clean}\n- [ ] b {#logs-clean}\n"
    text = COMPLETE.replace("- [ ] Deploy the previous version\n", twice)
    assert _found(text) == [(5, "duplicate-check")]
    apart = COMPLETE.replace(
        "- [ ] Deploy the previous version\n", "- [ ] a {#logs-clean}\n## Hotfix\n- [ ] b {#logs-clean}\n"
    )
    assert _found(apart) == []


@pytest.mark.parametrize(
    "text",
    [
        "[x](link) is a link",
        "[x]: https://example.org",
        "- a\n  ```\n  [ ] in code\n  ```",
        "- a\n\n      [ ] in code",
        "    [ ] in code",
        "<!--\n[ ] in a comment\n-->",
        "- [x](link) is a link",
        "- [1] a footnote",
        "`-[ ] code`",
        "```\n-[ ] code\n```",
        "- [x]: a",
        "a [] b",
    ],
)
def test_what_is_no_box_and_does_not_look_like_one(text: str) -> None:
    assert "not-a-checkbox" not in [rule for _, rule in _found(text)]


def test_what_a_box_without_a_bullet_is_named_with() -> None:
    text = "- [ ] Watch the logs\n[ ] Delete the temporary files\n"
    (finding,) = (f for f in lint(parse(text, "ours.md")) if f.rule == "not-a-checkbox")
    assert (finding.file, finding.line) == ("ours.md", 2)
    assert "[ ] Delete the temporary files" in finding.message and "`- [ ] `" in finding.remedy


def test_a_person_can_be_meant() -> None:
    text = COMPLETE.replace("Deploy the previous version", "Water the plants {#manual}")
    assert _found(text) == []


def test_an_unknown_id_is_answered_with_the_nearest() -> None:
    (finding,) = (f for f in lint(parse("- [ ] x {#log-clean}", "x.md")) if f.rule == "unknown-check")
    assert "logs-clean" in finding.remedy
    assert (finding.file, finding.line) == ("x.md", 1)


def test_every_rule_is_described() -> None:
    assert all(RULES.values())
    assert len(RULES) == 9
