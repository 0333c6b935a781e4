"""Where we are and who we are, compared with what git itself says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from andon.production.workplace import common_directory, find_root, git_directory, git_identity


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("GIT_", "XDG_"))]:
        monkeypatch.delenv(name)
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return place


def git(place: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@b") if arguments[0] == "commit" else ()
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    place = tmp_path / "shop"
    place.mkdir()
    git(place, "init", "-q", ".")
    return place


def signature(place: Path) -> str:
    """What git would sign with, without the time."""
    return git(place, "var", "GIT_AUTHOR_IDENT").rpartition(" ")[0].rpartition(" ")[0]


def test_the_root_is_found_from_below(shop: Path) -> None:
    below = shop / "a" / "b"
    below.mkdir(parents=True)
    assert find_root(str(below)) == find_root(str(shop)) == str(shop)


def test_outside_git_there_is_no_root(tmp_path: Path) -> None:
    (tmp_path / "home" / ".git").mkdir()
    assert find_root(str(tmp_path / "home")) is None
    (tmp_path / "home" / ".git").rmdir()
    (tmp_path / "home" / ".git").write_text("gitdir: nowhere\n")
    assert find_root(str(tmp_path / "home")) is None


def test_a_linked_worktree_has_its_own_root_and_shares_the_rest(shop: Path, tmp_path: Path) -> None:
    git(shop, "commit", "-q", "--allow-empty", "-m", "First")
    git(shop, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    linked = str(tmp_path / "linked")
    assert find_root(linked) == linked
    assert git_directory(linked) == str(shop / ".git" / "worktrees" / "linked")
    assert common_directory(linked) == str(shop / ".git")


def test_a_bare_repository_is_its_own_root(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "shop.git")
    place = str(tmp_path / "shop.git")
    assert find_root(place) == git_directory(place) == common_directory(place) == place


@pytest.mark.parametrize(
    "configuration",
    [
        "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n",
        '[USER]\nName = "Ada # Lovelace"  ; a comment\nEMAIL=ada@example.org # another\n',
        "[user] name = Ada\n[core]\n bare = false\n[user]\n email = ada@example.org\n name = Grace\n",
        '[user]\n name = Ada \\"the\\" Countess\n email = ada@example.org\n',
        "[user]\n name = Ada \\\n Lovelace\n email = ada@example.org\n",
        "[user]\n name = Ada\n email = u@example.org\n[author]\n email = a@example.org\n",
        '[user "other"]\n name = Nobody\n[user]\n name = Ada\n email = ada@example.org\n',
        "# [user]\n; name = x\n[user]\n # name = y\n name = Ädä\n email = ada@example.org\n",
    ],
)
def test_the_identity_is_the_one_git_would_use(shop: Path, home: Path, configuration: str) -> None:
    (home / ".gitconfig").write_text(configuration)
    assert git_identity(str(shop)) == signature(shop)


def test_the_repository_decides_before_the_user(shop: Path, home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\n name = Global\n email = g@example.org\n")
    git(shop, "config", "user.name", "Local")
    assert git_identity(str(shop)) == signature(shop) == "Local <g@example.org>"


def test_the_environment_decides_before_everything(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Env")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "env@example.org")
    assert git_identity(str(shop)) == signature(shop) == "Env <env@example.org>"
    assert git_identity(None) == "Env <env@example.org>"


def test_the_other_place_of_the_users_configuration(shop: Path, home: Path) -> None:
    (home / ".config" / "git").mkdir(parents=True)
    (home / ".config" / "git" / "config").write_text("[user]\n name = Xdg\n email = x@example.org\n")
    assert git_identity(str(shop)) == signature(shop)


def test_includes_are_followed(shop: Path, home: Path) -> None:
    (home / ".gitconfig").write_text(
        "[user]\n name = Before\n email = b@example.org\n[include]\n path = more\n"
    )
    (home / "more").write_text("[user]\n name = Included\n")
    assert git_identity(str(shop)) == signature(shop) == "Included <b@example.org>"


def test_an_include_for_a_directory_is_followed_there_only(shop: Path, home: Path) -> None:
    mine = "[user]\n name = Ada\n email = ada@example.org\n"
    (home / ".gitconfig").write_text(f'{mine}[includeIf "gitdir:{shop.parent}/"]\n path = ~/job\n')
    (home / "job").write_text("[user]\n email = ada@job.example\n")
    assert git_identity(str(shop)) == signature(shop) == "Ada <ada@job.example>"
    (home / ".gitconfig").write_text(f'{mine}[includeIf "gitdir:~/elsewhere/"]\n path = ~/job\n')
    assert git_identity(str(shop)) == signature(shop) == "Ada <ada@example.org>"


def test_another_condition_is_not_guessed(shop: Path, home: Path) -> None:
    (home / ".gitconfig").write_text(
        '[user]\n name = Ada\n email = a@b\n[includeIf "onbranch:main"]\n path = ~/job\n'
    )
    assert git_identity(str(shop)) is None


def test_an_include_of_itself_ends(shop: Path, home: Path) -> None:
    (home / ".gitconfig").write_text("[include]\n path = .gitconfig\n")
    assert git_identity(str(shop)) is None


def test_without_configuration_there_is_no_identity(shop: Path, home: Path) -> None:
    assert git_identity(str(shop)) is None
    (home / ".gitconfig").mkdir()
    assert git_identity(str(shop)) is None


def test_half_an_identity_is_what_there_is(shop: Path, home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\n name = Ada\n")
    assert git_identity(str(shop)) == "Ada"


def test_a_name_cannot_steer_the_terminal(shop: Path, home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\n name = \x1b[31mAda\n email = a@b\n")
    assert git_identity(str(shop)) == "[31mAda <a@b>"
