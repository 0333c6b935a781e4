"""Asking git from a hook: a process per question and nothing else, since a commit must not wait for imports.

`production.process` does more (time limits of whole process groups, output kept from both ends) and takes
five times as long to load. What git says here is bounded in bytes and seconds as well.
"""

from __future__ import annotations

import os
import select
import time

from andon.errors import NotFound, Unavailable
from andon.production.hook_environment import environment_for_git
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

#: Seconds one question may take.
TIMEOUT = 60.0
#: Bytes of an answer.
LIMIT = 1 << 26
_ERRORS = 1 << 16
#: SIGKILL; the module that names it costs every commit 1 ms.
_KILL = 9
_PIECE = 1 << 20
_SETTINGS = ("core.quotepath=off", "core.fsmonitor=false", "log.showSignature=false")


class Answer(Record):
    """What git said."""

    code: int
    raw: bytes
    errors: str = ""
    #: True when the answer was longer than its limit and git was stopped.
    is_cut: bool = False


class QuickGit:
    """Git in one repository."""

    def __init__(self, root: str, environment: Mapping[str, str] | None = None) -> None:
        """Take the root; the environment is that of a hook of this repository, made safe."""
        self.root = root
        self._environment = dict(environment) if environment is not None else environment_for_git(root)

    def ask(
        self, *arguments: str, given: bytes = b"", limit: int = LIMIT, timeout: float = TIMEOUT
    ) -> Answer:
        """Return what git answers, at most `limit` bytes within `timeout` seconds.

        Raises NotFound outside a repository, Unavailable without git or when it does not end.
        """
        argv = ["git", "--no-pager", "-C", self.root]
        argv += [part for setting in _SETTINGS for part in ("-c", setting)]
        return self._run([*argv, *arguments], given, limit, timeout)

    def answer(
        self, *arguments: str, given: bytes = b"", limit: int = LIMIT, timeout: float = TIMEOUT
    ) -> bytes:
        """Return git's answer; raises Unavailable when it fails or says more than `limit` bytes."""
        found = self.ask(*arguments, given=given, limit=limit, timeout=timeout)
        if found.is_cut:
            raise Unavailable(f"git {arguments[0]} answers more than {limit} bytes", where=self.root)
        if found.code != 0:
            raise Unavailable(f"git {arguments[0]} failed: {found.errors or found.code}", where=self.root)
        return found.raw

    def pieces(
        self, *arguments: str, source: str = os.devnull, timeout: float = TIMEOUT
    ) -> Generator[bytes, None, None]:
        """Yield git's answer as it comes, of any length; raises Unavailable when it fails or does not end.

        `source` is the file that it reads from.
        """
        argv = ["git", "--no-pager", "-C", self.root, *arguments]
        into, out = os.pipe()
        _widen(into)
        files = [
            (os.POSIX_SPAWN_OPEN, 0, source, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, out, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        try:
            process = os.posix_spawnp("git", argv, self._environment, file_actions=files)
        except OSError as problem:
            os.close(into)
            raise Unavailable(f"git cannot be started: {problem.strerror}", where=self.root) from problem
        finally:
            os.close(out)
        is_whole, until, kept = False, time.monotonic() + timeout, bytearray()
        try:
            while select.select([into], [], [], max(until - time.monotonic(), 0.0))[0]:
                if not (read := os.read(into, _PIECE)):
                    is_whole = True
                    break
                kept += read
                if len(kept) >= _PIECE:  # a pipe gives little at once
                    yield bytes(kept)
                    kept.clear()
            if kept:
                yield bytes(kept)
        finally:
            os.close(into)
            if not is_whole:
                os.kill(process, _KILL)
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if not is_whole or code != 0:
            why = "failed" if is_whole else f"did not end within {timeout:.0f} s"
            raise Unavailable(f"git {arguments[0]} {why}", where=self.root)

    def _run(self, argv: list[str], given: bytes, limit: int, timeout: float) -> Answer:
        into, out = os.pipe()
        errors_in, errors_out = os.pipe()
        given_in, given_out = os.pipe()
        files = [
            (os.POSIX_SPAWN_DUP2, given_in, 0),
            (os.POSIX_SPAWN_DUP2, out, 1),
            (os.POSIX_SPAWN_DUP2, errors_out, 2),
        ]
        try:
            process = os.posix_spawnp("git", argv, self._environment, file_actions=files)
        except OSError as problem:
            for end in (into, errors_in, given_out):
                os.close(end)
            raise Unavailable(
                f"git cannot be started: {problem.strerror}",
                where=self.root,
                remedy="install git and put it on PATH",
            ) from problem
        finally:
            for end in (given_in, out, errors_out):
                os.close(end)
        raw, errors, complete = _exchange(process, (given_out, into, errors_in), given, limit, timeout)
        _, status = os.waitpid(process, 0)
        if not complete and len(raw) <= limit:
            raise Unavailable(f"git {argv[-1][:40]} did not end within {timeout:.0f} s", where=self.root)
        told = _first_line(errors)
        self._complain(told)
        code = os.waitstatus_to_exitcode(status)
        return Answer(code=code, raw=bytes(raw[:limit]), errors=told, is_cut=not complete)

    def _complain(self, told: str) -> None:
        if "dubious ownership" in told:
            raise Unavailable(
                "the repository belongs to another user, and git refuses to read it",
                where=self.root,
                remedy=f"git config --global --add safe.directory {self.root}",
            )
        if "not a git repository" in told:
            raise NotFound(
                "this is not a git repository",
                where=self.root,
                remedy="run the command inside the repository, or make one: git init",
            )


def _widen(pipe: int) -> None:
    """Let a pipe hold as much as is read at once, where the system can: each change of turns costs time."""
    import contextlib
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIECE)


def _exchange(
    process: int, ends: tuple[int, int, int], given: bytes, limit: int, timeout: float
) -> tuple[bytearray, bytearray, bool]:
    """Write and read until git is done; return its answer, its errors, and whether that was everything."""
    write, read, complaints = ends
    answer, errors = bytearray(), bytearray()
    os.set_blocking(write, False)
    until = time.monotonic() + timeout
    waiting, left = {read: answer, complaints: errors}, memoryview(given)
    complete = True
    try:
        while waiting:
            writable = [write] if write >= 0 else []
            if write >= 0 and not left:
                os.close(write)
                write, writable = -1, []
            room = until - time.monotonic()
            ready, can_write, _ = select.select(list(waiting), writable, [], max(room, 0.0))
            if room <= 0 or len(answer) > limit:
                os.kill(process, _KILL)
                complete = False
                break
            if can_write:
                left = _write_some(write, left)
            for end in ready:
                if piece := os.read(end, 1 << 18):
                    waiting[end] += piece
                    del errors[_ERRORS:]
                else:
                    del waiting[end]
    finally:
        for end in (write, read, complaints):
            if end >= 0:
                os.close(end)
    return answer, errors, complete


def _write_some(end: int, left: memoryview) -> memoryview:
    try:
        return left[os.write(end, left[: 1 << 16]) :]
    except BlockingIOError:
        return left
    except BrokenPipeError:  # it has read enough
        return left[:0]


def _first_line(errors: bytearray) -> str:
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return lines[0] if lines else ""
