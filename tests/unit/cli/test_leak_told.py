"""Places of a leak in short: each path once, however many versions of it there are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from andon.cli.leak_told import SHOWN, tell_places
from andon.incident.parts import LeakPlace


def place(number: int, path: str, mark: str = "a1b2c3", encoding: str = "plain", **more: bool) -> LeakPlace:
    """Return one version of a file."""
    at = datetime(2026, 3, number % 28 + 1, tzinfo=UTC)
    return LeakPlace(
        mark=mark, kind="blob", name=f"{number:040d}", encoding=encoding, paths=(path,), at=at, **more
    )


def told(capsys: pytest.CaptureFixture[str], *places: LeakPlace, whole: bool = False) -> list[str]:
    """Return the lines that are printed, with single spaces."""
    tell_places(places, whole=whole)
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_versions_of_a_file_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    places = [place(n, ".env", mark) for n in range(9) for mark in ("a1b2c3", "d4e5f6")]
    assert told(capsys, *places, place(3, "b.gz", encoding="gzip")) == [
        ".env blob 9 x 2026-03-01 to 2026-03-09 plain a1b2c3 d4e5f6",
        "b.gz blob 1 x 2026-03-04 gzip a1b2c3",
        "each object with its commit: andon leak locate --all",
    ]


def test_what_nothing_reaches_and_what_has_no_path_stand_apart(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = LeakPlace(mark="a1b2c3", kind="ref-name", name="refs/heads/[redacted]")
    lines = told(capsys, place(1, ".env"), place(2, ".env", is_reachable=False), nowhere)
    assert lines[1].startswith(".env blob (unreachable) 1 x")
    assert lines[2] == "refs/heads/[redacted] ref-name 1 x - plain a1b2c3"


def test_many_paths_are_cut_off_and_all_shows_each_object(capsys: pytest.CaptureFixture[str]) -> None:
    places = [place(n, f"file{n}") for n in range(SHOWN + 3)]
    assert told(capsys, *places)[-1] == "3 more, and each object with its commit: andon leak locate --all"
    assert len(told(capsys, *places, whole=True)) == SHOWN + 3
