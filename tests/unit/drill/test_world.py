"""What a practice production reads of its customers and stakeholders, and how it is removed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.drill.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(str(tmp_path / "home")) as world:
        yield world


def write(path: str, *lines: object, end: str = "") -> None:
    Path(path).write_text("".join(json.dumps(line) + "\n" for line in lines) + end, encoding="utf-8")


def test_a_beat_that_ends_after_a_moment_may_have_begun_before_it(world: World) -> None:
    beats = [{"at": float(at), "fine": 10, "failed": {}} for at in (1, 2, 3, 4)]
    write(world.customers, *beats, end='{"at": 5.0, "fi')
    assert [beat.at for beat in world.beats(1.5)] == [2.0, 3.0, 4.0]
    assert [beat.at for beat in world.beats_begun(1.5)] == [3.0, 4.0]
    assert world.beats_begun(3.5) == ()


def test_a_message_that_is_just_being_written_is_not_there_yet(world: World) -> None:
    assert world.told() == ()
    write(world.inbox, {"title": "P0: checkout fails"}, end='{"title": "mit')
    assert world.told() == ("P0: checkout fails",)


def test_it_is_removed_although_a_process_that_ends_still_makes_a_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove, late = shutil.rmtree, [os.path.join(world.production, "run", "shop.out")]

    def remove_and_be_late(place: str, *, ignore_errors: bool) -> None:
        remove(place, ignore_errors=ignore_errors)
        while late:
            file = Path(late.pop())
            file.parent.mkdir(parents=True)
            file.touch()

    monkeypatch.setattr(shutil, "rmtree", remove_and_be_late)
    world.end()
    assert not os.path.exists(world.home)
