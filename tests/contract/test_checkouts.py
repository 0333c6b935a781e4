"""What trying old commits promises, in memory and on real git; and what only real git can get wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from andon.desk.values import Attempt
from andon.errors import NotFound, Unavailable
from andon.production import checkouts as real
from andon.production.checkouts import GitCheckouts
from tests.contract.test_repository import Git
from tests.fakes.production import FakeCheckouts

Any = FakeCheckouts | GitCheckouts
READ = (
    sys.executable,
    "-S",
    "-c",
    "import sys; print(open('price').read()); sys.exit(len(open('price').read()) > 5)",
)


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep caches and temporary work trees in the test's own directory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))


@pytest.fixture
def source(tmp_path: Path) -> Git:
    """A repository whose second commit is worse than its first; its own work tree is dirty."""
    source = Git(tmp_path / "shop")
    for number, price in enumerate(("fine", "far too much")):
        (source.root / "price").write_text(price)
        source("add", "-A")
        source("commit", "-q", "-m", f"Price {number}", seconds=number)
        source("tag", f"v{number}")
    (source.root / "price").write_text("what somebody is working on")
    return source


def test_as_much_of_the_output_is_kept_as_is_asked_for(source: Git) -> None:
    with GitCheckouts(str(source.root)).open() as checkout:
        checkout.switch(source("rev-parse", "v0"), fresh=True)
        program = [sys.executable, "-S", "-c", "for n in range(3000): print('line', n)"]
        assert len(checkout.run(program, 20).output) < 4100
        long = checkout.run(program, 20, 20_000).output
        assert 19_000 < len(long) < 20_100 and long.endswith("line 2999")


def test_what_a_command_left_is_read_without_following_it_out_of_the_checkout(source: Git) -> None:
    with GitCheckouts(str(source.root)).open() as checkout:
        checkout.switch(source("rev-parse", "v0"), fresh=True)
        made = "import os; os.symlink('price', 'link'); os.mkfifo('pipe'); os.mkdir('directory')"
        checkout.run([sys.executable, "-S", "-c", made], 20)
        assert checkout.read("price", 4) == b"fine" and checkout.read("price", 3) is None
        for name in ("nothing", "link", "pipe", "directory", "nul\0", ""):
            assert checkout.read(name, 1000) is None, name


def fake(source: Git) -> FakeCheckouts:
    good = source("rev-parse", "v0")

    def test(commit: str, arguments: tuple[str, ...]) -> Attempt:
        code = int(commit != good)
        return Attempt(
            code=code, ending=f"exit code {code}", output="far too much" if code else "fine", seconds=0.1
        )

    return FakeCheckouts(test)


def git(source: Git) -> GitCheckouts:
    return GitCheckouts(str(source.root))


def worktree(source: Git) -> GitCheckouts:
    source("worktree", "add", "-q", "--detach", "../linked", "v1")
    return GitCheckouts(str(source.root.parent / "linked"))


@pytest.fixture(params=[fake, git, worktree], ids=lambda make: make.__name__)
def checkouts(request: pytest.FixtureRequest, source: Git) -> Any:
    make: Callable[[Git], Any] = request.param
    return make(source)


def test_each_commit_is_tried_as_it_was(checkouts: Any, source: Git) -> None:
    with checkouts.open() as checkout:
        for tag, code, said in (("v0", 0, "fine"), ("v1", 1, "far too much"), ("v0", 0, "fine")):
            checkout.switch(source("rev-parse", tag), fresh=False)
            done = checkout.run(READ, 30)
            assert (done.code, done.output, done.is_missing, done.timed_out) == (code, said, False, False)
            assert done.ending == f"exit code {code}"
    assert (source.root / "price").read_text() == "what somebody is working on"


def test_what_was_kept_is_there_until_it_is_forgotten(checkouts: Any) -> None:
    assert checkouts.recall() == b""
    checkouts.remember(b"one")
    checkouts.remember(b"two")
    assert checkouts.recall() == b"two"
    checkouts.forget()
    checkouts.forget()
    assert checkouts.recall() == b""


# -- real git only ---------------------------------------------------------------------------------


def places(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "tmp").iterdir())


@pytest.mark.parametrize("end", [None, KeyboardInterrupt, Unavailable])
def test_nothing_is_left_however_it_ends(
    source: Git, tmp_path: Path, end: type[BaseException] | None
) -> None:
    def trying() -> None:
        with git(source).open() as checkout:
            checkout.switch("v0", fresh=False)
            (Path(checkout.path) / "left behind").write_text("x")
            assert len(source("worktree", "list").splitlines()) == 2
            if end:
                raise end

    if end:
        with pytest.raises(end):
            trying()
    else:
        trying()
    assert len(source("worktree", "list").splitlines()) == 1
    assert places(tmp_path) == []
    assert source("branch", "--list") == "* main"


def test_what_a_killed_process_left_is_removed_and_a_living_one_is_left_alone(
    source: Git, tmp_path: Path
) -> None:
    program = (
        "import os, sys, tempfile; from andon.production.checkouts import GitCheckouts\n"
        "tempfile.tempdir = sys.argv[2]\nwith GitCheckouts(sys.argv[1]).open() as tree: os._exit(9)"
    )
    arguments = [sys.executable, "-c", program, str(source.root), str(tmp_path / "tmp")]
    assert subprocess.run(arguments, check=False).returncode == 9
    (left,) = places(tmp_path)
    with git(source).open() as checkout:
        assert places(tmp_path) == [Path(checkout.path).parent]
        assert places(tmp_path) != [left]
        with git(source).open():
            assert len(places(tmp_path)) == 2
        assert places(tmp_path) == [Path(checkout.path).parent]
    assert places(tmp_path) == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP])
def test_a_process_that_is_ended_politely_cleans_up(
    source: Git, tmp_path: Path, sign: signal.Signals
) -> None:
    program = (
        "import signal, sys, tempfile; from andon.production.checkouts import GitCheckouts\n"
        "tempfile.tempdir = sys.argv[2]\n"
        "with GitCheckouts(sys.argv[1]).open() as tree: print('ready', flush=True); signal.pause()"
    )
    arguments = [sys.executable, "-c", program, str(source.root), str(tmp_path / "tmp")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert len(places(tmp_path)) == 1
        process.send_signal(sign)
        assert process.wait(60) != 0
    assert places(tmp_path) == []


def test_what_a_test_left_is_gone_at_the_next_commit_and_ignored_files_when_fresh(source: Git) -> None:
    (source.root / ".git" / "info").mkdir(exist_ok=True)
    (source.root / ".git" / "info" / "exclude").write_text("cache/\n")
    with git(source).open() as checkout:
        checkout.switch("v0", fresh=False)
        script = "import os; os.makedirs('cache/x'); os.mkdir('new'); open('new/z', 'w'); open('price', 'w')"
        assert checkout.run((sys.executable, "-S", "-c", script), 30).code == 0
        checkout.switch("v1", fresh=False)
        assert sorted(os.listdir(checkout.path)) == [".git", "cache", "price"]
        assert checkout.run(READ, 30).output == "far too much"
        checkout.switch("v1", fresh=True)
        assert sorted(os.listdir(checkout.path)) == [".git", "price"]


def test_how_a_command_ends_is_told(source: Git) -> None:
    with git(source).open() as checkout:
        checkout.switch("v0", fresh=False)
        python = (sys.executable, "-S", "-c")
        assert checkout.run(("./no-such-test",), 30).is_missing
        assert checkout.run((*python, "raise SystemExit(127)"), 30).is_missing
        assert checkout.run((*python, "import time; time.sleep(600)"), 0.2).timed_out
        assert checkout.run((*python, "import os; os.kill(os.getpid(), 9)"), 30).code == -9
        named = checkout.run((*python, "import os; print(os.environ['ANDON_COMMIT'], '\\x1b[31m')"), 30)
        assert named.output == "v0"


@pytest.mark.parametrize("act", ["os.unlink('.git')", "open('.git', 'w').write('gitdir: ../../shop/.git')"])
def test_a_command_that_leads_git_elsewhere_ends_the_search(source: Git, act: str) -> None:
    with git(source).open() as checkout:
        checkout.switch("v0", fresh=False)
        checkout.run((sys.executable, "-S", "-c", f"import os; {act}"), 30)
        with pytest.raises(Unavailable):
            checkout.switch("v1", fresh=True)
    assert (source.root / "price").read_text() == "what somebody is working on"
    assert len(source("worktree", "list").splitlines()) == 1


def test_hooks_of_the_user_do_not_run(source: Git, tmp_path: Path) -> None:
    hook = source.root / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    with git(source).open() as checkout:
        checkout.switch("v0", fresh=False)
    assert not (tmp_path / "ran").exists()


def test_a_commit_that_is_not_there_says_how_to_get_it(source: Git) -> None:
    with git(source).open() as checkout, pytest.raises(Unavailable) as caught:
        checkout.switch("f" * 40, fresh=False)
    assert caught.value.remedy
    blob = source("rev-parse", "v0:price")
    (source.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with git(source).open() as checkout, pytest.raises(Unavailable) as caught:
        checkout.switch("v0", fresh=False)
    assert "git fetch" in caught.value.remedy


def test_outside_git_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(NotFound), GitCheckouts(str(tmp_path)).open():
        pass
    assert places(tmp_path) == []


def test_only_own_directories_are_removed(source: Git, tmp_path: Path) -> None:
    source("worktree", "add", "-q", "--detach", str(tmp_path / "mine" / "shop"), "v0")
    with git(source).open():
        pass
    assert (tmp_path / "mine" / "shop" / "price").exists()
    assert real.PREFIX in "andon-bisect-x"
