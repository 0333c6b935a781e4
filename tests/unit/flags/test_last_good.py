"""The last good file is whole or not used, and never goes back."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.flags.last_good import Keeping, read, version_of, write

SET = {"flags": {"a": {"state": "ENABLED", "x": "ä\ud800"}}, "$evaluators": {"e": True}}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.json")
    assert write(path, SET, 7)
    document, version, age = read(path)
    assert (document, version) == (SET, 7) and 0 <= age < 60
    assert version_of(path) == 7
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.listdir(tmp_path) == ["kept.json"]


def test_its_directory_is_made_where_a_fresh_checkout_has_none(tmp_path: Path) -> None:
    path = tmp_path / "var" / "shop" / "flags.json"
    assert write(str(path), {"flags": {}}, 3)
    assert version_of(str(path)) == 3


def test_an_older_set_never_replaces_a_newer_one(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.json")
    write(path, SET, 7)
    assert not write(path, {"flags": {}}, 6) and not write(path, {"flags": {}}, 7)
    assert read(path)[0] == SET
    assert write(path, {"flags": {}}, 8)


@given(st.integers(0, 200))
def test_half_a_file_is_never_used(cut: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "kept.json")
        write(path, SET, 7)
        content = Path(path).read_bytes()
        cut = min(cut, len(content) - 1)
        Path(path).write_bytes(content[:cut])
        with pytest.raises(InvalidInput):
            read(path)
        assert write(path, SET, 7), "a damaged file is written anew"
        assert read(path)[1] == 7


@pytest.mark.parametrize(
    "content",
    ["[]", "null", '{"version": 1}', '{"flags": {}}', '{"version": "1", "flags": {}}', "[" * 200_000, "\0",
     '{"version": true, "flags": {}}', '{"version": 1, "flags": []}', '{"version": 0, "flags": {}}'],
)  # fmt: skip
def test_what_is_no_set_is_said(tmp_path: Path, content: str) -> None:
    path = tmp_path / "kept.json"
    path.write_text(content)
    with pytest.raises(InvalidInput) as said:
        read(str(path))
    assert str(path) in str(said.value)


def test_a_directory_in_its_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        read(str(tmp_path))
    with pytest.raises(FileNotFoundError):
        read(str(tmp_path / "none"))


def test_keeping_waits_a_little_and_says_what_cannot_be_written(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.json")
    keeping = Keeping(path, lambda: 1.0)
    keeping.work(0.0, SET, 7)
    assert not os.path.exists(path)
    keeping.changed(10.0)
    keeping.work(10.1, SET, 7)
    assert not os.path.exists(path)
    keeping.work(keeping.due(), SET, 7)
    assert version_of(path) == 7 and keeping.due() == float("inf")

    keeping = Keeping(str(tmp_path / "kept.json" / "kept.json"), lambda: 0.0)
    keeping.changed(10.0)
    keeping.work(11.0, SET, 7)
    assert "cannot be written" in keeping.problem and keeping.due() < float("inf")


def test_a_file_is_confirmed_now_and_then(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.json")
    write(path, SET, 7)
    os.utime(path, (1, 1))
    keeping = Keeping(path, lambda: 0.0)
    keeping.confirmed(100.0, 6)
    assert read(path)[2] > 1e6, "another version was confirmed"
    keeping.confirmed(200.0, 7)
    assert read(path)[2] < 60
    os.utime(path, (1, 1))
    keeping.confirmed(201.0, 7)
    assert read(path)[2] > 1e6, "not with every ping"


def test_nothing_is_kept_without_a_path() -> None:
    keeping = Keeping("", lambda: 0.0)
    keeping.changed(1.0)
    keeping.confirmed(1.0, 1)
    assert keeping.due() == float("inf")
