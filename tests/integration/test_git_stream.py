"""The objects of a history come whole, in their order, however large they are and however little is read."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from andon.errors import Unavailable
from andon.production import git_stream
from andon.production.git_changes import GitChanges


@pytest.fixture
def contents(tmp_path: Path) -> dict[str, bytes]:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    given = [b"", b"\n", b"a", b"x\n" * 70_000, b"big" * 1_000_000, bytes(range(256)) * 5000, b"end"]
    ids = {}
    for content in given:
        words = ["git", "-C", str(tmp_path), "hash-object", "-w", "--stdin"]
        done = subprocess.run(words, input=content, capture_output=True, check=True)
        ids[done.stdout.decode().strip()] = content
    return ids


@pytest.mark.parametrize("at_once", [1 << 24, 1000])
@pytest.mark.parametrize("is_read", [True, False])
def test_every_content_comes_whole(
    tmp_path: Path, contents: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, at_once: int, is_read: bool
) -> None:
    monkeypatch.setattr(git_stream, "_AT_ONCE", at_once)
    names = []
    for name, pieces in GitChanges(str(tmp_path)).stream(list(contents)):
        names.append(name)
        if is_read:
            assert b"".join(pieces) == contents[name]
        else:
            next(pieces, b"")
    assert names == list(contents)


def test_what_is_not_there_is_no_empty_content(tmp_path: Path, contents: dict[str, bytes]) -> None:
    with pytest.raises(Unavailable):
        list(GitChanges(str(tmp_path)).stream([next(iter(contents)), "0" * 39 + "1"]))
