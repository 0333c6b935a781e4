"""Where a search works: a private directory, and a mark by which whatever it started is found again.

The mark is an environment variable that every process of the search inherits. Whoever comes next ends the
processes and removes the directories of searches whose own process is gone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import tempfile
import time

from andon.errors import Unavailable
from andon.production.gap.adopted import adopting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.production.gap.adopted import Adopted

#: How the directories begin; only such are ever removed.
PREFIX = "andon-gap-"
#: The variable that every process of a search has, with the search's directory as its value.
MARK = "ANDON_GAP_ROOM"
_OWNER = "owner"
#: Seconds a process of a search that is gone gets to end by itself.
_GRACE = 1.0


@contextlib.contextmanager
def room() -> Iterator[str]:
    """Make the directory of one search and remove it again with all that still runs in it."""
    sweep()
    try:
        place = tempfile.mkdtemp(prefix=PREFIX)
    except OSError as problem:
        raise Unavailable(
            f"there is no place for disposable worlds: {problem.strerror}",
            where=tempfile.gettempdir(),
            rule="gap-room",
            remedy="make room, or name another place: TMPDIR",
        ) from problem
    before = os.environ.get(MARK)
    with adopting() as adopted:
        os.environ[MARK] = place
        try:
            with open(os.path.join(place, _OWNER), "w", encoding="ascii") as file:
                file.write(f"{os.getpid()} {_began(os.getpid())}")
            yield place
        finally:
            os.environ.pop(MARK, None)
            if before is not None:
                os.environ[MARK] = before
            end_processes(place, adopted)
            shutil.rmtree(place, ignore_errors=True)


def sweep() -> None:
    """End and remove what searches left whose process is gone."""
    base = tempfile.gettempdir()
    with contextlib.suppress(OSError):
        for entry in os.scandir(base):
            if not entry.name.startswith(PREFIX) or not _is_ours(entry.path) or _is_owned(entry.path):
                continue
            end_processes(entry.path)
            shutil.rmtree(entry.path, ignore_errors=True)


def end_processes(place: str, adopted: Adopted | None = None) -> None:
    """End every process that has the mark of the search at `place`, or was adopted, but for this one."""

    def alive() -> list[int]:
        return [*_marked(place), *(adopted.alive() if adopted else ())]

    found = alive()
    for sign in (signal.SIGTERM, signal.SIGKILL):
        told: set[int] = set()
        enough = time.monotonic() + _GRACE
        while found and time.monotonic() < enough:
            for process in set(found) - told:  # who ends may leave others to us
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(process, sign)
            told.update(found)
            time.sleep(0.02)
            found = alive()
        if not found:
            return


def _marked(place: str) -> list[int]:
    """Return the processes with the mark; none where the system does not show environments."""
    wanted = f"{MARK}={place}".encode()
    found = []
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    for name in names:
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if wanted in file.read().split(b"\0"):
                    found.append(int(name))
        except OSError:
            continue
    return found


def _is_ours(place: str) -> bool:
    try:
        seen = os.lstat(place)
    except OSError:
        return False
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid()


def _is_owned(place: str) -> bool:
    """True while the process that made it lives, or when that cannot be told."""
    try:
        with open(os.path.join(place, _OWNER), encoding="ascii") as file:
            words = file.read(60).split()
    except FileNotFoundError:
        return time.time() - os.lstat(place).st_mtime < 60  # it is being made just now
    except (OSError, ValueError):
        return True
    if not words or not words[0].isdigit():
        return False
    began = _began(int(words[0]))
    return bool(began) if len(words) < 2 else began == words[1]


def _began(process: int) -> str:
    """Return when a process began, in the system's own count; "" when it is gone."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        pass
    try:
        os.kill(process, 0)
    except PermissionError:
        return "?"
    except OSError:
        return ""
    return "?"
