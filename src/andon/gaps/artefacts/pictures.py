"""What the page looked like at the end of a test, by the frames that its trace recorded. Pure."""

from __future__ import annotations

from andon.gaps.artefacts import loose
from andon.gaps.artefacts.archive import Archive, Broken, Room
from andon.gaps.artefacts.blob import EVENTS
from andon.gaps.artefacts.sorting import DEPTH
from andon.gaps.artefacts.trace import is_trace
from andon.gaps.experiment import Picture
from andon.secrets.pictures import only_pixels, picture_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Pictures of one reading.
MOST = 20


def last_frames(content: bytes, room: Room, depth: int = 0) -> Iterator[Picture]:
    """Yield the last frame of each trace in an archive, titled as the trace is, reduced to its pixels.

    Nothing for an archive that is broken, or holds no trace.
    """
    try:
        archive = Archive(content, room)
        if is_trace(archive.names):
            yield from _last_frame(archive)
        elif depth < DEPTH:
            for name in sorted(archive.names):
                if name != EVENTS and name.endswith(".zip"):
                    yield from last_frames(archive.read(name), room, depth + 1)
    except Broken:
        return


def _last_frame(archive: Archive) -> Iterator[Picture]:
    title, last, file = "", -1.0, ""
    for name in archive.names:
        if not name.endswith(".trace"):
            continue
        for event in loose.lines(archive.read(name)):
            if event.get("type") == "context-options":
                title = loose.text(event, "title") or title
            elif event.get("type") == "screencast-frame" and loose.number(event, "timestamp") >= last:
                last = loose.number(event, "timestamp")
                file = loose.text(event, "file") or f"resources/{loose.text(event, 'sha1')}"
    pixels = only_pixels(archive.read(file)) if file else None
    if pixels is not None:
        yield Picture(title=title[:300], media_type=picture_type(pixels), content=pixels)
