"""Files and directories somebody names, as they are on disk: no link is followed, no pipe is read."""

from __future__ import annotations

import os
import stat

from andon.errors import NotFound, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PIECE = 1 << 20


def contents_below(paths: Iterable[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each file with its content in pieces, those of a directory by name; what git keeps is left out.

    A link is where it leads, in words. Raises NotFound, and Unavailable for what cannot be read.
    """
    for path in paths:
        try:
            found = os.lstat(path)
        except OSError as problem:
            raise NotFound(
                f"it cannot be looked at: {problem.strerror}",
                where=path,
                rule="secrets",
                remedy="check the path",
            ) from problem
        if stat.S_ISDIR(found.st_mode):
            yield from _below(path)
        else:
            yield _named(path), _content(path)


def _below(directory: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    waiting = [directory]
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as problem:
            raise _unreadable(here, problem) from problem
        waiting += [e.path for e in reversed(entries) if e.is_dir(follow_symlinks=False) and e.name != ".git"]
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield _named(entry.path), _content(entry.path)


def _named(path: str) -> str:
    shown = os.path.normpath(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return shown.removeprefix("./")


def _content(path: str) -> Iterator[bytes]:
    try:
        if os.path.islink(path):
            yield os.fsencode(os.readlink(path))
            return
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return  # a pipe, a device: nothing that is kept
            while piece := file.read(_PIECE):
                yield piece
    except OSError as problem:
        raise _unreadable(path, problem) from problem


def _unreadable(path: str, problem: OSError) -> Unavailable:
    return Unavailable(
        f"it cannot be read: {problem.strerror}", where=path, rule="secrets", remedy="check its permissions"
    )
