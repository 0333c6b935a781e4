"""Tells from the headings above an item which phase it belongs to and in which response it applies."""

from __future__ import annotations

import re

from andon.protocol.document import Placed, Policy, Section
from andon.protocol.recognise import response_of
from andon.protocol.words import key_words, main_clause, without_gears

#: Stemmed signs in a heading, tried in this order, the innermost heading first.
_SIGNS = (
    ("prevention", {"prevention", "prevent"}),
    ("review", {"review", "postmortem", "aftermath", "lesson", "followup", "afterward"}),
    ("declare", {"declar", "declaration", "detection", "detect", "rais", "communication", "communicat"}),
    ("assess", {"assess", "assessment", "triag", "diagnos", "diagnosi", "investigat", "investigation"}),
    ("choose", {"choos", "choic", "decid", "decision"}),
    ("act", {"deploy", "apply", "execut", "rollback", "hotfix", "fix", "flag"}),
    ("act", {"mitigat", "mitigation", "contain", "containment", "restor", "recovery", "verify", "resolv"}),
)

#: Whole families of responses a heading can speak of at once.
_RESPONDING = {"rollback", "hotfix", "fix"}

_GAP = re.compile(r"\bpass(?:ed|es)?\b.*\b(?:fail(?:ed|s)?|broke|broken)\b", re.IGNORECASE)


def phase_of(placed: Placed, default: str = "act") -> str:
    """Return the phase (`compiled.PHASES`) the headings say, `default` when they say nothing."""
    if any(isinstance(node, Section) and node.role == "template" for node in placed.above):
        return "template"
    titles = _headings(placed)
    named = next(filter(None, (_named(title) for title in reversed(titles))), "")
    if any(_is_gap(title) for title in titles):
        return "prevention" if named == "prevention" else "gap"
    if any(isinstance(node, Policy) for node in placed.above):
        return "policy"
    return named or default


def when_of(placed: Placed, phase: str) -> str:
    """Return the response (`compiled.WHEN`) in which an item of this phase applies."""
    if phase in ("review", "template"):
        return "review"
    titles = _headings(placed)
    if any(_is_gap(title) for title in titles):
        return "gap"
    if phase == "prevention":
        return "review"
    if phase in ("act", "policy"):
        return next(filter(None, (_response(title) for title in reversed(titles))), "always")
    return "always"


def _named(title: str) -> str:
    words = key_words(without_gears(main_clause(title)))
    return next((phase for phase, signs in _SIGNS if signs & words), "")


def _response(title: str) -> str:
    """The response a heading speaks of; one that speaks of several ("fix or rollback") is for all."""
    plain = without_gears(title)  # a gear named in passing is no response: the whole flow runs in HOTFIX
    several = _RESPONDING & key_words(plain)
    return response_of(plain) or ("always" if several else "")


def _headings(placed: Placed) -> tuple[str, ...]:
    """The titles above an item, without the title of the whole document."""
    tops = [node for node in placed.above[0].nodes if isinstance(node, Section) and node.level == 1]
    alone = len(tops) == 1 and len(placed.above) > 1 and placed.above[1] is tops[0] and bool(tops[0].title)
    return placed.titles[1:] if alone else placed.titles


def _is_gap(title: str) -> bool:
    return _GAP.search(title) is not None or "gap" in key_words(title)
