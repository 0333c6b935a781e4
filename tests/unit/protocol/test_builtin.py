"""The built-in protocol: in the project's own words, complete, and clean by the project's own linter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import andon.protocol
from andon.protocol.bind import How, bind, tally
from andon.protocol.catalogue import CATALOGUE
from andon.protocol.compile import compile_protocol
from andon.protocol.document import AuthorityRule, Document, Option, Policy, Practices, Section
from andon.protocol.lint import lint
from andon.protocol.parse import parse
from tests.unit.protocol.founding import GEARS, LEVELS, needs_founding

BUILTIN = Path(andon.protocol.__file__).with_name("builtin.md")

#: What a heading of the founding documents is about, and the built-in heading that covers it.
TOPICS = {
    "purpose": "Purpose",
    "hotfix flow": "The way through GEAR: HOTFIX",
    "step 1": "Step 1: Declare",
    "step 2": "Step 2: Assess",
    "step 3": "Step 3: Choose",
    "step 4": "Step 4: Act",
    "step 5": "Step 5: Review",
    "hotfix checklist": "Rules for a hotfix",
    "rollback strategy": "Rolling back",
    "rollback procedure": "Rollback procedure",
    "forward fix": "After the rollback: forward again",
    "passed but": "Tests passed, production failed",
    "immediate response": "At once",
    "root cause analysis": "Cause of the gap",
    "prevention (mandatory": "Preventing it from now on",
    "flag guidance": "Flags",
    "when to use": "When to use one",
    "best practices": "Good practice",
    "emergency flag": "Flag as an emergency brake",
    "postmortem template": "Postmortem template",
    "summary": "Incident summary",
    "timeline": "Timeline",
    "root cause": "Root cause",
    "what was skipped": "What was skipped",
    "follow-up": "Follow-up actions",
    "lessons": "Lessons learned",
    "who decides": "Who decides",
    "rollback vs": "Rollback or hotfix",
    "justified violation": "Justified violations",
    "severity escalation": "Changing the severity",
    "incident prevention": "Prevention",
    "incident log": "Incident log",
}


@pytest.fixture(scope="module")
def builtin() -> Document:
    return parse(BUILTIN.read_text(encoding="utf-8"), "built-in")


def test_it_lints_clean_and_binds_every_item_by_its_id(builtin: Document) -> None:
    assert lint(builtin) == ()
    bindings = bind(builtin)
    assert {binding.how for binding in bindings} == {How.EXPLICIT}
    assert tally(bindings).unbound == 0


def test_it_uses_every_check_of_the_catalogue(builtin: Document) -> None:
    assert {binding.check.id for binding in bind(builtin) if binding.check} == set(CATALOGUE)


def test_it_has_every_part_a_protocol_can_have(builtin: Document) -> None:
    assert [option.response for option in builtin.every(Option)] == ["rollback", "hotfix", "kill-switch"]
    assert {policy.kind for policy in builtin.every(Policy)} == {"allowed", "required", "forbidden"}
    assert {practices.kind for practices in builtin.every(Practices)} == {"do", "dont"}
    assert len(builtin.every(AuthorityRule)) == 4
    assert [s.code for s in builtin.severities] == ["P0", "P1", "P2", "P3", "P4"]
    assert len(builtin.postmortem) == 6
    compiled = compile_protocol(builtin)
    assert (compiled.postmortem_hours_p0, compiled.postmortem_hours_p1) == (24, 48)
    assert compiled.vocabulary == "gears"


@needs_founding
@pytest.mark.parametrize("path", [GEARS, LEVELS], ids=lambda path: path.stem)
def test_it_covers_every_heading_of_the_founding_documents(builtin: Document, path: Path) -> None:
    ours = {section.title for section in builtin.every(Section, history=True)}
    founding = parse(path.read_text(encoding="utf-8"), path.name)
    for section in founding.every(Section):
        if section.level == 1:
            continue
        topics = [topic for topic in TOPICS if topic in section.title.lower()]
        assert topics, f"no topic for {section.title}"
        assert TOPICS[topics[0]] in ours


@needs_founding
@pytest.mark.parametrize("path", [GEARS, LEVELS], ids=lambda path: path.stem)
def test_no_sentence_of_it_is_theirs(path: Path) -> None:
    theirs = _sentences(path.read_text(encoding="utf-8"))
    assert len(theirs) > 100
    assert _sentences(BUILTIN.read_text(encoding="utf-8")) & theirs == set()


def _sentences(text: str) -> set[str]:
    """Every line and sentence of more than three words, without marks and case; names are shorter."""
    text = re.sub(r"\{#[^}]*\}", "", text)
    parts = re.split(r"\n\s*\n|\n\s*(?:[-*]|\d+\.|#+) |[.?!](?:\s|$)", text)
    plain = (" ".join(re.findall(r"[a-z0-9']+", part.lower())) for part in parts)
    return {part for part in plain if len(part.split()) > 3}
