"""Shortcuts by one word: in the words of either vocabulary, and never what the protocol forbids."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.errors import InvalidInput, Refused
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.decide import decide
from andon.incident.shortcut_words import allowed_shortcut, is_justified, is_relaxed, named_shortcut
from andon.incident.state import Incident
from andon.incident.words import Severity, Verdict
from andon.protocol.compile import compile_protocol
from andon.protocol.parse import parse
from tests.unit.incident.cases import (
    OWNED,
    RESOLVED,
    adopted,
    declared,
    given,
    hotfix_checked,
    hotfix_started,
    state,
)
from tests.unit.protocol.founding import GEARS, LEVELS, needs_founding

#: The two founding documents in other words: what they allow and forbid, under each vocabulary.
DOCUMENT = """\
# Incidents

## {heading} flow

### Shortcuts

**Allowed shortcuts during {heading}:**
- Leave out classification of artefacts where it is plain
- Look into SolutionIndex and Regressions later
- Leave cleanup for later
- Relaxed verification, by hand where automation is slow

**Forbidden during {heading}:**
- Adding a feature while we are here
- Skipping verification entirely
"""
SHOWN = (*OWNED, hotfix_started(), hotfix_checked(Verdict.FAILED))
NAME = "minimal:0123456789ab"


def incident(text: str, name: str = "INCIDENTS.md", severity: Severity = Severity.P1) -> Incident:
    """Return an incident under this protocol."""
    compiled = compile_protocol(parse(text, name))
    given_ = {field: getattr(compiled, field) for field in ("allowed", "required", "forbidden", "items")}
    return state(declared(severity), e.ProtocolAdopted(title="P", source=name, digest="d", **given_))


def both() -> list[object]:
    built = [pytest.param(DOCUMENT.format(heading=h), id=h) for h in ("GEAR: HOTFIX", "L3 HOTFIX")]
    founding = [pytest.param(path, id=path.name, marks=needs_founding) for path in (GEARS, LEVELS)]
    return [*built, *founding]


def text_of(document: str | Path) -> str:
    return document.read_text(encoding="utf-8") if isinstance(document, Path) else document


@pytest.mark.parametrize("document", both())
@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("cleanup", "cleanup"),
        ("classification", "classification"),
        ("memory", "solutionindex"),
        ("regressions", "regressions"),
        ("solutions", "solutionindex"),
        ("verification", "relaxed verification"),
        ("relaxed verification", "relaxed verification"),
    ],
)
def test_one_word_is_enough(document: str | Path, word: str, part: str) -> None:
    found = allowed_shortcut(incident(text_of(document)), word)
    assert found is not None and part in found.lower()


@pytest.mark.parametrize("document", both())
def test_what_is_forbidden_stays_so(document: str | Path) -> None:
    with pytest.raises(Refused) as caught:
        allowed_shortcut(incident(text_of(document)), "verification entirely")
    assert caught.value.rule == "never-justified"


@pytest.mark.parametrize("document", both())
def test_no_reason_is_asked_for_in_an_emergency(document: str | Path) -> None:
    hurt = incident(text_of(document))
    taken, opened = decide(hurt, c.TakeShortcut(item="cleanup", reason="", action="A1"), "ann")
    assert isinstance(taken, e.ShortcutTaken) and taken.pre_justified
    assert "the protocol allows it" in taken.reason
    assert isinstance(opened, e.ActionOpened) and opened.kind == "cleanup"
    calm = incident(text_of(document), severity=Severity.P3)
    with pytest.raises(Refused, match="needs a reason"):
        decide(calm, c.TakeShortcut(item="cleanup", reason="", action="A1"), "ann")


def test_a_word_that_fits_several_lists_them() -> None:
    text = DOCUMENT.format(heading="GEAR: HOTFIX")
    with pytest.raises(InvalidInput) as caught:
        allowed_shortcut(incident(text), "leave")
    assert "classification" in caught.value.message and "cleanup" in caught.value.message
    two = text.replace("- Leave cleanup", "- Write memory notes after it\n- Leave cleanup")
    with pytest.raises(InvalidInput, match="fits 2"):
        allowed_shortcut(incident(two), "later")


def test_a_protocol_cannot_allow_verification_to_be_left_out() -> None:
    text = DOCUMENT.format(heading="GEAR: HOTFIX").replace("Relaxed verification, by hand", "Verification")
    with pytest.raises(Refused, match="never left out"):
        allowed_shortcut(incident(text), "verification")


def test_relaxed_is_known_afterwards() -> None:
    hurt = state(*OWNED)
    assert not is_relaxed(hurt)
    taken = decide(hurt, c.TakeShortcut(item="verification", reason="", action="A1"), "ann")
    assert is_relaxed(state(*OWNED, *taken))


# ---- objections of the guard


def justify(item: str = NAME, reason: str = "its test") -> c.TakeShortcut:
    return c.TakeShortcut(item=item, reason=reason, action="A1")


def test_an_objection_that_was_shown_is_justified_with_a_follow_up() -> None:
    taken, opened = decide(state(*SHOWN), justify(), "ann")
    assert isinstance(taken, e.ShortcutTaken) and isinstance(opened, e.ActionOpened)
    assert (taken.item, taken.pre_justified) == (f"guard:{NAME}", False)
    assert opened.title == "Look again at what was justified: minimal a.py:3: too long"
    after = state(*SHOWN, taken, opened)
    assert is_justified(after, "minimal", "0123456789ab")
    assert named_shortcut(after, after.shortcuts[0]) == "the hotfix guard: minimal a.py:3: too long"
    given(*SHOWN, taken, opened).when(justify()).refused("skip-once")
    given(*SHOWN, taken, opened).when(justify(f"guard:{NAME}")).refused("skip-once")


def test_it_needs_a_reason_also_in_an_emergency() -> None:
    given(*SHOWN).when(justify(reason=" ")).refused("evidence-or-a-name")


def test_what_was_never_shown_is_refused() -> None:
    given(*SHOWN).when(justify("minimal:ffffffffffff")).refused("justify-what-was-shown")
    given(*SHOWN).when(justify("no-feature:0123456789ab")).refused("justify-what-was-shown")
    given(*OWNED).when(justify()).refused("justify-what-was-shown")


@pytest.mark.parametrize("rule", ["secrets", "no-new-finding", "red-then-green"])
def test_a_few_things_nothing_justifies(rule: str) -> None:
    given(*SHOWN).when(justify(f"{rule}:0123456789ab")).refused("never-justified")


def test_a_whole_rule_is_no_objection() -> None:
    given(*SHOWN).when(justify("minimal")).refused("justify-what-was-shown")
    given(*SHOWN).when(justify("no-feature")).refused("justify-what-was-shown")
    given(*SHOWN).when(justify("no-new-finding")).refused("never-justified")
    with pytest.raises(Refused) as caught:
        decide(state(*SHOWN), justify("minimal"), "ann")
    assert NAME in caught.value.remedy


def test_words_that_only_look_like_one_are_words() -> None:
    given(*RESOLVED, adopted()).when(justify("s4.3")).then(
        *decide(state(*RESOLVED, adopted()), justify("s4.3"), "bob")
    )
