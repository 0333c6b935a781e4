"""docs/glossary.md knows every word of the closed vocabularies."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest

from andon.incident import words
from andon.incident.checklist import Standing
from tests.docs.marked import DOCS, ROOT

GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")
VOCABULARIES = [
    *(v for v in vars(words).values() if isinstance(v, type) and issubclass(v, StrEnum) and v is not StrEnum),
    Standing,
]


def suspects() -> set[str]:
    """Return what the assessment can suspect, as its source says it."""
    source = (ROOT / "src" / "andon" / "response" / "suspects.py").read_text(encoding="utf-8")
    body = source.partition("def suspect(")[2].partition("\ndef ")[0]
    returned = " ".join(re.findall(r"(?m)^ +return (.*)$", body))
    return set(re.findall(r'"([a-z-]+)"(?! in )', returned))


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda v: v.__name__)
def test_every_word_of_a_vocabulary_is_in_the_glossary(vocabulary: type[StrEnum]) -> None:
    missing = [word.value for word in vocabulary if f"`{word.value}`" not in GLOSSARY]
    assert not missing, f"{vocabulary.__name__}: {', '.join(missing)}"


def test_every_suspect_is_in_the_glossary() -> None:
    assert len(suspects()) >= 8
    section = GLOSSARY.partition("### Suspects")[2].partition("\n## ")[0]
    assert set(re.findall(r"(?m)^\| `([a-z-]+)` \|", section)) == suspects()


def test_the_levels_stand_beside_their_gears() -> None:
    for gear in words.Gear:
        assert f"| `{gear}` | `{gear.level}` |" in GLOSSARY


def test_the_labels_stand_beside_their_severities() -> None:
    for severity in words.Severity:
        assert f"| `{severity}` {severity.label} |" in GLOSSARY
