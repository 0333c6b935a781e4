"""Log files: their end, and of rotated predecessors what is needed, and what is written to them afterwards.

Never more than was asked for, and nothing here waits.
"""

from __future__ import annotations

import contextlib
import time
import zlib
from datetime import UTC, datetime

from andon.desk.values import LogExcerpt
from andon.production.log_family import is_pattern
from andon.production.log_following import cursor_after, go_on, opened
from andon.production.log_place import read_cursor
from andon.production.log_reading import OpenLog, why_not
from andon.response.logs import after
from andon.response.moments import moment_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: How many rotated files are read to complete a log that is short.
ROTATED = 10
_NO_FILE = "no file fits the pattern; correct `file` under [[logs]] in andon.toml"


class LogFile:
    """A file that something appends to, or every file that a pattern such as `/var/log/shop/*.log` fits."""

    def __init__(self, name: str, path: str) -> None:
        """Keep the name people know it by, and where it is."""
        self.name = name
        self._path = path

    def tail(self, since: datetime | None, limit: int) -> LogExcerpt:
        """Return at most `limit` bytes from the end, from the first line at `since` or later.

        Never raises and never waits. A line that the limit cuts is left out; where no line says when it was
        written, `since` does not count. The files of a pattern come one after the other, each with its share.
        """
        with contextlib.ExitStack() as stack:
            try:
                if not is_pattern(self._path):
                    with OpenLog(self._path):  # says why not
                        pass
                files = opened(stack, self._path, unbroken=True)
                read = _together(files, limit) if is_pattern(self._path) else _in_turn(files, since, limit)
            except (OSError, zlib.error) as error:
                return self._unread(error)
            if not files:
                return self._unread(_NO_FILE)
            contents = [_from(since, *part) for part in read.parts]
            return LogExcerpt(
                name=self.name,
                content=b"".join(content for content, _ in contents),
                total_size=read.total,
                zone_minutes=contents[-1][1] if contents else 0,
                touched_at=datetime.fromtimestamp(max(file.touched for file in files), UTC),
                cursor=cursor_after(self._path, files, read.reached),
            )

    def follow(self, cursor: str, limit: int) -> LogExcerpt:
        """Return what was written since `cursor`, at most `limit` bytes, lines whole or not; never raises.

        No byte is missed or repeated over a rotation by renaming, dating, packing or copying and cutting off;
        where one may be missing, `gap` says so.
        """
        places = read_cursor(cursor) if cursor else None
        if places is None:
            now = self.tail(None, 0)
            gap = "it is not known how far this log was read" if cursor else ""
            return LogExcerpt(name=self.name, content=b"", failure=now.failure, cursor=now.cursor, gap=gap)
        try:
            written = go_on(self._path, places, max(limit, 0))
        except OSError as error:
            return self._unread(error, cursor)
        return LogExcerpt(
            name=self.name,
            content=written.content,
            total_size=len(written.content),
            zone_minutes=_zone_minutes(written.content, written.touched),
            touched_at=datetime.fromtimestamp(written.touched, UTC),
            cursor=written.cursor,
            gap=written.gap,
        )

    def _unread(self, error: Exception | str, cursor: str = "") -> LogExcerpt:
        if isinstance(error, OSError):
            reason = why_not(self._path, error)
        else:
            reason = f"{self._path} cannot be read: {error}"
        return LogExcerpt(name=self.name, content=b"", failure=reason, cursor=cursor)


class _Read:
    """Parts of files in the order of their lines, when their file was touched, whether they are cut."""

    def __init__(self) -> None:
        self.parts: list[tuple[bytes, float, bool]] = []
        self.reached: dict[OpenLog, int] = {}
        self.total = 0

    def take(self, file: OpenLog, limit: int) -> bytes:
        """Put the end of an earlier file in front."""
        content, size = file.end(limit)
        self.parts.insert(0, (content, file.touched, size > len(content)))
        self.reached[file] = size
        self.total += size
        return content


def _in_turn(files: Sequence[OpenLog], since: datetime | None, limit: int) -> _Read:
    """Read the live file, and its predecessors as long as there is room and they may hold wanted lines."""
    read = _Read()
    room, zone = limit, 0
    for number, file in enumerate(files[: ROTATED + 1]):
        try:
            content = read.take(file, room)
        except (OSError, zlib.error):
            if number == 0:
                raise
            break  # what cannot be unpacked ends what is known
        zone = _zone_minutes(content, file.touched) if number == 0 else zone
        room -= len(content)
        if room <= 0 or (since is not None and _reaches_back(content, since, zone)):
            break
    joined = b"".join(content for content, _, _ in read.parts)
    is_cut = any(cut for _, _, cut in read.parts[:1])
    read.parts = [(joined, files[0].touched, is_cut)] if files else []
    return read


def _together(files: Sequence[OpenLog], limit: int) -> _Read:
    """Read the files of a pattern, written to last at the end; small ones leave their share to the others."""
    read = _Read()
    room, left = limit, sum(not file.is_packed for file in files)
    shares: dict[OpenLog, int] = {}
    for file in sorted((f for f in files if not f.is_packed), key=lambda f: f.size):
        shares[file] = min(file.size, room // left)
        room, left = room - shares[file], left - 1
    for file in files:
        if file in shares:
            read.take(file, shares[file])
    return read


def _from(since: datetime | None, content: bytes, touched: float, is_cut: bool) -> tuple[bytes, int]:
    """Return the whole lines of a part from `since` on, and the zone of its moments."""
    zone = _zone_minutes(content, touched)
    if is_cut:
        content = _whole_lines(content)
    return (content if since is None else after(content, since, zone)), zone


def _reaches_back(content: bytes, since: datetime, zone: int) -> bool:
    """Say whether the first dated line is from before `since`, so that nothing earlier is needed."""
    for line in content[: 1 << 16].split(b"\n"):
        at = moment_of(line[:200].decode("utf-8", "replace"), zone, since)
        if at is not None:
            return at < since
    return False


def _zone_minutes(content: bytes, touched: float) -> int:
    """Return the zone of moments that name none: UTC or this machine's, which fits the last write better."""
    last = None
    for line in reversed(content[-(1 << 16) :].split(b"\n")):
        last = moment_of(line[:200].decode("utf-8", "replace"))
        if last is not None:
            break
    local = time.localtime(touched).tm_gmtoff
    if last is None or not local:
        return 0
    late = (last - datetime.fromtimestamp(touched, UTC)).total_seconds()
    return local // 60 if abs(late - local) < abs(late) else 0


def _whole_lines(content: bytes) -> bytes:
    """Leave out the line that was cut, unless it is the only one."""
    rest = content.partition(b"\n")[2]
    return rest or content
