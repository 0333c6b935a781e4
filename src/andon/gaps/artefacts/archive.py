"""A zip file that may be hostile: its entries, unpacked within bounds that all archives share. Pure."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

#: Entries of an archive that are looked at.
ENTRIES = 20_000
#: Bytes that all archives of one reading may unpack to, and one entry.
UNPACKED, ENTRY = 256 << 20, 64 << 20
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    IndexError,
    KeyError,
    OverflowError,
    MemoryError,
)


class Broken(Exception):
    """The file is not what it begins as."""


class Room:
    """How many bytes may still be unpacked."""

    def __init__(self, left: int = UNPACKED) -> None:
        self.left = left


class Archive:
    """The entries of one zip file; raises Broken when it cannot be opened."""

    def __init__(self, content: bytes, room: Room) -> None:
        self._room = room
        try:
            self._zip = zipfile.ZipFile(BytesIO(content))
            found = self._zip.infolist()
        except _BROKEN as error:
            raise Broken(f"it is no whole zip file ({type(error).__name__})") from error
        if len(found) > ENTRIES:
            raise Broken(f"it has {len(found)} entries, more than {ENTRIES}")
        self._entries = {info.filename: info for info in found if not info.is_dir()}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the entries."""
        return tuple(self._entries)

    @property
    def names_set(self) -> Collection[str]:
        """The names, for asking whether there is one."""
        return self._entries.keys()

    def read(self, name: str) -> bytes:
        """Return an entry; b"" when there is none. Raises Broken for one that is damaged or too large."""
        info = self._entries.get(name)
        if info is None:
            return b""
        most = min(ENTRY, self._room.left)
        try:
            with self._zip.open(info) as file:
                content = file.read(most + 1)
        except _BROKEN as error:
            raise Broken(f"an entry of it is damaged ({type(error).__name__})") from error
        if len(content) > most:
            self._room.left = 0 if most < ENTRY else self._room.left
            raise Broken(f"it unpacks to more than {most >> 20} MiB")
        self._room.left -= len(content)
        return content
