"""`andon protocol` through the door of the command line: which file, what is printed, which exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from andon.cli.main import main

GOOD = "# Ours\nP0, P1\n## Rollback\n- [ ] Notify the team\n## Postmortem template\n- What happened?\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to stand in, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_clean_document(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "ours.md").write_text(GOOD)
    assert main(["protocol", "lint", "ours.md"]) == 0
    assert "next: ours.md can be run as it is: 1 line to check off" in capsys.readouterr().out


def test_findings_have_file_line_rule_and_remedy(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "ours.md").write_text(GOOD + "- [ ] Water the plants\n")
    assert main(["protocol", "lint", "ours.md"]) == 1
    out = capsys.readouterr().out
    assert "ours.md:7: binds-to-nothing: 'Water the plants'" in out
    assert "{#manual}" in out
    assert out.splitlines()[-1].endswith("andon protocol show ours.md --bindings")
    assert main(["protocol", "lint", "ours.md", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(f["file"], f["line"], f["rule"]) for f in told["findings"]] == [
        ("ours.md", 7, "binds-to-nothing")
    ]


@pytest.mark.parametrize("name", ["none.md", ".", "a\0b"])
def test_a_file_that_cannot_be_read(place: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["protocol", "show", name]) == 2
    err = capsys.readouterr().err
    assert "the protocol cannot be read" in err
    assert "way out: name a Markdown file" in err
    assert "\0" not in err


def test_without_a_file_the_configured_one_then_the_built_in_one(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["protocol", "lint"]) == 0
    assert "built-in" in capsys.readouterr().out
    (place / "docs").mkdir()
    (place / "docs" / "INCIDENTS.md").write_text(GOOD)
    (place / "andon.toml").write_text('protocol = "docs/INCIDENTS.md"\n')
    assert main(["protocol", "show", "--bindings"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("docs/INCIDENTS.md: 1 line to check off")
    assert "-> stakeholders-notified (machine, phrase)" in out


def test_the_compiled_form_and_the_data(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "ours.md").write_text(GOOD)
    assert main(["protocol", "show", "ours.md", "--compiled"]) == 0
    compiled = json.loads(capsys.readouterr().out)
    assert [item["check"] for item in compiled["items"]] == ["stakeholders-notified"]
    assert len(compiled["digest"]) == 64
    assert main(["protocol", "show", "ours.md", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["checklist_lines"] == 1


def test_hostile_bytes_reach_no_terminal(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "ours.md").write_bytes(
        b"# \x1b[2Jours\n- [ ] \xff\xfe \x9b31m\x07 \xe2\x80\xae {#\x1b]0;x\x07}\n\x1b[31mred\n"
    )
    assert main(["protocol", "show", "ours.md", "--bindings"]) == 0
    assert main(["protocol", "lint", "ours.md"]) == 1
    out = capsys.readouterr().out
    assert not [c for c in out if (ord(c) < 32 and c != "\n") or c in "\x7f\x9b\u202e"]
    assert "\\x1b[31mred" in out


def test_a_file_that_is_too_large_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "big.md").write_bytes(b"x" * (8 * 1024 * 1024 + 1))
    assert main(["protocol", "lint", "big.md"]) == 2
    assert "larger than 8 MiB" in capsys.readouterr().err
