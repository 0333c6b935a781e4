"""What the benchmarks take for a revert, and when: the figures stand on it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.contract.test_repository import Git

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def reverts() -> ModuleType:
    """The module of the benchmarks that reads a history."""
    found = importlib.util.spec_from_file_location("bench_reverts", BENCH / "reverts.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = Git(tmp_path / "shop")
    git.commit("First", "a")
    return git


def read(reverts: ModuleType, git: Git) -> list[tuple[str, int, int]]:
    """Return the subject of each culprit, how many commits went out with it, and how many were taken back."""
    history = reverts.read(str(git.root))
    return [(history.line[r.culprit].subject, r.window, r.taken_back) for r in history.reverts]


def test_a_commit_is_taken_back_by_its_id(reverts: ModuleType, git: Git) -> None:
    bad = git.commit("Bad", "a", seconds=1)
    git.commit("Another", "b", seconds=2)
    git.commit(f'Revert "Bad"\n\nThis reverts commit {bad}.', "a", seconds=3)
    assert read(reverts, git) == [("Bad", 2, 1)]


def test_or_by_its_subject_whatever_number_it_was_given(reverts: ModuleType, git: Git) -> None:
    git.commit("Bad (#12)", "a", seconds=1)
    git.commit('Revert "Bad (#12)" (#13)', "a", seconds=2)
    git.commit('Revert "Never there"', "b", seconds=3)
    git.commit("Revert to the old way of doing it", "c", seconds=4)
    assert read(reverts, git) == [("Bad (#12)", 1, 1)]


def test_a_merge_brings_the_culprit_and_another_takes_it_back(reverts: ModuleType, git: Git) -> None:
    git("checkout", "-q", "-b", "one")
    bad = git.commit("Bad", "a", seconds=1)
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "Merge one", "one")
    git.commit("Another", "b", seconds=2)
    git("checkout", "-q", "-b", "two")
    git.commit(f"Take it back\n\nThis reverts commit {bad[:12]}.", "a", seconds=3)
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "Merge two", "two")
    assert read(reverts, git) == [("Merge one", 2, 1)]


def test_what_was_taken_back_before_it_went_out_is_none(reverts: ModuleType, git: Git) -> None:
    git("checkout", "-q", "-b", "one")
    bad = git.commit("Bad", "a", seconds=1)
    git.commit(f"Take it back\n\nThis reverts commit {bad}.", "a", seconds=2)
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "Merge one", "one")
    assert read(reverts, git) == []


def test_of_several_the_oldest_is_the_culprit(reverts: ModuleType, git: Git) -> None:
    one = git.commit("One", "a", seconds=1)
    two = git.commit("Two", "b", seconds=2)
    git.commit(f"Both\n\nThis reverts commit {two}.\nThis reverts commit {one}.", "a", seconds=3)
    assert read(reverts, git) == [("One", 2, 2)]
