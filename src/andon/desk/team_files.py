"""The team's own files in the repository: read as they are, changed whole or not at all, never lost.

People edit these logs and postmortems too; a change here reads the file under a lock, writes beside it, makes
sure that nobody changed it meanwhile, and puts it in its place in one step.
"""

from __future__ import annotations

import fcntl
import os
import stat

from andon.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Bytes; what is larger is no log that people read.
LARGEST = 16 * 1024 * 1024


class Change(Record):
    """What became of a file."""

    path: str
    text: str
    changed: bool
    created: bool = False


def path_in(root: str, name: str) -> str:
    """Return the absolute path of a configured file; raises Refused when it leads out of the repository."""
    path = os.path.normpath(os.path.join(root, name))
    inside = os.path.realpath(root)
    parent = os.path.realpath(os.path.dirname(path))
    if os.path.commonpath([inside, parent]) != inside:
        raise Refused(
            "the file lies outside the repository",
            where=name,
            rule="inside-the-repository",
            remedy="set a path below the repository under [review] in andon.toml",
        )
    return path


def read_text(path: str) -> str | None:
    """Return a file's text with its own line endings, None when there is no such file.

    Raises InvalidInput for what is no readable text file and Unavailable when it cannot be read.
    """
    content = _read(path)
    return None if content is None else _decode(content, path)


def read_given(path: str) -> str:
    """Return the text of a file that somebody named; raises NotFound when there is none."""
    text = read_text(path)
    if text is None:
        raise NotFound("there is no such file", where=path, remedy="check the path")
    return text


def change_file(root: str, name: str, change: Callable[[str | None], str]) -> Change:
    """Put what `change` makes of a file's text (None: no file yet) in its place, atomically and durably.

    What `change` raises passes through and leaves every file as it was. Raises Refused, InvalidInput or
    Unavailable for a target that must not or cannot be written, and Conflict when others keep changing it.
    """
    path = path_in(root, name)
    directory = os.path.dirname(path)
    try:
        os.makedirs(directory, exist_ok=True)
        lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as problem:
        raise _unwritable(path, problem) from problem
    try:
        _wait_for(lock)
        for _ in range(5):
            before = _read(path)
            text = change(None if before is None else _decode(before, path))
            if before is not None and text.encode() == before:
                return Change(path=path, text=text, changed=False)
            if _put(path, text.encode(), before, lock):
                return Change(path=path, text=text, changed=True, created=before is None)
    finally:
        os.close(lock)
    raise Conflict(
        "somebody else keeps changing this file; it is as they left it", where=path, remedy="try again"
    )


def _wait_for(lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError:
        return  # a file system without locks; the comparison before the last step still holds


def _read(path: str) -> bytes | None:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    _refuse_odd(path, found)
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as problem:
        raise _unreadable(path, problem) from problem


def _refuse_odd(path: str, found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise InvalidInput(
            "this is a symbolic link: replacing it would cut it, following it could leave the repository",
            where=path,
            rule="regular-file",
            remedy="name the file itself",
        )
    if not stat.S_ISREG(found.st_mode):
        kind = "a directory" if stat.S_ISDIR(found.st_mode) else "no regular file"
        raise InvalidInput(f"this is {kind}", where=path, rule="regular-file", remedy="name a Markdown file")
    if found.st_size > LARGEST:
        raise InvalidInput(
            f"this has {found.st_size} bytes; the largest text file read here has {LARGEST}",
            where=path,
            rule="regular-file",
            remedy="move old entries to another file",
        )


def _decode(content: bytes, path: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise InvalidInput(
            f"byte {problem.start} is no UTF-8; the file is left as it is",
            where=f"{path}:{line}",
            rule="utf-8",
            remedy="save the file as UTF-8, then try again",
        ) from problem


def _put(path: str, content: bytes, before: bytes | None, directory: int) -> bool:
    """Replace the file; False when somebody changed it since it was read."""
    temporary = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.andon-new")
    try:
        _forget(temporary)  # what a killed process left behind
        mode = _mode(path) if before is not None else 0o666
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        try:
            with os.fdopen(handle, "wb") as file:
                if before is not None:
                    os.fchmod(handle, mode)
                file.write(content)
                file.flush()
                os.fsync(handle)
            if _read(path) != before:
                os.unlink(temporary)
                return False
            os.replace(temporary, path)
        except BaseException:
            _forget(temporary)
            raise
        os.fsync(directory)
    except OSError as problem:
        raise _unwritable(path, problem) from problem
    return True


def _mode(path: str) -> int:
    """Return the permissions to keep; a file that its owner made read-only is not replaced."""
    mode = stat.S_IMODE(os.stat(path).st_mode)
    if not mode & 0o222:
        raise PermissionError(0, "it is read-only")
    return mode


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def _unreadable(path: str, problem: OSError) -> Unavailable:
    return Unavailable(
        f"the file cannot be read: {problem.strerror}",
        where=path,
        rule="team-files",
        remedy="check its permissions",
    )


def _unwritable(path: str, problem: OSError) -> Unavailable:
    return Unavailable(
        f"the file cannot be written: {problem.strerror}; it is as it was",
        where=path,
        rule="team-files",
        remedy="make the file and its directory writable, or set another path under [review] in andon.toml",
    )
