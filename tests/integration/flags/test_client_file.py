"""Flags out of a file: changes and kills are noticed, and nothing half-written or damaged is obeyed."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from andon.flags.client import Flags, connect, from_file
from andon.flags.overrides import KILL, Override, to_plain
from andon.flags.watching import Watched
from tests.fakes.flag_stream import flag, until

KEYS = {"new-pricing": flag(True), "dark-mode": flag(False)}


class Place:
    """A directory with a flag file."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "flags.json"
        self.overrides = directory / "flags.json.overrides.json"
        self.define(KEYS)
        self.opened: list[Flags] = []

    def define(self, flags: dict[str, Any]) -> None:
        self.file.write_text(json.dumps({"flags": flags}, indent=2))

    def kill(self, key: str, version: int, **wrong: Any) -> None:
        override = Override(flag=key, layer=KILL, variant="off", operation="op-1", incident="INC-7")
        self.override(version, {**to_plain(override), **wrong})

    def override(self, version: int, *listed: Any) -> None:
        beside = self.overrides.with_suffix(".new")
        beside.write_text(json.dumps({"version": version, "overrides": listed}))
        os.replace(beside, self.overrides)

    def open(self, **more: Any) -> Flags:
        self.opened.append(from_file(str(self.file), every=0.01, **more))
        return self.opened[-1]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    for flags in made.opened:
        flags.close()


def is_on(flags: Flags) -> bool:
    return flags.boolean("new-pricing", False)


def test_the_first_evaluation_has_the_file(place: Place) -> None:
    flags = place.open(name="shop")
    assert is_on(flags) and flags.wait_ready(0)
    status = flags.status()
    assert (status.source, status.connected, status.problem) == ("file", True, "")
    assert status.age is not None and status.age < 60
    assert str(place.file) in repr(flags)


def test_a_change_is_noticed_and_told(place: Place) -> None:
    flags = place.open()
    changed: list[frozenset[str]] = []
    flags.on_change(changed.append)
    place.define({**KEYS, "new-pricing": flag(False)})
    until(lambda: not is_on(flags))
    until(lambda: changed == [{"new-pricing"}])


def test_a_change_of_the_same_size_in_the_same_moment_is_noticed(place: Place) -> None:
    flags = place.open()
    before = os.stat(place.file)
    content = place.file.read_text()
    place.file.write_text(content.replace('"on"\n', '"off"').replace('"on"', '"on" ', 1))
    os.utime(place.file, ns=(before.st_atime_ns, before.st_mtime_ns))
    until(lambda: flags.status().version > 1 or flags.status().problem)


def test_a_kill_works_without_a_server_and_its_undo_restores_the_flag(place: Place) -> None:
    flags = place.open()
    place.kill("new-pricing", 1_700_000_000_000)
    until(lambda: not is_on(flags))
    assert flags.status().version == 1_700_000_000_000
    assert flags.evaluator.definition("new-pricing")["metadata"]["killIncident"] == "INC-7"
    place.override(1_700_000_000_001)
    until(lambda: is_on(flags))
    assert "metadata" not in flags.evaluator.definition("new-pricing")


def test_a_program_that_starts_after_a_kill_obeys_it(place: Place) -> None:
    place.kill("new-pricing", 5)
    assert not is_on(place.open())


def test_a_kill_survives_another_definition(place: Place) -> None:
    place.kill("new-pricing", 5)
    flags = place.open()
    place.define({**KEYS, "more": flag(True)})
    until(lambda: flags.boolean("more", False))
    assert not is_on(flags)


@pytest.mark.parametrize(
    "content",
    ["", "{", '{"version": 9, "overri', '{"version": 9}', '{"version": "9", "overrides": []}', "[]",
     "\0" * 40,
     '{"version": 9, "overrides": {}}', '{"version": true, "overrides": []}', "[" * 100_000],
)  # fmt: skip
def test_damaged_overrides_leave_a_kill_in_force_and_are_said(place: Place, content: str) -> None:
    place.kill("new-pricing", 5)
    flags = place.open()
    place.overrides.write_text(content)
    until(lambda: "stay in force" in flags.status().problem)
    assert str(place.overrides) in flags.status().problem and not is_on(flags)
    place.override(6)
    until(lambda: is_on(flags) and flags.status().problem == "")


def test_one_wrong_override_hides_no_other(place: Place) -> None:
    place.kill("new-pricing", 5)
    good = json.loads(place.overrides.read_text())["overrides"][0]
    place.override(6, {"flag": "dark-mode", "layer": "mischief"}, good)
    flags = place.open()
    assert not is_on(flags) and "overrides[0]" in flags.status().problem
    place.override(7, {**good, "variant": 7})
    until(lambda: "variant" in flags.status().problem)
    assert not is_on(flags)


def test_overrides_that_vanish_stay_in_force(place: Place) -> None:
    place.kill("new-pricing", 5)
    flags = place.open()
    place.overrides.unlink()
    until(lambda: "is gone" in flags.status().problem)
    assert not is_on(flags)
    place.kill("new-pricing", 5)
    until(lambda: flags.status().problem == "")


