"""The recording in the README is one of the drill as it is now, and names no place of the machine."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.drill.play import typed
from andon.drill.scenarios import SCENARIOS
from andon.drill.script import Part, Step
from docs.record_drill import BEGIN, END, README, with_recording, without_this_machine

REMEDY = "run: .venv/bin/python docs/record_drill.py"


def recording() -> str:
    """Return what stands between the markers in the README."""
    return README.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def steps(script: tuple[Part, ...]) -> Iterator[Step]:
    """Yield the steps that the drill takes when nobody decides."""
    for part in script:
        if isinstance(part, Step):
            yield part
        else:
            yield from part.best.steps


def test_it_tells_the_chapters_and_commands_of_the_drill_in_their_order() -> None:
    told = re.sub(r" \\\n +", " ", recording())
    position = 0
    for step in steps(SCENARIOS["bad-release"].script):
        wanted = [f". {step.chapter} ━"] if step.chapter else []
        if isinstance(step.command, tuple) and step.command:
            wanted.append(f"\n  $ {typed(step.command)}\n")
        for words in wanted:
            found = told.find(words, position)
            assert found >= 0, f"the recording does not go on with {words.strip()!r}; {REMEDY}"
            position = found + 1


def test_it_ends_well() -> None:
    told = recording()
    assert "✓ INC-1 is closed" in told, REMEDY
    assert "✗ " in told, "something has to break"
    assert "Traceback (most recent call last)" not in told


def test_it_is_text_of_100_columns_without_colours() -> None:
    lines = recording().splitlines()
    assert len(lines) > 100, REMEDY
    assert max(map(len, lines)) <= 100
    assert not [line for line in lines if not line.isprintable()]


@pytest.mark.parametrize("place", [sys.prefix, str(README.parent), str(Path.home())])
def test_it_names_no_place_of_this_machine(place: str) -> None:
    if len(place) < 4:
        pytest.skip("this home directory is the beginning of every path")
    assert place not in recording()
    assert place not in without_this_machine(f"run {place}/bin/python; {sys.executable}")


def test_a_recording_takes_the_place_of_the_one_before() -> None:
    page = f"# A\n\n{BEGIN}old\n{END}after\n"
    once = with_recording(page, "\nnew  \n")
    assert "old" not in once
    assert once.startswith(
        f"# A\n\n{BEGIN}\n<details>\n<summary>The whole recording: 1 lines</summary>\n\n```text\nnew\n```"
    )
    assert once.endswith(f"</details>\n\n{END}after\n")
    assert with_recording(once, "new") == once


def test_a_page_without_a_place_for_it_is_left_alone() -> None:
    with pytest.raises(ValueError, match="no place"):
        with_recording("# A\n", "new")
