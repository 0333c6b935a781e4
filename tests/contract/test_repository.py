"""What every repository promises, in memory and on real git; and what only real git can get wrong."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from andon.errors import AndonError, InvalidInput, NotFound, Unavailable
from andon.production.git import GitRepository
from tests.fakes.production import FakeRepository

#: (id in the fake, subject, changed files, tags), oldest first.
HISTORY = (
    ("a1" * 20, "First version", ("shop.py", "README"), ("v1.0.0",)),
    ("b2" * 20, "Add the cart", ("cart.py", "shop.py"), ("v1.1.0",)),
    ("c3" * 20, "Change the prices", ("prices.py",), ("v1.2.0",)),
)


class Git:
    """A real repository that can be written to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self("init", "-q", "-b", "main", ".")

    def __call__(self, *arguments: str, seconds: int = 0) -> str:
        moment = f"{1_700_000_000 + seconds} +0000"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment,
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b",
        }  # fmt: skip
        return subprocess.run(
            ["git", *arguments], cwd=self.root, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, subject: str, *paths: str, seconds: int = 0) -> str:
        for path in paths:
            place = os.path.join(os.fsencode(self.root), os.fsencode(path))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "ab") as file:
                file.write(subject.encode() + b"\n")
        self("add", "-A")
        self("commit", "-q", "--allow-empty", "-m", subject, seconds=seconds)
        return self("rev-parse", "HEAD")


def fake(tmp_path: Path) -> FakeRepository:
    return FakeRepository(str(tmp_path), HISTORY)


def git(tmp_path: Path) -> GitRepository:
    write(Git(tmp_path / "shop"))
    return GitRepository(str(tmp_path / "shop"))


def bare(tmp_path: Path) -> GitRepository:
    source = Git(tmp_path / "shop")
    write(source)
    source("clone", "-q", "--bare", ".", str(tmp_path / "shop.git"))
    return GitRepository(str(tmp_path / "shop.git"))


