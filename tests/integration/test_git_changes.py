"""Changes as real git tells them: every file of a change, its lines, its texts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from andon.production.git_changes import GitChanges
from andon.response.change import Kind


def git(place: Path, *words: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(place)}
    name = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    done = subprocess.run(
        ["git", *name, *words], cwd=place, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    place = tmp_path / "shop"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    return place


def test_an_empty_repository_shows_what_is_staged(repository: Path) -> None:
    (repository / "a.py").write_text("one\ntwo\n")
    git(repository, "add", ".")
    change = GitChanges(str(repository)).staged()
    assert [(f.path, f.kind, f.size) for f in change.files] == [("a.py", Kind.ADDED, 2)]
    assert change.files[0].hunks[0].added == ("one", "two")


def test_what_is_staged_has_its_texts(repository: Path) -> None:
    (repository / "a.py").write_text("one\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "first")
    (repository / "a.py").write_text("two\n")
    git(repository, "add", ".")
    changes = GitChanges(str(repository))
    (file,) = changes.with_texts(changes.staged()).files
    assert (file.before, file.after, len(file.new_object)) == ("one\n", "two\n", 40)


def test_every_kind_of_change_is_told(repository: Path) -> None:
    lines = "".join(f"line {i}\n" for i in range(30))
    for name in ("changed", "gone", "moved"):
        (repository / name).write_text(f"{name}\n{lines}")
    (repository / "picture").write_bytes(b"\0\1\2" * 50)
    (repository / "kind").write_text("a file")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "first\n\nwith a body")
    (repository / "changed").write_text(f"other\n{lines}")
    (repository / "gone").unlink()
    (repository / "moved").rename(repository / "with\na newline")
    (repository / "picture").write_bytes(b"\0\1\3" * 50)
    (repository / "kind").unlink()
    (repository / "kind").symlink_to("changed")
    (Path(os.fsdecode(os.fsencode(repository) + b"/\xff"))).write_text("x\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "second")
    changes = GitChanges(str(repository))
    change = changes.with_texts(changes.between("HEAD~1", "HEAD"))
    found = {f.path: f for f in change.files}
    assert found["changed"].hunks[0].removed == ("changed",) and found["changed"].hunks[0].old_start == 1
    assert found["gone"].kind is Kind.REMOVED and found["gone"].after is None
    assert found["with\na newline"].kind is Kind.RENAMED and found["with\na newline"].old_path == "moved"
    assert found["picture"].is_binary and found["picture"].unread
    assert found["kind"].kind is Kind.TYPE_CHANGED and found["kind"].is_link
    assert found["\\xff"].after == "x\n"
    assert [c.subject for c in change.commits] == ["second"] and change.commits[0].parents


def test_a_line_that_looks_like_a_header_is_only_a_line(repository: Path) -> None:
    (repository / "a").write_text("diff --git a/x b/x\n@@ -1 +1 @@\n-- \n++\n")
    (repository / "b").write_text("no end of line")
    git(repository, "add", ".")
    change = GitChanges(str(repository)).staged()
    assert [f.size for f in change.files] == [4, 1]
    assert change.files[0].hunks[0].added == ("diff --git a/x b/x", "@@ -1 +1 @@", "-- ", "++")


def test_a_large_file_is_not_compared_by_lines(repository: Path) -> None:
    (repository / "large.txt").write_text("x\n" * 3_000_000)
    git(repository, "add", ".")
    change = GitChanges(str(repository)).staged()
    assert "too large" in change.files[0].unread


def test_another_repository_in_the_environment_is_refused(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    with pytest.raises(Exception, match="another repository"):
        GitChanges(str(repository)).staged()


def test_each_commit_of_a_range_is_told_by_itself(repository: Path) -> None:
    for number in range(5):
        (repository / f"f{number}\nx").write_text(f"{number}\n")
        git(repository, "add", "-A")
        git(repository, "commit", "-qm", f"n{number}")
    git(repository, "switch", "-qc", "side", "HEAD~2")
    (repository / "f0\nx").write_text("side\n")
    git(repository, "commit", "-qam", "side")
    git(repository, "switch", "-q", "-")
    (repository / "f0\nx").write_text("main\n")
    git(repository, "commit", "-qam", "main")
    subprocess.run(["git", "merge", "-q", "side"], cwd=repository, capture_output=True, check=False)
    (repository / "f0\nx").write_text("both\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "merged")
    git(repository, "commit", "-q", "--allow-empty", "-m", "nothing")
    changes = GitChanges(str(repository))
    found = {c.commits[0].subject: c for c in changes.each(changes.commits((), "HEAD"))}
    added = {name: [line for f in c.files for h in f.hunks for line in h.added] for name, c in found.items()}
    assert added == {
        **{f"n{n}": [str(n)] for n in range(5)},
        "side": ["side"], "main": ["main"], "merged": ["both"], "nothing": [],
    }  # fmt: skip
    assert found["n0"].base == "" and found["n3"].files[0].path == "f3\nx"
    for subject in ("n0", "n3", "side"):
        (alone,) = changes.each(found[subject].commits)
        assert alone == found[subject]
