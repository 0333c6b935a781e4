"""What can be read in a content besides its bytes: what is packed, encoded or escaped in it. Pure, bounded.

`views` yields the content as it is, then every other way in which it can be read. What a limit keeps it from
reading it says in `Reading.problems`: whoever finds nothing there has not looked.
"""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Limits(Record):
    """How much is unpacked of one content, so that no archive stops a commit for long."""

    #: Bytes of a content that is read as a whole; a larger one, if it is not packed, in parts.
    whole: int = 16 << 20
    #: Bytes of a packed content, which can only be read as a whole.
    packed: int = 64 << 20
    #: Bytes that come out of it, all layers together.
    unpacked: int = 128 << 20
    #: Archives in archives; `docker save` and a jar in a zip in a tar stay below.
    depth: int = 3
    #: Files and streams in all its archives.
    entries: int = 20_000
    #: Ways to read it that are tried: decodings in decodings.
    views: int = 50_000


LIMITS = Limits()


class Reading:
    """One content that is being read: what may still be unpacked, and what could not be."""

    def __init__(self, limits: Limits = LIMITS, is_late: Callable[[], bool] | None = None) -> None:
        """Take the limits, and what says that time is up."""
        self.limits = limits
        #: Bytes, entries and views that are left.
        self.bytes, self.entries, self.views = limits.unpacked, limits.entries, limits.views
        #: Which limit was met, each once; nothing can be said of the content then.
        self.problems: dict[str, None] = {}
        #: What no limit kept from being read and yet nobody can read: encrypted, of another format, broken.
        self.closed: dict[str, None] = {}
        #: True when a stream had not ended where the content did.
        self.is_cut = False
        self._is_late = is_late

    def may_go_on(self) -> bool:
        """Count one view; False when there were too many, or time is up."""
        self.views -= 1
        if self.views < 0:
            self.stop(f"more than {self.limits.views} layers and pieces are in it")
        elif self._is_late is not None and self._is_late():
            self.stop("it takes too long to read")
        else:
            return True
        return False

    def takes_entry(self) -> bool:
        """Count one entry of an archive; False when there were too many."""
        self.entries -= 1
        if self.entries < 0:
            self.stop(f"more than {self.limits.entries} files are packed in it")
        return self.entries >= 0

    def stop(self, why: str) -> None:
        """Remember a limit that was met."""
        self.problems[why] = None


class View(Record):
    """One way to read a content."""

    content: bytes
    #: The path by which it is judged: that of the file, or of the entry in an archive.
    path: str
    #: The layers, outermost first: `gzip`, `zip entry a.txt`, `base64`. Empty for the content as it is.
    how: tuple[str, ...] = ()
    #: The line in the file of each line of this view; None when they are counted from 1.
    numbers: tuple[int, ...] | None = None
    #: False when its lines are those of an entry in an archive, or of a packed stream.
    is_in_file: bool = True

    def line_at(self, place: int) -> int:
        """Return the line of a place in the content, from 1; 0 when nothing can be said."""
        index = self.content.count(b"\n", 0, place)
        if self.numbers is None:
            return index + 1
        return self.numbers[min(index, len(self.numbers) - 1)] if self.numbers else 0


def views(content: bytes, path: str, reading: Reading, *, is_packed: bool = True) -> Iterator[View]:
    """Yield the content as it is, then as it can be read otherwise, until a limit is met.

    `is_packed` is False for a part of a content, in which no archive can be whole.
    """
    yield from _read(View(content=content, path=path), reading, 0, is_packed)


def _read(view: View, reading: Reading, depth: int, is_packed: bool) -> Iterator[View]:
    if not reading.may_go_on():
        return
    yield view
    text = view
    if b"\0" in view.content:  # UTF-16, UTF-32, or bytes in between
        text = View(
            content=view.content.replace(b"\0", b""),
            path=view.path,
            how=(*view.how, "with zero bytes in between"),
            numbers=view.numbers,
            is_in_file=view.is_in_file,
        )
        yield text
    if is_packed:
        yield from _unpacked(view, reading, depth)
    yield from _decoded(text, reading, depth, is_packed)


def _unpacked(view: View, reading: Reading, depth: int) -> Iterator[View]:
    from andon.secrets.views_archives import entries, is_packed

    if not is_packed(view.content):
        return
    if depth >= reading.limits.depth:
        reading.stop(f"archives lie in it more than {reading.limits.depth} deep")
        return
    for name, how, content in entries(view.content, reading):
        inner = View(content=content, path=name or view.path, how=(*view.how, how), is_in_file=False)
        yield from _read(inner, reading, depth + 1, is_packed=True)


def _decoded(view: View, reading: Reading, depth: int, is_packed: bool) -> Iterator[View]:
    from andon.secrets.views_texts import decodings, printable

    for how, decoded, numbers in decodings(view):
        reading.bytes -= len(decoded)
        if reading.bytes < 0:
            reading.stop(f"more than {reading.limits.unpacked >> 20} MB come out of it")
            return
        shown = View(
            content=decoded,
            path=view.path,
            how=(*view.how, how),
            numbers=numbers,
            is_in_file=view.is_in_file,
        )
        if is_packed:
            yield from _unpacked(shown, reading, depth)
        if text := printable(shown):
            yield from _read(text, reading, depth, is_packed=False)