def worktree(tmp_path: Path) -> GitRepository:
    source = Git(tmp_path / "shop")
    write(source)
    source("worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "v1.2.0")
    return GitRepository(str(tmp_path / "linked"))


def write(source: Git) -> None:
    for number, (_, subject, paths, tags) in enumerate(HISTORY):
        source.commit(subject, *paths, seconds=number * 60)
        for tag in tags:
            source("tag", tag)


@pytest.fixture(params=[fake, git, bare, worktree], ids=lambda make: make.__name__)
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> FakeRepository | GitRepository:
    make: Callable[[Path], FakeRepository | GitRepository] = request.param
    return make(tmp_path)


Any = FakeRepository | GitRepository


def test_a_tag_names_a_full_commit(repository: Any) -> None:
    commit = repository.commit_of("v1.1.0")
    assert len(commit) == 40
    assert repository.commit_of(commit) == repository.commit_of(commit[:9]) == commit


def test_head_is_the_newest_commit(repository: Any) -> None:
    assert repository.head() == repository.commit_of("v1.2.0") == repository.commit_of("HEAD")


def test_tags_come_oldest_first(repository: Any) -> None:
    assert [tag for tag, _ in repository.tags()] == ["v1.0.0", "v1.1.0", "v1.2.0"]
    assert all(repository.commit_of(tag) == commit for tag, commit in repository.tags())


def test_the_files_that_differ(repository: Any) -> None:
    assert sorted(repository.changed_files("v1.0.0", "v1.2.0")) == ["cart.py", "prices.py", "shop.py"]
    assert repository.changed_files("v1.2.0", "v1.2.0") == ()


def test_commits_come_newest_first(repository: Any) -> None:
    subjects = [line.partition(" ")[2] for line in repository.commits("v1.0.0", "v1.2.0")]
    assert subjects == ["Change the prices", "Add the cart"]
    assert len(repository.commits("v1.0.0", "v1.2.0", limit=1)) == 1


def test_each_changed_file_says_what_became_of_it(repository: Any) -> None:
    told = {change.path: change.kind for change in repository.changes("v1.0.0", "v1.2.0")}
    assert told == {"cart.py": "added", "prices.py": "added", "shop.py": "changed"}
    assert repository.changes("v1.2.0", "v1.2.0") == ()


def test_a_file_is_read_as_it_was(repository: Any) -> None:
    assert repository.content("v1.0.0", "shop.py") == b"First version\n"
    assert repository.content("v1.1.0", "shop.py") == b"First version\nAdd the cart\n"
    assert repository.content("v1.0.0", "cart.py") is None
    assert repository.content("v1.0.0", "no/such/file") is None
    with pytest.raises(NotFound):
        repository.content("v9.9.9", "shop.py")


def test_several_files_are_read_at_once(repository: Any) -> None:
    wanted = ("shop.py", "cart.py", "no/such/file", "shop.py", "README")
    found = repository.contents("v1.1.0", wanted, 1_000)
    assert found == {p: repository.content("v1.1.0", p) for p in ("shop.py", "cart.py", "README")}
    assert set(repository.contents("v1.1.0", wanted, 20)) == {"cart.py", "README"}, "shop.py is longer"
    assert repository.contents("v1.0.0", ("cart.py",), 1_000) == repository.contents("v1.0.0", (), 1) == {}
    with pytest.raises(NotFound):
        repository.contents("v9.9.9", ("shop.py",), 1_000)


def test_files_are_found_by_what_is_in_them(repository: Any) -> None:
    assert repository.search("v1.1.0", ("the cart", "prices"), (".py",), 9) == ("cart.py", "shop.py")
    assert repository.search("v1.2.0", ("the cart", "prices"), (".py",), 2) == ("cart.py", "prices.py")
    assert repository.search("v1.1.0", ("First",), (".py",), 9) == ("shop.py",), "README does not end so"
    assert repository.search("v1.0.0", ("the cart", "the .art"), (".py",), 9) == ()
    with pytest.raises(NotFound):
        repository.search("v9.9.9", ("First",), (".py",), 9)


def test_all_files_of_a_commit_are_listed(repository: Any) -> None:
    assert repository.files("v1.0.0") == ("README", "shop.py")
    assert repository.files("v1.2.0") == ("README", "cart.py", "prices.py", "shop.py")
    assert repository.files("v1.2.0", "no/such/directory") == ()


def test_the_main_line_comes_oldest_first(repository: Any) -> None:
    line = repository.line("v1.0.0", "HEAD")
    assert [commit.subject for commit in line] == ["Add the cart", "Change the prices"]
    assert line[-1].id == repository.head()
    assert line[0].committed_at < line[1].committed_at
    assert repository.line("HEAD", "HEAD") == ()


def test_each_commit_of_the_main_line_says_which_files_it_changed(repository: Any) -> None:
    touched = repository.touched("v1.0.0", "v1.2.0")
    assert [commit for commit, _ in touched] == [c.id for c in repository.line("v1.0.0", "v1.2.0")]
    assert [files for _, files in touched] == [("cart.py", "shop.py"), ("prices.py",)]
    assert repository.touched("v1.2.0", "v1.2.0") == ()


def test_what_is_not_there_is_not_found(repository: Any) -> None:
    with pytest.raises(NotFound) as caught:
        repository.commit_of("v9.9.9")
    assert "v9.9.9" in str(caught.value)
    assert "git fetch" in caught.value.remedy


@pytest.mark.parametrize("hostile", ["", "-h", "--output=x", "a b", "v1\nv2"])
def test_what_cannot_name_a_commit_is_refused(repository: Any, hostile: str) -> None:
    with pytest.raises(InvalidInput):
        repository.commit_of(hostile)
    with pytest.raises(InvalidInput):
        repository.changed_files(hostile, "HEAD")


# -- real git only ---------------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path: Path) -> Git:
    return Git(tmp_path / "shop")


def test_odd_file_names_come_whole(source: Git) -> None:
    odd = ("with space", "tab\there", "new\nline", "ünï", 'quo"te', "-dash", "back\\slash")
    first = source.commit("First", "plain")
    source.commit("Second", *odd)
    assert set(GitRepository(str(source.root)).changed_files(first, "HEAD")) == set(odd)


def test_odd_files_are_read_and_found(source: Git) -> None:
    odd = ("with space", "tab\there", "ünï", 'quo"te', "-dash", "back\\slash", "deep/er/one", ":colon")
    commit = source.commit("Odd", *odd)
    (source.root / "binary").write_bytes(b"Odd\0" * 70_000)
    (source.root / "link").symlink_to("-dash")
    both = source.commit("More")
    found = GitRepository(str(source.root))
    assert found.contents(commit, odd, 100) == dict.fromkeys(odd, b"Odd\n")
    assert set(found.contents(both, ("binary", "link", "deep"), 1_000_000)) == {"binary", "link"}
    assert found.contents(both, ("binary",), 100) == {}
    assert found.search(both, ("Odd",), ("",), 99) == tuple(sorted(odd)), "a binary file is none"
    assert found.search(both, ("-e", "--help"), ("",), 99) == ()


def test_more_files_than_one_question_asks_for(source: Git) -> None:
    many = [f"m/{number}.sql" for number in range(95)]
    for number, path in enumerate(many):
        place = source.root / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"{number}\n" * number)
    found = GitRepository(str(source.root)).contents(source.commit("Many"), many, 1_000)
    assert found == {path: f"{number}\n".encode() * number for number, path in enumerate(many)}


