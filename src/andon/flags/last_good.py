"""The last good set of flags on disk, from which a program starts when nothing answers.

Written whole or not at all: into a file beside it, which then takes its name. What is damaged is never used.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress

from andon.errors import InvalidInput
from andon.flags.following import LARGEST
from andon.flags.opening import open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.flags.following import Document

#: No larger file is read.
MOST = 20 * 1024 * 1024
#: The file begins with its version and its size, so that it can be asked for without reading the rest.
BEGIN, SIZE, DIGITS = '{"version": ', ', "size": "', 10
#: A change is on disk within this many seconds, and every so many it is noted that the file still holds.
SOON, CONFIRM_EVERY = 0.2, 30.0
#: Seconds by which a file may seem younger than now, as clocks of file systems differ a little.
_AHEAD = 5.0


def read(path: str) -> tuple[Document, int, float | None]:
    """Return the set, its version, and how many seconds ago a server last confirmed it.

    The age is None where a clock went back since: nobody knows how old the file is, and it is not called new.
    Raises FileNotFoundError where there is none, InvalidInput for one that cannot be used.
    """
    try:
        with open_file(path) as file:
            content = file.read(MOST + 1)
            age = time.time() - os.fstat(file.fileno()).st_mtime
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _damaged(path, error.strerror or type(error).__name__) from None
    if len(content) > MOST:
        raise _damaged(path, "larger than 20 MiB")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"no JSON: {error}") from None
    version = found.get("version") if isinstance(found, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or not 0 < version < LARGEST:
        raise _damaged(path, "it has no version")
    if not isinstance(found.get("flags"), dict):
        raise _damaged(path, "it has no table of flags")
    document = {key: value for key, value in found.items() if key not in ("version", "size")}
    return document, version, None if age < -_AHEAD else max(0.0, age)


def write(path: str, document: Document, version: int) -> bool:
    """Write the set unless the file already has this version or a later one; return whether it was written.

    Raises OSError. The file can be read by its owner only: what a flag says may be nobody else's business.
    Its directory is made where there is none: a fresh checkout has none of what its program writes.
    """
    if version_of(path) >= version:
        return False
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    begin, rest = f"{BEGIN}{version}{SIZE}", f'", {json.dumps(document)[1:]}'
    content = f"{begin}{len(begin) + DIGITS + len(rest):0{DIGITS}}{rest}".encode("ascii")
    beside = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.new"
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(number, left) :]
        finally:
            os.close(number)
        os.replace(beside, path)
    except OSError:
        _forget(beside)
        raise
    return True


def confirm(path: str, version: int) -> None:
    """Note on the file that a server has just confirmed it, when it is of this version."""
    with suppress(OSError):  # its age then says more than is true, which is the safe side
        if version_of(path) == version:
            os.utime(path)


def version_of(path: str) -> int:
    """Return the version of the set in a file, 0 when there is none or it cannot be read."""
    try:
        with open_file(path) as file:
            begin = file.read(len(BEGIN) + len(SIZE) + DIGITS + 20).decode("ascii", "replace")
            size = os.fstat(file.fileno()).st_size
    except OSError:
        return 0
    version, _, rest = begin.removeprefix(BEGIN).partition(SIZE)
    is_ours = begin.startswith(BEGIN) and version.isdigit() and rest[:DIGITS].isdigit()
    return int(version) if is_ours and int(rest[:DIGITS]) == size else 0


class Keeping:
    """Writes the set in force to its file: soon after a change, never at once, often not at all.

    Many processes of one machine share a file. Each waits a little, and the first writes it for all.
    """

    def __init__(self, path: str, draw: Callable[[], float]) -> None:
        """Keep to `path`, or nowhere when that is ""; `draw` returns a number from 0 to 1."""
        self._path, self._draw = path, draw
        #: When to write, and when to note that the file has been confirmed; by the clock of the caller.
        self._due: float | None = None
        self._confirm_due = 0.0
        #: Why the set could not be written; "" when it could.
        self.problem = ""

    def changed(self, now: float) -> None:
        """Note that another set is in force."""
        if self._path and self._due is None:
            self._due = now + SOON * (0.25 + 0.75 * self._draw())

    def confirmed(self, now: float, version: int) -> None:
        """Note that a server has just said that this is its set."""
        if self._path and self._due is None and now >= self._confirm_due:
            self._confirm_due = now + CONFIRM_EVERY
            confirm(self._path, version)

    def due(self) -> float:
        """Return when `work` has something to do."""
        return float("inf") if self._due is None else self._due

    def work(self, now: float, document: Document, version: int) -> None:
        """Write what is due."""
        if self._due is None or now < self._due:
            return
        self._due = None
        try:
            write(self._path, document, version)
            self.problem = ""
        except (OSError, ValueError) as error:
            self._due = now + CONFIRM_EVERY
            self.problem = f"{self._path} cannot be written: {getattr(error, 'strerror', '') or error}"


def _forget(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)


def _damaged(path: str, why: str) -> InvalidInput:
    return InvalidInput(
        f"the last good flags cannot be used: {why}",
        where=path,
        rule="flag-last-good",
        remedy="nothing needs to be done: it is written anew when the server answers",
    )
