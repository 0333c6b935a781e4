"""The port `FlagSources`, over the fake and over real git; and what only real git has."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from andon.desk.ports_hygiene import FlagSources
from andon.errors import AndonError, Conflict, Refused
from andon.production.flag_sources import GitFlagSources
from tests.fakes.flag_sources import FakeFlagSources
from tests.integration.gated import clean_environment, git

FILES = {"shop.py": "x = 1\n", "lib/cart.go": "package cart\n", "empty.txt": ""}
Make = Callable[[dict[str, str]], FlagSources]


@pytest.fixture(params=["fake", "git"])
def made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlagSources:
    if request.param == "fake":
        return FakeFlagSources(FILES)
    return repository(tmp_path, monkeypatch)


def repository(place: Path, monkeypatch: pytest.MonkeyPatch) -> GitFlagSources:
    clean_environment(place, monkeypatch)
    root = place / "shop"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    for path, text in FILES.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    git(root, "add", "-A")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-02-01T00:00:00Z")
    git(root, "commit", "-qm", "first")
    return GitFlagSources(str(root))


def test_the_tracked_files_with_their_contents(made: FlagSources) -> None:
    listed = made.here()
    assert {one.path for one in listed} == set(FILES)
    assert len({one.identity for one in listed} - {""}) == 3
    read = {one.path: content for one, content in made.read(listed, 100)}
    assert read == {path: text.encode() for path, text in FILES.items()}
    assert {one.path: content for one, content in made.read(listed, 5)}["lib/cart.go"] is None


def test_the_index_and_a_commit(made: FlagSources) -> None:
    for commit in ("", "HEAD"):
        read = {one.path: content for one, content in made.read(made.at(commit), 100)}
        assert read == {path: text.encode() for path, text in FILES.items()}


def test_writing_asks_for_what_was_there(made: FlagSources) -> None:
    with pytest.raises(Conflict):
        made.write("shop.py", b"something else", b"x = 2\n")
    made.write("shop.py", b"x = 1\n", b"x = 2\n")
    assert made.content("shop.py") == b"x = 2\n" and made.content("nowhere.py") is None


def test_texts_are_kept_by_mark(made: FlagSources) -> None:
    assert made.kept("one") == {}
    made.keep("one", {"a py": "[1]", "b go": ""})
    assert made.kept("one") == {"a py": "[1]", "b go": ""} and made.kept("two") == {}


# ---- real git


def test_a_changed_file_is_read_as_it_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = repository(tmp_path, monkeypatch)
    (tmp_path / "shop" / "shop.py").write_text("x = 3\n")
    (tmp_path / "shop" / "lib" / "cart.go").unlink()
    (tmp_path / "shop" / "untracked.py").write_text("y = 1\n")
    found = {one.path: one.identity for one in made.here()}
    assert found["shop.py"] == found["lib/cart.go"] == "" and found["empty.txt"] and len(found) == 3
    read = {one.path: content for one, content in made.read(made.here(), 100)}
    assert read["shop.py"] == b"x = 3\n" and read["lib/cart.go"] is None
    staged = {one.path: content for one, content in made.read(made.at(""), 100)}
    assert staged["shop.py"] == b"x = 1\n"


def test_links_and_odd_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = repository(tmp_path, monkeypatch)
    root = tmp_path / "shop"
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.py").write_text("secret\n")
    os.symlink(outside / "b.py", root / "link.py")
    odd = os.fsencode(root) + b"/\xff\n.py"
    with open(odd, "w") as file:
        file.write("z = 1\n")
    git(root, "add", "-A")
    read = {one.path: content for one, content in made.read(made.here(), 100)}
    assert read["\udcff\n.py"] == b"z = 1\n" and "link.py" not in read
    (root / "lib" / "cart.go").unlink()
    (root / "lib").rmdir()
    os.symlink(outside, root / "lib")
    (outside / "cart.go").write_text("package cart\n")
    with pytest.raises(Refused):
        made.write("lib/cart.go", b"package cart\n", b"package other\n")
    assert (outside / "cart.go").read_text() == "package cart\n"


def test_when_lines_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = repository(tmp_path, monkeypatch)
    root = tmp_path / "shop"
    (root / "shop.py").write_text("x = 1\ny = 2\n")
    git(root, "add", "-A")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-02-20T00:00:00Z")
    git(root, "commit", "-qm", "second")
    days = [time and time.day for time in made.line_times("shop.py")]
    assert days == [1, 20] and made.line_times("nowhere.py") == ()
    (root / "shop.py").write_text("x = 1\ny = 3\n")
    first, second = made.line_times("shop.py")
    assert first == datetime(2026, 2, 1, tzinfo=UTC) and second is not None and second.year > 2020


def test_a_clone_that_is_cut_off_does_not_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(tmp_path, monkeypatch)
    root = tmp_path / "shop"
    (root / "other.py").write_text("x\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "second")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "cut")
    assert GitFlagSources(str(tmp_path / "cut")).line_times("shop.py") == (None,)


def test_few_marks_are_kept_and_nobody_else_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = repository(tmp_path, monkeypatch)
    for number in range(7):
        made.keep(f"mark{number}", {"a": str(number)})
    place = tmp_path / "shop" / ".git" / "andon"
    files = sorted(place.glob("flag-scan-*"))
    assert len(files) == 4 and {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert made.kept("mark6") == {"a": "6"}


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clean_environment(tmp_path, monkeypatch)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(AndonError):
        GitFlagSources(str(tmp_path)).here()