def test_a_file_name_that_is_no_text_is_shown_as_bytes(source: Git) -> None:
    first = source.commit("First", "plain")
    source.commit("Second", os.fsdecode(b"caf\xe9"))
    assert GitRepository(str(source.root)).changed_files(first, "HEAD") == ("caf\\xe9",)


def test_the_main_line_leaves_out_what_was_merged(source: Git) -> None:
    first = source.commit("First", "plain")
    source("checkout", "-q", "-b", "side")
    source.commit("On the side", "side", seconds=1)
    source("checkout", "-q", "main")
    source.commit("Second", "plain", seconds=2)
    source("merge", "-q", "--no-ff", "-m", "Merge the side", "side")
    subjects = [commit.subject for commit in GitRepository(str(source.root)).line(first, "main")]
    assert subjects == ["Second", "Merge the side"]


def test_a_merge_changed_what_it_brought_and_an_empty_commit_nothing(source: Git) -> None:
    first = source.commit("First", "plain")
    source("checkout", "-q", "-b", "side")
    source.commit("On the side", "side", "new\nline", seconds=1)
    source("checkout", "-q", "main")
    source.commit("Nothing", seconds=2)
    source("merge", "-q", "--no-ff", "-m", "Merge the side", "side")
    touched = GitRepository(str(source.root)).touched(first, "main")
    assert [files for _, files in touched] == [(), ("new\nline", "side")]


def test_files_below_a_directory_and_removed_ones(source: Git) -> None:
    first = source.commit("First", "db/1.sql", "db/2.sql", "dbx")
    source("rm", "-q", "db/1.sql")
    source.commit("Second")
    repository = GitRepository(str(source.root))
    assert repository.files(first, "db") == repository.files(first, "db/") == ("db/1.sql", "db/2.sql")
    assert repository.files("HEAD", "db") == ("db/2.sql",)
    assert [(c.path, c.kind) for c in repository.changes(first, "HEAD")] == [("db/1.sql", "removed")]


def test_a_directory_is_no_file(source: Git) -> None:
    source.commit("First", "db/1.sql")
    with pytest.raises(Unavailable):
        GitRepository(str(source.root)).content("HEAD", "db")


def test_a_renamed_file_counts_with_both_names(source: Git) -> None:
    first = source.commit("First", "old")
    source("mv", "old", "new")
    source.commit("Second")
    assert GitRepository(str(source.root)).changed_files(first, "HEAD") == ("new", "old")


@pytest.mark.parametrize("hostile", [":/First", "HEAD..HEAD", "^HEAD", "HEAD^{/x[}", "a\\b", "x" * 300])
def test_ranges_searches_and_globs_are_refused(source: Git, hostile: str) -> None:
    source.commit("First", "plain")
    with pytest.raises(InvalidInput):
        GitRepository(str(source.root)).commit_of(hostile)


