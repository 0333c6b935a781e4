"""One suite for the port `Ranges`: over the fake, and over real git with the same history."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from andon.desk.ports_changes import Ranges
from andon.production.git_changes import GitChanges
from andon.production.git_ranges import GitRanges
from andon.response.change import ChangeCommit
from andon.response.gates.pushed import Known
from tests.fakes.ranges import FakeRanges

Made = tuple[Ranges, tuple[ChangeCommit, ...]]


def git(place: Path, *words: str) -> str:
    who = {f"GIT_{role}_{what}": "m" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**kept, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *words], cwd=place, env=environment, capture_output=True, check=True)
    return done.stdout.decode().strip()


def real(place: Path) -> Made:
    git(place, "init", "-q", "-b", "main")
    git(place, "config", "core.commentChar", ";")
    for number in range(4):
        (place / "a").write_text(f"{number}\n")
        git(place, "add", "a")
        git(place, "commit", "-q", "-m", f"n{number}\n\nbody")
    git(place, "branch", "hotfix/INC-1")
    commits = GitChanges(str(place)).commits((), "HEAD")
    return GitRanges(str(place)), tuple(reversed(commits))


def fake(place: Path) -> Made:
    ids = [str(number) * 40 for number in range(4)]
    line = tuple(
        ChangeCommit(id=one, message=f"n{n}\n\nbody", parents=tuple(ids[n - 1 : n]))
        for n, one in enumerate(ids)
    )
    return (
        FakeRanges(
            line,
            heads={"hotfix/INC-1": (ids[-1],)},
            settings={"core.commentchar": ";"},
            files={(ids[1], "a"): b"1\n"},
        ),
        line,
    )


@pytest.fixture(params=[fake, real], ids=["fake", "git"])
def made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    make: Callable[[Path], Made] = request.param
    return make(tmp_path)


def test_a_commit_is_found_or_not(made: Made) -> None:
    ranges, line = made
    assert ranges.commit(line[1].id) == line[1].id
    assert ranges.commit("f" * 40) == "" and ranges.commit("--all") == ""


def test_what_arrives_comes_newest_first_with_what_was_before(made: Made) -> None:
    ranges, line = made
    found, edges = ranges.arriving(line[3].id, Known(commits=(line[1].id,)))
    assert found == (line[3], line[2]) and edges == (line[1].id,)
    assert ranges.arriving(line[3].id, Known()) == (tuple(reversed(line)), ())
    assert ranges.arriving(line[1].id, Known(commits=(line[3].id,)))[0] == ()


def test_one_more_than_the_limit_tells_that_there_are_more(made: Made) -> None:
    ranges, line = made
    assert len(ranges.arriving(line[3].id, Known(), 2)[0]) == 3


def test_ancestors(made: Made) -> None:
    ranges, line = made
    assert ranges.is_ancestor(line[0].id, line[2].id) and not ranges.is_ancestor(line[2].id, line[0].id)
    assert ranges.merge_base(line[3].id, (line[1].id, line[2].id)) == line[2].id
    assert ranges.merge_base(line[3].id, ("f" * 40,)) == ""


def test_branches(made: Made) -> None:
    ranges, line = made
    assert ranges.branch() == "main" and ranges.default_branch() == "main"
    assert ranges.heads_of("hotfix/INC-1") == (line[3].id,)
    assert ranges.heads_of("nowhere") == () and ranges.heads_of("") == ()


def test_files_settings_and_a_whole_clone(made: Made) -> None:
    ranges, line = made
    assert ranges.file(line[1].id, "a") == b"1\n" and ranges.file(line[1].id, "b") is None
    assert ranges.settings("core.commentchar", "commit.cleanup") == {"core.commentchar": ";"}
    assert ranges.cut_off() == ()


def test_what_the_other_has_is_not_counted(made: Made) -> None:
    ranges, line = made
    assert ranges.not_in(line[3].id, line[3].id) == ()
