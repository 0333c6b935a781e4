"""Reading one log file, plain or packed with gzip: from any place in it, within bounds, never waiting."""

from __future__ import annotations

import os
import stat
import zlib
from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

#: Unpacked bytes of a packed file that are passed through, and bytes that are unpacked at a time.
UNPACKED, _CHUNK = 1 << 28, 1 << 18
#: Bytes by which a file is recognised: its first, and those before a place in it.
MARK = 256


class OpenLog:
    """A regular file that is open for reading; use it as a context manager."""

    def __init__(self, path: str) -> None:
        """Open it; raises OSError, also for what is no regular file. Opening a pipe does not wait."""
        self.path = path
        # Without O_NONBLOCK, opening a FIFO waits for a writer.
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        found = os.fstat(self._descriptor)
        if not stat.S_ISREG(found.st_mode):
            os.close(self._descriptor)
            raise OSError(_kind(found.st_mode))
        self.identity = (found.st_dev, found.st_ino)
        self.touched = found.st_mtime
        self.is_packed = os.pread(self._descriptor, 2, 0) == b"\x1f\x8b"

    def __enter__(self) -> OpenLog:
        """Return the file itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        os.close(self._descriptor)

    @property
    def size(self) -> int:
        """Bytes of the file as it is now, packed or not."""
        return os.fstat(self._descriptor).st_size

    def end(self, limit: int) -> tuple[bytes, int]:
        """Return at most `limit` bytes from the end, and how long all of it is, unpacked.

        Raises OSError and zlib.error for a packed file that is broken or too large.
        """
        limit = max(limit, 0)
        if not self.is_packed:
            size = self.size
            return self.read(max(size - limit, 0), limit), size
        kept, size = bytearray(), 0
        for part in self._unpacked(strict=True):
            size += len(part)
            kept += part
            del kept[: max(len(kept) - limit, 0)]
        return bytes(kept), size

    def read(self, offset: int, limit: int) -> bytes:
        """Return at most `limit` bytes from `offset` on; of a packed file what can be unpacked."""
        if not self.is_packed:
            parts = []
            while limit > 0 and (part := os.pread(self._descriptor, min(limit, 1 << 20), offset)):
                parts.append(part)
                offset, limit = offset + len(part), limit - len(part)
            return b"".join(parts)
        kept, at = bytearray(), 0
        for part in self._unpacked(strict=False):
            kept += part[max(offset - at, 0) :]
            at += len(part)
            if len(kept) >= limit:
                break
        return bytes(kept[:limit])

    def mark(self, offset: int) -> str:
        """Return a fingerprint of the bytes before `offset`; "" where the file is not that long."""
        length = min(offset, MARK)
        content = self.read(offset - length, length)
        return fingerprint(content) if len(content) == length else ""

    def packed_mark(self) -> str:
        """Return a fingerprint of the first bytes as they are on the disk."""
        return fingerprint(os.pread(self._descriptor, MARK, 0))

    def _unpacked(self, *, strict: bool) -> Iterator[bytes]:
        """Yield the content of all members; strictly, what is broken or too large raises."""
        unpacker, at, size = zlib.decompressobj(wbits=31), 0, 0
        packed = os.pread(self._descriptor, _CHUNK, at)
        at += len(packed)
        while packed and size < UNPACKED:
            try:
                part = unpacker.decompress(packed, _CHUNK)
            except zlib.error:
                if strict:
                    raise
                return
            size += len(part)
            yield part
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            if unpacker.eof:
                unpacker = zlib.decompressobj(wbits=31)
            if not rest:
                rest = os.pread(self._descriptor, _CHUNK, at)
                at += len(rest)
            packed = rest
        if packed and strict:
            raise OSError("too large to unpack")
        yield unpacker.flush()


def fingerprint(content: bytes) -> str:
    """Return what recognises these bytes."""
    return blake2b(content, digest_size=8).hexdigest()


def why_not(path: str, error: OSError) -> str:
    """Return why a log file cannot be read."""
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist; correct `file` under [[logs]] in andon.toml"
    if isinstance(error, PermissionError):
        return f"{path} may not be read by this user"
    return f"{path} cannot be read: {error.strerror or error}"


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a directory"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return (
        "it is " + next((name for is_kind, name in kinds if is_kind(mode)), "a device") + ", not a log file"
    )
