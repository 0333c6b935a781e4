"""The port `HookFiles`: what install and uninstall rely on, on the fake and on real files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from andon.desk.ports_guarding import HookFiles
from andon.production.hook_files import GitHookFiles
from tests.fakes.hook_files import FakeHookFiles


@pytest.fixture(params=["fake", "git"])
def files(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HookFiles:
    """Nothing but an empty directory of hooks."""
    if request.param == "fake":
        return FakeHookFiles()
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    subprocess.run(["git", "init", "-q", "--template=", tmp_path / "shop"], check=True)
    return GitHookFiles(str(tmp_path / "shop"))


def test_a_place_of_its_own_and_a_way_to_start(files: HookFiles) -> None:
    place = files.place()
    assert place.is_own and not place.is_bare and not place.is_in_work_tree
    assert place.directory.endswith("hooks") and not place.asked
    assert files.launcher().start.endswith("hook_start.py")


def test_what_was_written_is_read(files: HookFiles) -> None:
    assert files.read("pre-commit") is None
    files.write("pre-commit", "#!/bin/sh\n")
    files.write("pre-commit", "#!/bin/sh\nexit 1\n")
    assert files.read("pre-commit") == b"#!/bin/sh\nexit 1\n"
    files.remove("pre-commit")
    assert files.read("pre-commit") is None


def test_what_is_kept_stays_what_it_was(files: HookFiles) -> None:
    files.write("pre-push", "theirs")
    files.keep("pre-push", "pre-push.kept")
    files.write("pre-push", "ours")
    assert (files.read("pre-push"), files.read("pre-push.kept")) == (b"ours", b"theirs")
    files.keep("pre-push", "pre-push.kept")
    assert files.read("pre-push.kept") == b"theirs", "a name that is taken is left"


def test_what_is_put_back_replaces_what_stands_there(files: HookFiles) -> None:
    files.write("pre-push", "ours")
    files.write("pre-push.kept", "theirs")
    files.put_back("pre-push.kept", "pre-push")
    assert (files.read("pre-push"), files.read("pre-push.kept")) == (b"theirs", None)
