"""The team's files: changed whole or not at all, whatever stands in their place."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from andon.desk.team_files import LARGEST, change_file, path_in, read_given, read_text
from andon.errors import AndonError, Conflict, InvalidInput, NotFound, Refused, Unavailable


def add(word: str) -> object:
    """Return a change that appends a line."""
    return lambda text: f"{text or ''}{word}\n"


def change(root: Path, name: str, word: str = "new") -> str:
    """Append a line to a file and return its text."""
    return change_file(str(root), name, add(word)).text


def test_a_file_is_made_with_its_directories(tmp_path: Path) -> None:
    assert change(tmp_path, "docs/log/a.md") == "new\n"
    assert (tmp_path / "docs/log/a.md").read_bytes() == b"new\n"
    assert os.listdir(tmp_path / "docs/log") == ["a.md"]


def test_bytes_and_permissions_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree\x0c\n")
    file.chmod(0o640)
    change(tmp_path, "a.md")
    assert file.read_bytes() == b"\xef\xbb\xbfone\r\ntwo\rthree\x0c\nnew\n"
    assert file.stat().st_mode & 0o777 == 0o640


def test_what_does_not_change_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("same")
    before = file.stat().st_ino
    assert not change_file(str(tmp_path), "a.md", lambda text: text or "").changed
    assert file.stat().st_ino == before


def test_what_the_change_raises_leaves_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("old")

    def fail(_text: str | None) -> str:
        raise InvalidInput("no")

    with pytest.raises(InvalidInput, match="no"):
        change_file(str(tmp_path), "a.md", fail)
    assert file.read_text() == "old" and os.listdir(tmp_path) == ["a.md"]


def test_what_a_killed_process_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / ".a.md.andon-new").write_text("half")
    change(tmp_path, "a.md")
    assert os.listdir(tmp_path) == ["a.md"]


def test_somebody_else_s_change_is_not_lost(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("one\n")
    saved = []

    def slow(text: str | None) -> str:
        if not saved:  # an editor saves while the first attempt is under way
            saved.append(True)
            file.write_text("one\nby hand\n")
        return f"{text}new\n"

    change_file(str(tmp_path), "a.md", slow)
    assert file.read_text() == "one\nby hand\nnew\n"


def test_a_file_that_never_rests_is_a_conflict(tmp_path: Path) -> None:
    file = tmp_path / "a.md"

    def restless(text: str | None) -> str:
        file.write_text(f"{text or ''}x")
        return "mine"

    with pytest.raises(Conflict):
        change_file(str(tmp_path), "a.md", restless)
    assert file.read_text() == "xxxxx" and os.listdir(tmp_path) == ["a.md"]


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    threads = [threading.Thread(target=change, args=(tmp_path, "a.md", f"w{n}")) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted((tmp_path / "a.md").read_text().split()) == sorted(f"w{n}" for n in range(12))


def link(place: Path) -> None:
    (place.parent / "real.md").write_text("real")
    place.symlink_to("real.md")


def dangling(place: Path) -> None:
    place.symlink_to("nowhere.md")


def directory(place: Path) -> None:
    place.mkdir()


def pipe(place: Path) -> None:
    os.mkfifo(place)


def latin(place: Path) -> None:
    place.write_bytes(b"fine\nna\xefve\n")


def huge(place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(LARGEST + 1)


def read_only(place: Path) -> None:
    place.write_text("kept")
    place.chmod(0o444)


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (link, InvalidInput, "symbolic link"),
        (dangling, InvalidInput, "symbolic link"),
        (directory, InvalidInput, "a directory"),
        (pipe, InvalidInput, "no regular file"),
        (latin, InvalidInput, "byte 7 is no UTF-8"),
        (huge, InvalidInput, "bytes"),
        (read_only, Unavailable, "read-only"),
    ],
)
def test_an_odd_target_is_left_as_it_is(
    tmp_path: Path, make: object, kind: type[AndonError], words: str
) -> None:
    place = tmp_path / "a.md"
    make(place)
    before = os.lstat(place)
    with pytest.raises(kind, match=words) as caught:
        change(tmp_path, "a.md")
    assert str(place) in caught.value.where and caught.value.remedy
    assert os.lstat(place) == before
    assert not (tmp_path / ".a.md.andon-new").exists()


def test_bad_bytes_are_named_with_their_line(tmp_path: Path) -> None:
    latin(tmp_path / "a.md")
    with pytest.raises(InvalidInput) as caught:
        read_text(str(tmp_path / "a.md"))
    assert caught.value.where.endswith("a.md:2")


def test_a_parent_that_is_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "docs").write_text("x")
    with pytest.raises(Unavailable):
        change(tmp_path, "docs/a.md")


@pytest.mark.parametrize("name", ["../a.md", "/etc/a.md", "out/a.md"])
def test_nothing_outside_the_repository_is_written(tmp_path: Path, name: str) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    root.mkdir()
    other.mkdir()
    (root / "out").symlink_to(other)
    with pytest.raises(Refused, match="outside"):
        path_in(str(root), name)
    with pytest.raises(Refused):
        change(root, name)
    assert os.listdir(other) == []


def test_a_missing_file(tmp_path: Path) -> None:
    assert read_text(str(tmp_path / "a.md")) is None
    with pytest.raises(NotFound):
        read_given(str(tmp_path / "a.md"))
