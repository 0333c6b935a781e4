"""Edits make releases, and an edit that no longer fits says so."""

import pytest

from andon.drill.releases import Edit, Repository


@pytest.fixture
def repository(tmp_path) -> Repository:
    made = Repository(str(tmp_path))
    made.write("a.txt", "one two two\n")
    return made


def test_an_edit_replaces_its_text(repository) -> None:
    repository.edit(Edit(file="a.txt", old="one", new="1"))
    assert repository.read("a.txt") == "1 two two\n"


@pytest.mark.parametrize("old", ["two", "three"])
def test_an_edit_must_fit_exactly_once(repository, old) -> None:
    with pytest.raises(ValueError, match=r"a\.txt"):
        repository.edit(Edit(file="a.txt", old=old, new="x"))


def test_an_edit_of_nothing_makes_a_file(repository) -> None:
    repository.edit(Edit(file="deep/b.txt", old="", new="hello\n"))
    assert repository.read("deep/b.txt") == "hello\n"
