"""What is said when something breaks holds no secret: errors, for people and programs, reports of bugs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from andon.cli import main
from andon.errors import Unavailable
from andon.secrets import spoken
from andon.secrets.redaction import PatternRedactor

SECRET = "".join(Random(9).choices("abcdefghkmnpqrstuvwxyz23456789", k=16))


@pytest.fixture(autouse=True)
def knowing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A desk was opened that knows SECRET; reports of bugs go to a directory of the test."""
    redactor = PatternRedactor(known=[SECRET.encode()], key=b"k" * 32)
    monkeypatch.setattr(spoken, "_hiding", [lambda text: redactor.redact(text.encode())[0].decode()])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield


def broken(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    def breaks(argv: object) -> int:
        raise problem

    monkeypatch.setattr(main, "_dispatch", breaks)


def test_an_error_of_ours_says_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Unavailable(f"it said {SECRET}", where=f"tool --key {SECRET}", rule="r", remedy=f"unset {SECRET}")
    broken(monkeypatch, told)
    assert main.main(["status", "--json"]) == 3
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert json.loads(said.out)["error"]["where"].startswith("tool --key [redacted:")
    assert said.err.startswith("unavailable: tool --key [redacted:")


def test_a_bug_says_none_in_its_report_either(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broken(monkeypatch, KeyError(f"key {SECRET}"))
    assert main.main(["status", "--json"]) == 4
    said = capsys.readouterr()
    (report,) = tmp_path.glob("andon-bug-*.log")
    assert "Traceback" in report.read_text()
    assert SECRET not in said.out + said.err + report.read_text()
    assert "[redacted:" in report.read_text()


def test_what_cannot_be_searched_is_not_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fails(text: str) -> str:
        raise OSError("no key")

    monkeypatch.setattr(spoken, "_hiding", [fails])
    broken(monkeypatch, KeyError(f"key {SECRET}"))
    assert main.main(["status"]) == 4
    said = capsys.readouterr()
    (report,) = tmp_path.glob("andon-bug-*.log")
    assert SECRET not in said.out + said.err + report.read_text()
    assert "cannot be searched" in said.err


def test_before_a_desk_was_opened_what_looks_like_one_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spoken, "_hiding", [])
    assert SECRET not in spoken.hidden_anyhow(f"password={SECRET}")
    assert spoken.hidden_anyhow("the file is not there") == "the file is not there"
    assert spoken.hidden(f"password={SECRET}") == f"password={SECRET}"  # nobody has a desk: a unit test
