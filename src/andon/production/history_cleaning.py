"""Removing what the work on a leak left: mirror, clones, notes, and a backup once its day has come."""

from __future__ import annotations

import contextlib
import os
import shutil
from datetime import datetime

from andon.desk.leak.accounts import Removal
from andon.production.history_backup import DATE, PREFIX, SUFFIX
from andon.production.history_verify import CLONES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Everything the purge puts into its directory; the values are the room's own.
_OURS = (
    "mirror.git",
    "mirror.git.whole",
    "forecast.git",
    "forecast.git.whole",
    *CLONES,
    "map.json",
    "account.json",
    "progress",
)
_PIECE = 1 << 20


def clean_up(room: str, now: datetime, tell: Callable[[str], None]) -> Removal:
    """Remove everything but a backup whose day has not come, and look that it is gone.

    Files are overwritten first. Where a disk writes changes somewhere else (solid state, snapshots)
    that is no guarantee: only a revoked secret is worth nothing.
    """
    removed: list[str] = []
    left: list[str] = []
    kept: list[str] = []
    for name in _OURS:
        path = os.path.join(room, name)
        if os.path.lexists(path):
            tell(f"removing {name}")
            (left if (why := _gone(path)) else removed).append(f"{path}: {why}" if why else path)
    for path, due in backups(room):
        if due is not None and due > now:
            kept.append(f"{path}: the backup is kept until {due:%Y-%m-%d}")
            continue
        tell(f"removing {os.path.basename(path)}")
        why = _gone(path)
        (left if why else removed).append(f"{path}: {why}" if why else path)
        if not why:
            _gone(path + DATE)
    return Removal(removed=tuple(removed), left=tuple(left), kept=tuple(kept))


def backups(room: str) -> tuple[tuple[str, datetime | None], ...]:
    """Return every backup with the moment after which it has to go; None when that is not known."""
    found: list[tuple[str, datetime | None]] = []
    with contextlib.suppress(FileNotFoundError):
        for name in sorted(os.listdir(room)):
            if name.startswith(PREFIX) and name.endswith(SUFFIX):
                path = os.path.join(room, name)
                due = None
                with contextlib.suppress(OSError, ValueError), open(path + DATE, encoding="ascii") as file:
                    due = datetime.fromisoformat(file.read().strip())
                found.append((path, due))
    return tuple(found)


def _gone(path: str) -> str:
    """Remove a file or a directory; returns why it is still there, "" when it is gone."""
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            _overwrite(path)
            os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as problem:
        return f"it cannot be removed: {problem.strerror}"
    return "it is still there" if os.path.lexists(path) else ""


def _overwrite(path: str) -> None:
    """Write zeros over a file of one name; one that has several is somebody else's too."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            about = os.fstat(descriptor)
            if about.st_nlink > 1:
                return
            zeros, left = bytes(_PIECE), about.st_size
            while left > 0:
                left -= os.write(descriptor, zeros[:left])
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