def test_annotated_and_nested_tags_lead_to_the_commit_and_others_are_left_out(source: Git) -> None:
    first = source.commit("First", "plain")
    source("tag", "-a", "-m", "x", "v1", seconds=10)
    source("tag", "-a", "-m", "x", "v1-again", "v1", seconds=20)
    source("tag", "a-tree", "HEAD^{tree}")
    assert GitRepository(str(source.root)).tags() == (("v1", first), ("v1-again", first))


def test_tags_of_one_second_are_ordered_as_versions(source: Git) -> None:
    source.commit("First", "plain")
    for tag in ("v1.10.0", "v1.9.0", "v1.2.0"):
        source("tag", tag)
    tags = [tag for tag, _ in GitRepository(str(source.root)).tags()]
    assert tags == ["v1.2.0", "v1.9.0", "v1.10.0"]


def test_a_subject_cannot_steer_the_terminal(source: Git) -> None:
    first = source.commit("First", "plain")
    source.commit("Red \x1b[31malarm\x07", "plain")
    (line,) = GitRepository(str(source.root)).commits(first, "HEAD")
    assert line.endswith(" Red alarm")


def test_an_empty_repository_says_so(source: Git) -> None:
    empty = GitRepository(str(source.root))
    assert empty.tags() == ()
    with pytest.raises(NotFound, match="no commit yet"):
        empty.head()


def test_a_detached_head_is_a_head(source: Git) -> None:
    first = source.commit("First", "plain")
    source.commit("Second", "plain")
    source("checkout", "-q", first)
    assert GitRepository(str(source.root)).head() == first


def test_a_shallow_clone_says_how_to_get_the_rest(source: Git, tmp_path: Path) -> None:
    write(source)
    source("clone", "-q", "--depth=1", "--no-tags", f"file://{source.root}", str(tmp_path / "clone"))
    clone = GitRepository(str(tmp_path / "clone"))
    assert clone.is_shallow()
    with pytest.raises(NotFound) as caught:
        clone.commit_of("v1.0.0")
    assert "--unshallow" in caught.value.remedy


def test_a_directory_outside_git_says_how_to_get_in(tmp_path: Path) -> None:
    for ask in (GitRepository(str(tmp_path)).head, GitRepository(str(tmp_path)).tags):
        with pytest.raises(NotFound) as caught:
            ask()
        assert "git init" in caught.value.remedy


def test_a_directory_that_is_gone_is_not_blamed_on_git(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="gone"):
        GitRepository(str(tmp_path / "gone")).head()


def test_without_git_nothing_can_be_told(
    source: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable) as caught:
        GitRepository(str(source.root)).head()
    assert "install git" in caught.value.remedy


def test_a_git_that_hangs_is_stopped(source: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hanging = tmp_path / "git"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(Unavailable, match="time limit"):
        GitRepository(str(source.root), timeout=0.3).head()


def test_a_broken_repository_is_an_error_of_ours(source: Git) -> None:
    source.commit("First", "plain")
    for place in (source.root / ".git" / "objects").rglob("*"):
        if place.is_file():
            place.chmod(0o644)
            place.write_bytes(b"broken")
    with pytest.raises(AndonError):
        GitRepository(str(source.root)).commits("HEAD", "HEAD")


def test_the_repository_of_a_running_hook_is_not_mistaken_for_this_one(
    source: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = source.commit("First", "plain")
    other = Git(tmp_path / "other")
    other.commit("Other", "plain")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nothing"))
    assert GitRepository(str(source.root)).head() == first


def test_a_submodule_that_differs_may_hide_anything(tmp_path: Path) -> None:
    source = Git(tmp_path / "shop")
    commits = [source.commit("First", "shop.py")]
    for seconds, pointer in enumerate(("a1" * 20, "b2" * 20), 1):
        source("update-index", "--add", "--cacheinfo", f"160000,{pointer},schema")
        source("commit", "-q", "-m", "Move the schema", seconds=seconds)
        commits.append(source("rev-parse", "HEAD"))
    repository = GitRepository(str(source.root))
    for base, head in ((0, 1), (1, 2), (1, 0)):
        with pytest.raises(Unavailable, match="the submodule schema differs"):
            repository.changed_files(commits[base], commits[head])
    assert repository.changed_files(commits[1], commits[1]) == ()
