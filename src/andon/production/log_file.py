"""The end of a log file, and of its rotated predecessors when it is short; never more than was asked for."""

from __future__ import annotations

import os
import stat
import time
import zlib
from datetime import UTC, datetime

from andon.desk.values import LogExcerpt
from andon.response.logs import after
from andon.response.moments import moment_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: How many rotated files are looked at, and unpacked bytes of a packed one that are passed through.
ROTATED, UNPACKED = 5, 1 << 28
_CHUNK = 1 << 18


class LogFile:
    """A file that something appends to."""

    def __init__(self, name: str, path: str) -> None:
        """Keep the name people know it by, and where it is."""
        self.name = name
        self._path = path

    def tail(self, since: datetime | None, limit: int) -> LogExcerpt:
        """Return at most `limit` bytes from the end, from the first line at `since` or later.

        Never raises and never waits. A line that the limit cuts is left out; where no line says when it was
        written, `since` does not count.
        """
        try:
            content, size, touched = _end(self._path, limit)
        except OSError as error:
            return LogExcerpt(name=self.name, content=b"", failure=_why_not(self._path, error))
        zone = _zone_minutes(content, touched)
        if len(content) < limit and (since is None or not _reaches_back(content, since, zone)):
            for earlier, earlier_size in _rotated(self._path, limit - len(content)):
                content, size = earlier + content, size + earlier_size
                if len(content) >= limit or (since is not None and _reaches_back(content, since, zone)):
                    break
        if size > len(content):
            content = _whole_lines(content)
        if since is not None:
            content = after(content, since, zone)
        return LogExcerpt(name=self.name, content=content, total_size=size, zone_minutes=zone)


def _end(path: str, limit: int) -> tuple[bytes, int, float]:
    """Return the last bytes of a regular file, its size and when it was written to; raises OSError."""
    # Without O_NONBLOCK, opening a FIFO waits for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(_kind(found.st_mode))
        file.seek(max(found.st_size - max(limit, 0), 0))
        return _read(file.fileno(), limit), found.st_size, found.st_mtime


def _read(descriptor: int, limit: int) -> bytes:
    parts, left = [], limit
    while left > 0 and (part := os.read(descriptor, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _rotated(path: str, room: int) -> Iterator[tuple[bytes, int]]:
    """Yield the ends of `path.1`, `path.2.gz`, ... with their sizes, newest first, while there is room."""
    for number in range(1, ROTATED + 1):
        if room <= 0:
            return
        try:
            content, size, _ = _end(f"{path}.{number}", room)
        except OSError:
            try:
                content, size = _unpacked_end(f"{path}.{number}.gz", room)
            except (OSError, zlib.error):
                return
        yield content, size
        room -= len(content)


def _unpacked_end(path: str, limit: int) -> tuple[bytes, int]:
    """Return the end of a packed file and its unpacked size; raises OSError, zlib.error."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("not a file")
        unpacker, kept, size = zlib.decompressobj(wbits=31), bytearray(), 0
        packed = file.read(_CHUNK)
        while packed and size < UNPACKED:
            part = unpacker.decompress(packed, _CHUNK)
            size += len(part)
            kept += part
            del kept[: max(len(kept) - limit, 0)]
            if unpacker.eof:
                packed = unpacker.unused_data or file.read(_CHUNK)
                unpacker = zlib.decompressobj(wbits=31)
            else:
                packed = unpacker.unconsumed_tail or file.read(_CHUNK)
        if packed:
            raise OSError("too large to unpack")
        kept += unpacker.flush()
        return bytes(kept), size


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


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a directory"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return (
        "it is " + next((name for is_kind, name in kinds if is_kind(mode)), "a device") + ", not a log file"
    )


def _why_not(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist; correct `file` under [[logs]] in andon.toml"
    if isinstance(error, PermissionError):
        return f"{path} may not be read by this user"
    return f"{path} cannot be read: {error.strerror or error}"
