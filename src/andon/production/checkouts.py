"""Trying old commits in a git work tree of our own, which is removed again, and never in the user's.

The work tree lies in a temporary directory beside a file that names the process it belongs to. Whoever comes
next removes what a process that was killed left behind.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import stat
import tempfile
import threading

from andon.config.load import cache_directory, write_private
from andon.desk.values import Attempt
from andon.errors import NotFound, Unavailable
from andon.production.process import clean, last_lines, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from andon.production.process import Finished

#: Seconds one step of git may take: checking out a large repository is slow.
TIMEOUT = 600.0
#: How the temporary directories begin; only such are ever removed.
PREFIX = "andon-bisect-"
#: Characters of a command's output that are kept when nobody says.
_SHOWN = 4000
#: Exit codes with which shells and `env` say that what they should run is not there.
_NOT_THERE = (126, 127)
#: No hook of the user's runs in here, and no monitor is started for a work tree that is soon gone.
_SETTINGS = (
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "advice.detachedHead=false",
)
_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
_OWNER = "owner"


class GitCheckouts:
    """Checkouts of the repository at `root`."""

    def __init__(self, root: str) -> None:
        """Keep the root; nothing is made before it is needed."""
        self._root = root

    @contextlib.contextmanager
    def open(self) -> Iterator[WorkTree]:
        """Make a work tree, and remove it again however the block ends; raises Unavailable, NotFound."""
        self._sweep()
        place = tempfile.mkdtemp(prefix=PREFIX)
        tree = os.path.join(place, os.path.basename(os.path.abspath(self._root)) or "tree")
        try:
            with open(os.path.join(place, _OWNER), "w", encoding="ascii") as file:
                file.write(str(os.getpid()))
            with _interrupted_by_signals():
                self._answer("worktree", "add", "--detach", "--no-checkout", tree, "HEAD")
                yield WorkTree(tree)
        finally:
            self._remove(place, tree)

    def remember(self, content: bytes) -> None:
        """Keep how far a search got."""
        write_private(self._kept(), content)

    def recall(self) -> bytes:
        """Return what was kept last, b"" when there is nothing."""
        try:
            with open(self._kept(), "rb") as file:
                return file.read()
        except OSError:
            return b""

    def forget(self) -> None:
        """Remove what was kept."""
        with contextlib.suppress(OSError):
            os.unlink(self._kept())

    def _kept(self) -> str:
        directory = cache_directory()
        name = hashlib.sha256(os.fsencode(os.path.realpath(self._root))).hexdigest()[:16]
        return os.path.join(directory, "bisect", f"{name}.json") if directory else ""

    def _sweep(self) -> None:
        """Remove the work trees of processes that are gone."""
        for line in self._answer("worktree", "list", "--porcelain").splitlines():
            tree = os.fsdecode(line.removeprefix(b"worktree ")) if line.startswith(b"worktree ") else ""
            place = os.path.dirname(tree)
            if os.path.basename(place).startswith(PREFIX) and not _is_owned(place):
                self._remove(place, tree)

    def _remove(self, place: str, tree: str) -> None:
        _ask(self._root, "worktree", "remove", "--force", "--force", tree)
        shutil.rmtree(place, ignore_errors=True)
        _ask(self._root, "worktree", "prune")

    def _answer(self, *arguments: str) -> bytes:
        return _answer(self._root, *arguments)


class WorkTree:
    """The work tree at `path`."""

    def __init__(self, path: str) -> None:
        """Take the directory that git just made."""
        self.path = path
        self._commit = ""
        self._pointer = self._read_pointer()

    def switch(self, commit: str, *, fresh: bool) -> None:
        """Go to a commit, and remove what the commands left behind; raises Unavailable."""
        if self._read_pointer() != self._pointer:  # git would look further up, and clean up somewhere else
            raise Unavailable(
                "a command removed or changed the .git of the checkout it ran in",
                where=self.path,
                rule="bisect-checkout",
                remedy="give a command that leaves .git alone",
            )
        _answer(self.path, "checkout", "--quiet", "--force", "--detach", commit)
        _answer(self.path, "clean", "--quiet", "-d", "-f", "-f", *(("-x",) if fresh else ()))
        self._commit = commit

    def _read_pointer(self) -> bytes:
        try:
            with open(os.path.join(self.path, ".git"), "rb") as file:
                return file.read(4096)
        except OSError:
            return b""

    def run(self, arguments: Sequence[str], timeout: float, shown: int = _SHOWN) -> Attempt:
        """Run a command there and keep so many characters of the end of its output; raises nothing for it."""
        done = run(arguments, cwd=self.path, env={"ANDON_COMMIT": self._commit}, timeout=timeout)
        return Attempt(
            code=done.code,
            ending=done.ending,
            output=last_lines(done.output, shown),
            seconds=done.seconds,
            timed_out=done.timed_out,
            is_missing=bool(done.failure) or done.code in _NOT_THERE,
        )

    def read(self, path: str, largest: int) -> bytes | None:
        """Return a file that a command left there; no link is followed, a pipe or a device is none."""
        try:
            opened = os.open(os.path.join(self.path, path), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            with open(opened, "rb") as file:
                if not stat.S_ISREG(os.fstat(opened).st_mode):
                    return None
                content = file.read(largest + 1)
        except (OSError, ValueError):
            return None
        return content if len(content) <= largest else None


def _is_owned(place: str) -> bool:
    """True while the process that made the work tree lives, or when that cannot be told."""
    try:
        with open(os.path.join(place, _OWNER), encoding="ascii") as file:
            os.kill(int(file.read(20)), 0)
    except (ProcessLookupError, FileNotFoundError):
        return False
    except (OSError, ValueError):
        return True
    return True


@contextlib.contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """Let a closed terminal or a polite kill end the block as Ctrl-C does, so that it cleans up."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGHUP) if threading.current_thread() is threading.main_thread() else ()
    before = [(number, signal.signal(number, interrupt)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _answer(directory: str, *arguments: str) -> bytes:
    answer = _ask(directory, *arguments)
    if answer.succeeded:
        return answer.raw
    if b"not a git repository" in answer.errors:
        raise NotFound(
            "this is not a git repository", where=directory, remedy="run the command inside the repository"
        )
    said = clean(answer.errors).strip().splitlines()
    remedy = "make room, or see what is wrong: git fsck"
    if any("promisor" in line or "missing" in line or "unable to read" in line for line in said):
        remedy = "objects are missing from this clone: git fetch --refetch"
    raise Unavailable(
        f"git {arguments[0]} failed: {said[-1] if said else answer.ending}", where=directory, remedy=remedy
    )


def _ask(directory: str, *arguments: str) -> Finished:
    return run(
        ["git", "--no-pager", *_SETTINGS, *arguments],
        cwd=directory,
        env=_ENVIRONMENT,
        timeout=TIMEOUT,
        apart=True,
    )
