"""Loading: the cache holds while the file is unchanged and only then; having none is no error."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.config import load
from andon.config.compact import dumps, loads
from andon.config.load import cache_directory, cache_file, load_config, write_private
from andon.config.model import Config
from andon.errors import InvalidInput, Unavailable


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory with a home of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = tmp_path / "shop"
    place.mkdir()
    yield place


def write(repository: Path, text: str) -> None:
    """Write andon.toml as it was a minute ago, as every file is that is read more than once."""
    file = repository / "andon.toml"
    file.write_text(text)
    _settle(file)


def _settle(file: Path) -> None:
    """Wait until the file's times lie behind us: the moment of the last change cannot be set."""
    deadline = time.monotonic() + 5
    while time.time_ns() - file.stat().st_ctime_ns <= load._RACY:
        assert time.monotonic() < deadline
        time.sleep(0.002)


def cached(repository: Path) -> Path:
    file = repository / "andon.toml"
    return Path(cache_file("config", str(file), file.stat(), ending="cache") or "/nowhere")


def test_without_a_file_there_are_defaults_and_no_cache(repository: Path) -> None:
    assert load_config(str(repository), "shop") == Config(service="shop", root=str(repository))
    assert not os.path.exists(cache_directory())


def test_the_second_time_it_comes_from_the_cache(repository: Path) -> None:
    write(repository, 'service = "till"')
    first = load_config(str(repository), "shop")
    stored = loads(cached(repository).read_text())
    stored["config"]["service"] = "from the cache"
    cached(repository).write_text(dumps(stored))
    assert first.service == "till"
    assert load_config(str(repository), "shop").service == "from the cache"


def test_a_change_of_content_with_the_same_size_is_seen(repository: Path) -> None:
    write(repository, 'service = "till"')
    assert load_config(str(repository), "shop").service == "till"
    write(repository, 'service = "mill"')
    assert load_config(str(repository), "shop").service == "mill"


def test_a_file_that_was_changed_this_moment_is_not_cached(repository: Path) -> None:
    """The same size within one tick of the file system's clock: the times cannot tell the two apart."""
    for name in ("till", "mill", "bill", "fill"):
        (repository / "andon.toml").write_text(f'service = "{name}"')
        assert load_config(str(repository), "shop").service == name


def test_a_file_with_the_old_times_put_back_is_seen(repository: Path) -> None:
    write(repository, 'service = "till"')
    file = repository / "andon.toml"
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    assert load_config(str(repository), "shop").service == "till"
    file.write_text('service = "mill"')
    os.utime(file, ns=times)
    _settle(file)
    assert load_config(str(repository), "shop").service == "mill"


def test_a_file_that_was_replaced_is_seen(repository: Path) -> None:
    write(repository, 'service = "till"')
    assert load_config(str(repository), "shop").service == "till"
    other = repository / "other.toml"
    other.write_text('service = "mill"')
    os.replace(other, repository / "andon.toml")
    assert load_config(str(repository), "shop").service == "mill"


def test_the_default_service_is_part_of_what_is_cached(repository: Path) -> None:
    write(repository, 'words = "levels"')
    assert load_config(str(repository), "shop").service == "shop"
    assert load_config(str(repository), "till").service == "till"


def test_only_its_owner_can_read_the_cache(repository: Path) -> None:
    write(repository, '[notify]\nP0 = ["mailto://user:secret@example.com"]')
    load_config(str(repository), "shop")
    assert stat.S_IMODE(cached(repository).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(cache_directory()).stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not json",
        "[]",
        "null",
        "7",
        "{}",
        '{"identity": []}',
        '{"identity": [], "config": {}}',
        "\x00" * 99,
    ],
)
def test_a_broken_cache_is_ignored_and_mended(repository: Path, content: str) -> None:
    write(repository, 'service = "till"')
    load_config(str(repository), "shop")
    good = cached(repository).read_bytes()
    cached(repository).write_text(content)
    assert load_config(str(repository), "shop").service == "till"
    assert cached(repository).read_bytes() == good


@pytest.mark.parametrize("config", [{}, {"service": "x"}, None, 7, [], {"deploy": None}])
def test_a_cache_with_the_right_identity_and_nonsense_in_it_is_ignored(
    repository: Path, config: object
) -> None:
    write(repository, 'service = "till"')
    load_config(str(repository), "shop")
    stored = loads(cached(repository).read_text())
    cached(repository).write_text(dumps({**stored, "config": config}))
    assert load_config(str(repository), "shop").service == "till"


def test_a_cache_that_cannot_be_read_or_written_is_no_error(repository: Path) -> None:
    write(repository, 'service = "till"')
    cached(repository).mkdir(
        parents=True
    )  # a directory in its place: nobody can read or replace that, not even root
    assert load_config(str(repository), "shop").service == "till"
    assert cached(repository).is_dir()
    assert [p.name for p in cached(repository).parent.iterdir() if p.is_file()] == [], (
        "nothing half-written stays"
    )


def test_a_cache_home_that_is_a_file_is_no_error(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(repository / "file"))
    write(repository, 'service = "till"')
    assert load_config(str(repository), "shop").service == "till"


def test_somebody_without_a_home_has_no_cache(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # what it does for a uid without an account
    monkeypatch.chdir(repository)
    write(repository, 'service = "till"')
    assert cache_directory() == ""
    assert load_config(str(repository), "shop").service == "till"
    assert sorted(p.name for p in repository.iterdir()) == ["andon.toml"], "nothing is left in the repository"


def test_a_relative_cache_home_is_ignored(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", "/home/ann")
    assert cache_directory() == "/home/ann/.cache/andon"


def test_very_long_and_strange_paths_have_a_cache_or_none(repository: Path) -> None:
    deep = repository / ("ü" * 80) / ("ñ" * 80)
    deep.mkdir(parents=True)
    write(deep, 'service = "till"')
    for _ in range(2):
        assert load_config(str(deep), "shop").service == "till"


def test_writing_is_whole_or_not_at_all(tmp_path: Path) -> None:
    write_private(str(tmp_path / "a" / "b"), b"one")
    write_private(str(tmp_path / "a" / "b"), b"two")
    assert (tmp_path / "a" / "b").read_bytes() == b"two"
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["b"]
    write_private("", b"nowhere")


# ---- what cannot be loaded


def test_a_broken_file_is_named_every_time(repository: Path) -> None:
    write(repository, "service = 5")
    for _ in range(2):
        with pytest.raises(InvalidInput) as caught:
            load_config(str(repository), "shop")
        assert caught.value.where == f"{repository / 'andon.toml'}:1"
    assert not cached(repository).exists()


def test_a_directory_in_its_place_is_unavailable(repository: Path) -> None:
    (repository / "andon.toml").mkdir()
    with pytest.raises(Unavailable, match="cannot be read") as caught:
        load_config(str(repository), "shop")
    assert caught.value.remedy and caught.value.where.endswith("andon.toml")


def test_a_link_to_itself_is_unavailable(repository: Path) -> None:
    (repository / "andon.toml").symlink_to("andon.toml")
    with pytest.raises(Unavailable):
        load_config(str(repository), "shop")
