"""How far each file of a log was read, as a text that can be kept: what a follower goes on from."""

from __future__ import annotations

import json

from andon.production.log_reading import MARK
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.production.log_reading import OpenLog

_VERSION = 1


class Place(Record):
    """How far one file was read. Its number and its content tell whether it is still the same."""

    device: int
    inode: int
    #: Bytes that were read, unpacked.
    offset: int
    #: Fingerprint of the bytes before `offset`, and of the first ones, with how many those are.
    mark: str
    head: str
    head_length: int
    #: True for the file that is written to: when it is gone unread, lines are missing.
    is_live: bool = False
    #: True for a packed file that was read to its end or is not wanted; `head` is then of its packed bytes.
    is_done: bool = False

    @property
    def identity(self) -> tuple[int, int]:
        """Device and inode."""
        return self.device, self.inode


def place_in(file: OpenLog, offset: int, *, is_live: bool) -> Place:
    """Return the place at `offset` of an open file."""
    head_length = min(offset, MARK)
    return Place(
        device=file.identity[0],
        inode=file.identity[1],
        offset=offset,
        mark=file.mark(offset),
        head=file.mark(head_length),
        head_length=head_length,
        is_live=is_live,
    )


def place_behind(file: OpenLog) -> Place:
    """Return the place of a packed file from which nothing more is wanted."""
    device, inode = file.identity
    head = file.packed_mark()
    return Place(device=device, inode=inode, offset=0, mark="", head=head, head_length=0, is_done=True)


def is_there(file: OpenLog, place: Place) -> bool:
    """True when what was read of `place` is what `file` begins with: the same file, or a copy of it."""
    if place.is_done:
        return file.is_packed and file.packed_mark() == place.head
    return file.mark(place.head_length) == place.head and file.mark(place.offset) == place.mark


def write_cursor(places: Iterable[Place]) -> str:
    """Return places as one text; `read_cursor` is the inverse."""
    files = [[getattr(place, field) for field in Place.__fields__] for place in places]
    return json.dumps([_VERSION, files], separators=(",", ":"))


def read_cursor(cursor: str) -> tuple[Place, ...] | None:
    """Return the places in a cursor; None for a text that is none."""
    try:
        version, files = json.loads(cursor)
        places = tuple(Place(**dict(zip(Place.__fields__, file, strict=True))) for file in files)
        if version != _VERSION or not all(_is_sound(place) for place in places):
            return None
        return places
    except (ValueError, TypeError, RecursionError):
        return None


def _is_sound(place: Place) -> bool:
    numbers = (place.device, place.inode, place.offset, place.head_length)
    return all(type(n) is int and n >= 0 for n in numbers) and isinstance(place.mark, str)
