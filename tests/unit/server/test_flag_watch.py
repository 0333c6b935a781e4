"""When a flag file is read while it is written; each look is one call, no time passes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from andon.errors import InvalidInput, Unavailable
from andon.server.flag_watch import Watch, read_definitions

ONE = "  {}:\n    state: ENABLED\n    variants: {{'on': true, 'off': false}}\n    defaultVariant: 'on'\n"


class FakeService:
    """Takes what is put in force."""

    def __init__(self) -> None:
        self.findings: tuple[str, ...] = ()
        self.beside: tuple[str, ...] = ()
        self.defined: list[list[str]] = []

    async def define(self, document: Mapping[str, Any], digest: str) -> None:
        self.defined.append(list(document["flags"]))


def looks(watch: Watch, count: int) -> None:
    async def play() -> None:
        for _ in range(count):
            await watch.look()

    asyncio.run(play())


@pytest.mark.parametrize(("name", "needed"), [("flags.json", 2), ("flags.yaml", 6)])
def test_a_file_is_read_once_it_stays_the_same(tmp_path: Path, name: str, needed: int) -> None:
    file, service, told = tmp_path / name, FakeService(), list[str]()
    file.write_text('{"flags": {}}')
    watch = Watch(str(file), service, told.append)  # type: ignore[arg-type]
    looks(watch, needed - 1)
    assert service.defined == []
    looks(watch, 4)
    assert service.defined == [[]], "once"
    file.write_text("flags:\n" + ONE.format("a"))  # half of a YAML file, which could be read
    looks(watch, needed - 1)
    file.write_text("flags:\n" + ONE.format("a") + ONE.format("b"))
    looks(watch, needed + 3)
    if name.endswith("yaml"):
        assert service.defined[1:] == [["a", "b"]]
        assert told == []


def test_a_finding_is_told_once_and_goes_when_the_file_is_good_again(tmp_path: Path) -> None:
    file, service, told = tmp_path / "flags.json", FakeService(), list[str]()
    watch = Watch(str(file), service, told.append)  # type: ignore[arg-type]
    looks(watch, 5)
    assert len(told) == 1 and "No such file" in told[0]
    file.write_text('{"flags": {\n"a": {}, "a": {}}}')
    looks(watch, 5)
    assert len(told) == 2 and "flags.json:2" in service.findings[0]
    file.write_text('{"flags": {}}')
    looks(watch, 5)
    assert service.findings == () and "in force" in told[2]


def test_overrides_beside_the_file_are_told_of(tmp_path: Path) -> None:
    file, service, told = tmp_path / "flags.json", FakeService(), list[str]()
    file.write_text('{"flags": {}}')
    (tmp_path / "flags.json.overrides.json").write_text("{}")
    watch = Watch(str(file), service, told.append)  # type: ignore[arg-type]
    looks(watch, 3)
    assert len(told) == 1 and service.beside == (told[0],)
    (tmp_path / "flags.json.overrides.json").unlink()
    looks(watch, 1)
    assert service.beside == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"flags": {}',
        b'{"flags": {"a": NaN}}',
        b"\xff\xfe",
        b'{"flags": ' + b"[" * 100_000,
        b'{"flags": {"a": ' + b'{"x":' * 10_000 + b"1" + b"}" * 10_000 + b"}}",
        b"flags: &a [*a]",
        b"flags: {a: .nan}",
        b"flags: {a: {expires: !!python/object:os.system x}}",
        b'{"flags": {"a": {"variants": {"x": 1e999}}}}',
    ],
)
def test_what_is_no_set_of_flags_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / ("flags.json" if content[:1] in (b"", b"[", b"{", b"\xff") else "flags.yaml")
    file.write_bytes(content)
    with pytest.raises(InvalidInput) as problem:
        read_definitions(str(file))
    assert problem.value.where.startswith(str(file))


def test_a_file_that_cannot_be_read_or_is_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        read_definitions(str(tmp_path))
    file = tmp_path / "flags.json"
    with file.open("wb") as end:
        end.truncate(60 << 20)
    with pytest.raises(InvalidInput):
        read_definitions(str(file))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name on this system")
def test_a_pipe_in_the_place_of_the_file_is_a_finding(tmp_path: Path) -> None:
    """To open one waits for a writer: the server never read its file again, and did not end at a signal."""
    os.mkfifo(tmp_path / "flags.json")
    with pytest.raises(Unavailable, match="it is no file"):
        read_definitions(str(tmp_path / "flags.json"))
