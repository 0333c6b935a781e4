"""Going on where a log was left: no line missed and none repeated, whatever rotation did in between.

A file is recognised by its number and by what is written in it. Renamed, it is read to its end under its new
name; copied and cut off (logrotate's `copytruncate`), or packed, its rest is taken from the copy. Files that
were begun since are read from their beginning, the oldest first.
"""

from __future__ import annotations

import contextlib
import errno
import os

from andon.production.log_family import family, is_pattern
from andon.production.log_place import Place, is_there, place_behind, place_in, write_cursor
from andon.production.log_reading import MARK, OpenLog
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Seconds before the last write to a file of a pattern within which another one counts as written to, too.
RECENT = 3600.0


class Written(Record):
    """What was written since a cursor."""

    content: bytes
    #: Where to go on.
    cursor: str
    #: When it was last written to, in seconds since the epoch.
    touched: float
    #: Why lines may be missing; "" when none is.
    gap: str = ""


def cursor_after(path: str, files: Sequence[OpenLog], reached: Mapping[OpenLog, int]) -> str:
    """Return the cursor for going on after `files`, newest first, were read up to the given offsets.

    A file that was not read counts as read up to its end.
    """
    return _cursor(path, [(f, None if f.is_packed else reached.get(f, f.size)) for f in files])


def go_on(path: str, places: Sequence[Place], limit: int) -> Written:
    """Return at most `limit` bytes that were written since; more may be there. Raises OSError."""
    with contextlib.ExitStack() as stack:
        files = opened(stack, path)
        if not files:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        lasting, lost = _located(files, places)
        claimed = _claimed(files, lasting, lost)
        known = lasting | claimed
        gone = [place for place in lost if place.is_live and place not in claimed.values()]
        if is_pattern(path):
            new = _new_matches(files, lasting)
        else:
            new = _new_in_front(
                path, files, known, nothing_read=bool(gone) and not any(p.offset for p in gone)
            )
        content, reached = _read([(f, known.get(f)) for f in files[::-1] if f in known or f in new], limit)
        is_missing = bool(gone) and (is_pattern(path) or any(place.offset for place in gone))
        gap = f"{path} was replaced, and what was being read is gone" if is_missing else ""
        touched = max(file.touched for file in files)
        return Written(content=content, cursor=_cursor(path, reached[::-1]), touched=touched, gap=gap)


def opened(stack: contextlib.ExitStack, path: str, *, unbroken: bool = False) -> list[OpenLog]:
    """Open the files of a log, the newest first, each once; what cannot be opened is left out."""
    found: dict[tuple[int, int], OpenLog] = {}
    with contextlib.suppress(OSError):  # a directory that cannot be read
        for name in family(path, unbroken=unbroken):
            with contextlib.suppress(OSError):
                file = stack.enter_context(OpenLog(name))
                found.setdefault(file.identity, file)
    return list(found.values())


def _live(path: str, files: Sequence[OpenLog]) -> set[OpenLog]:
    """Return the files that are written to: the one of that name, else the newest; of a pattern the recent.

    Between a renaming and the new file there is none of that name.
    """
    if is_pattern(path):
        newest = max((file.touched for file in files), default=0.0)
        return {file for file in files if newest - file.touched < RECENT}
    named = {file for file in files if file.path == path}
    return named or set(files[:1])


def _located(files: list[OpenLog], places: Sequence[Place]) -> tuple[dict[OpenLog, Place], list[Place]]:
    """Return the files that are still what they were, and the places whose file is gone or new."""
    by_identity = {file.identity: file for file in files}
    lasting: dict[OpenLog, Place] = {}
    lost = []
    for place in places:
        file = by_identity.get(place.identity)
        if file is not None and is_there(file, place):
            lasting[file] = place
        else:
            lost.append(place)
    return lasting, lost


def _claimed(files: list[OpenLog], lasting: dict[OpenLog, Place], lost: list[Place]) -> dict[OpenLog, Place]:
    """Return the copies of lost files, packed or not; a copy begins with what was read of its original."""
    claimed: dict[OpenLog, Place] = {}
    for place in lost:
        for file in files:
            here = lasting.get(file)  # a number is given again: of what was empty nothing is recognised
            is_free = file not in claimed and (here is None or not (here.offset or here.is_done))
            if is_free and place.head_length and is_there(file, place):
                claimed[file] = place
                break
    return claimed


def _new_in_front(
    path: str, files: list[OpenLog], known: dict[OpenLog, Place], *, nothing_read: bool
) -> set[OpenLog]:
    """Return the files that rotation has put in front of the one that was written to.

    Older ones that are not known are copies in the making. Where the known one is gone, only the file of that
    name is certainly new; had nothing of it been read, all before the first known one are.
    """
    new: set[OpenLog] = set()
    for number, file in enumerate(files):
        if file not in known:
            new.add(file)
        elif known[file].is_live:
            return new if known[file].offset else new | _copied_unread(file, files[number + 1 :], known)
        elif nothing_read:
            return new
    return new if nothing_read else {file for file in new if file.path == path}


def _copied_unread(live: OpenLog, predecessors: list[OpenLog], known: dict[OpenLog, Place]) -> set[OpenLog]:
    """Return the copies of a file that was empty when it was left: it was written to and cut off since."""
    new: set[OpenLog] = set()
    for file in predecessors:
        if file in known:
            break
        if file.size and not _begins_alike(file, live, live.size):
            new.add(file)
    return new


def _new_matches(files: list[OpenLog], lasting: dict[OpenLog, Place]) -> set[OpenLog]:
    """Return the files of a pattern that were begun since: with content, not packed, not a copy."""
    known = lasting.keys()
    return {f for f in files if f not in known and not f.is_packed and f.size and not _is_copy(f, lasting)}


def _is_copy(file: OpenLog, lasting: dict[OpenLog, Place]) -> bool:
    """True for what begins like a file that is still there; if that is chance, it will soon not any more."""
    return any(_begins_alike(file, original, place.offset) for original, place in lasting.items())


def _begins_alike(file: OpenLog, original: OpenLog, length: int) -> bool:
    """True when the shorter of the two is how the other begins, as far as fingerprints tell."""
    shared = min(file.size, length)
    first = min(shared, MARK)
    return (
        shared > 0 and original.mark(first) == file.mark(first) and original.mark(shared) == file.mark(shared)
    )


def _read(
    tasks: list[tuple[OpenLog, Place | None]], limit: int
) -> tuple[bytes, list[tuple[OpenLog, int | None]]]:
    """Return what is in the files from their places on, up to the limit, and how far each was read.

    A packed file that was read to its end is done: None.
    """
    parts: list[bytes] = []
    reached: list[tuple[OpenLog, int | None]] = []
    for file, place in tasks:
        if place is not None and place.is_done:
            reached.append((file, None))
            continue
        offset = place.offset if place is not None else 0
        part = file.read(offset, limit) if limit > 0 else b""
        limit -= len(part)
        parts.append(part)
        reached.append((file, None if file.is_packed and limit > 0 else offset + len(part)))
    return b"".join(parts), reached


def _cursor(path: str, reached: list[tuple[OpenLog, int | None]]) -> str:
    """Return the cursor for files, the newest first, and how far each was read; None: it is done."""
    live = _live(path, [file for file, offset in reached if offset is not None])
    return write_cursor(
        place_behind(file) if offset is None else place_in(file, offset, is_live=file in live)
        for file, offset in reached
    )