def test_older_overrides_are_not_obeyed(place: Place) -> None:
    place.kill("new-pricing", 5)
    flags = place.open()
    place.override(4)
    until(lambda: "older than 5" in flags.status().problem)
    assert not is_on(flags)


@pytest.mark.parametrize("cut", [0, 1, 40, 100, 200])
def test_a_file_that_is_half_written_is_not_obeyed_and_named_with_its_line(place: Place, cut: int) -> None:
    flags = place.open()
    content = place.file.read_bytes()
    place.file.write_bytes(content[:cut])
    until(lambda: flags.status().problem)
    assert str(place.file) in flags.status().problem
    assert is_on(flags) and flags.boolean("dark-mode", True) is False
    place.file.write_bytes(content)
    until(lambda: flags.status().problem == "")


def test_half_of_a_yaml_file_takes_no_flag_away(tmp_path: Path) -> None:
    """Half a YAML file is whole YAML: it is obeyed only once it stays as it is."""
    path = tmp_path / "flags.yaml"
    whole = "flags:\n" + "".join(
        f"  {key}:\n    state: ENABLED\n    variants: {{on: true, off: false}}\n    defaultVariant: on\n"
        for key in ("first", "second")
    )
    path.write_text(whole)
    flags = from_file(str(path), every=60)
    try:
        look = flags._worker.look  # type: ignore[union-attr]
        path.write_text(whole[: whole.index("  second")])
        look()
        assert flags.boolean("second", False)
        path.write_text(whole + "  third: {state: ENABLED, variants: {on: true}, defaultVariant: on}\n")
        look()
        look()
        assert flags.boolean("second", False) and flags.boolean("third", False)
    finally:
        flags.close()


def test_a_file_that_vanishes_is_said_and_its_flags_stay(place: Place) -> None:
    flags = place.open()
    content = place.file.read_bytes()
    place.file.unlink()
    until(lambda: "no such file" in flags.status().problem)
    assert is_on(flags)
    place.file.write_bytes(content)
    until(lambda: flags.status().problem == "")


def test_a_program_starts_without_the_file(tmp_path: Path) -> None:
    path = tmp_path / "flags.json"
    flags = from_file(str(path), every=0.01)
    try:
        assert flags.boolean("new-pricing", True) and not flags.wait_ready(0)
        status = flags.status()
        assert (status.source, status.age) == ("nothing", None) and "no such file" in status.problem
        path.write_text(json.dumps({"flags": {"new-pricing": flag(False)}}))
        assert flags.wait_ready(60) and not flags.boolean("new-pricing", True)
    finally:
        flags.close()


@pytest.mark.parametrize(
    "content",
    [b"[" * 10_000, b'{"flags": ' * 3000, b"\xff\xfe", b'{"flags": {"a": {}, "a": {}}}',
     b"flags: {a: &a [*a]}", b"{" + b" " * (21 << 20)],
    ids=["deep", "deep objects", "no UTF-8", "twice", "yaml cycle", "21 MB"],
)  # fmt: skip
def test_hostile_files_change_nothing(place: Place, content: bytes) -> None:
    flags = place.open()
    beside = place.file.with_suffix(".new")
    beside.write_bytes(content)
    os.replace(beside, place.file)
    until(lambda: flags.status().problem)
    assert is_on(flags) and sys.getrecursionlimit() < 10_000


def test_closing_ends_the_thread(place: Place) -> None:
    flags = place.open()
    flags.close()
    flags.close()
    until(lambda: "andon-flags" not in {thread.name for thread in threading.enumerate()})
    assert is_on(flags)


def test_an_unchanged_old_file_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "flags.json"
    path.write_text("one")
    os.utime(path, (1, 1))
    watched = Watched(str(path))
    assert watched.news() == b"one" and watched.news() is None
    assert watched._is_young is False
    path.write_text("two")
    assert watched.news() == b"two" and watched._is_young is True


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name on this system")
def test_a_pipe_in_the_place_of_a_file_holds_nobody_up(place: Place, tmp_path: Path) -> None:
    """Who opens one waits until somebody writes: a program would never start, a thread never look again."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "no file" in from_then_closed(str(pipe))
    assert "no file" in connect_then_closed(keep=str(pipe), file=str(pipe))
    flags = place.open()
    assert is_on(flags)
    os.replace(pipe, place.file)
    until(lambda: "no file" in flags.status().problem)
    assert is_on(flags)
    os.unlink(place.file)
    place.define({**KEYS, "new-pricing": flag(False)})
    until(lambda: not is_on(flags) and not flags.status().problem)


def from_then_closed(path: str) -> str:
    with from_file(path) as flags:
        return flags.status().problem


def connect_then_closed(**files: str) -> str:
    with connect("http://127.0.0.1:1", **files) as flags:  # type: ignore[arg-type]
        return flags.status().problem
