"""Every command line that a document or a text of the program quotes is one that the program takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.marked import ROOT
from tests.docs.quoted import Quoted, complaint, in_document, in_source

DOCUMENTS = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md"]
SOURCES = [p for p in sorted((ROOT / "src" / "andon").rglob("*.py")) if "template" not in p.parts]


def _complaints(found: list[Quoted]) -> list[str]:
    told = ((q, complaint(q.line, whole=q.whole)) for q in found)
    return [f"{q.where}: {q.line}: {why}" for q, why in told if why]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_quotes_commands_that_exist(document: Path) -> None:
    wrong = _complaints(list(in_document(document)))
    assert not wrong, "\n".join(wrong)


def test_the_program_names_commands_that_exist() -> None:
    found = [quoted for source in SOURCES for quoted in in_source(source)]
    assert len(found) > 100, "hardly any command line was found in the source: nothing was checked"
    wrong = _complaints(found)
    assert not wrong, "\n".join(wrong)


def test_the_built_in_protocol_names_commands_that_exist() -> None:
    wrong = _complaints(list(in_document(ROOT / "src" / "andon" / "protocol" / "builtin.md")))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("line", "whole", "why"),
    [
        ("andon status", True, ""),
        ("andon assess --fix-minutes N", True, ""),
        ("andon protocol show [FILE] [--bindings]", True, ""),
        ("andon postmortem draft|edit|lint", True, ""),
        ('andon declare "what is broken" --severity P0', True, ""),
        ("andon sign", False, ""),
        ("andon init --print to see what would be written", False, ""),
        ("andon sign", True, "required"),
        ("andon fix", True, "no command"),
        ("andon status --verbose", False, "unrecognized"),
        ("andon decide shrug", False, "invalid choice"),
        ('andon note "a', True, "No closing quotation"),
    ],
)
def test_the_check_itself(line: str, whole: bool, why: str) -> None:
    told = complaint(line, whole=whole)
    assert (why in told) if why else not told


def test_command_lines_are_found_in_a_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.docs.quoted.ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text(
        'Give `andon ack`.\n\n```sh\nandon init  # first\n$ ./dev andon note \\\n  "x"\nls\n```\n'
    )
    found = [(q.where, q.line, q.whole) for q in in_document(page)]
    assert found == [
        ("page.md:1", "andon ack", False),
        ("page.md:4", "andon init", True),
        ("page.md:5", 'andon note "x"', True),
    ]


def test_command_lines_are_found_in_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.docs.quoted.ROOT", tmp_path)
    source = tmp_path / "source.py"
    source.write_text('"""andon status in a docstring"""\nx = f"look at `andon status {y}`; or andon ack"\n')
    assert [q.line for q in in_source(source)] == ["andon status FILLED-IN", "andon ack"]
