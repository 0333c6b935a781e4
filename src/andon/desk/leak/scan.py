"""Reads every object of a repository once: which hold a leaked value, and the graph of its commits."""

from __future__ import annotations

import re
from bisect import bisect_right

from andon.secrets.leak.history import Node
from andon.secrets.leak.inside import inside
from andon.secrets.views_archives import ZLIB, is_zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.leak.stored import Batch
    from andon.desk.ports_journal import Clock
    from andon.desk.ports_leak import Objects
    from andon.secrets.leak.finder import Finder, Span

#: Seconds between two words about how far it is.
_BREATH = 2.0
#: The start of a pointer that stands for a file in another store (Git LFS specification, version 1).
_LFS = b"version https://git-lfs.github.com/spec/v1\n"
_LFS_OBJECT = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)
_LARGEST_POINTER = 1024
_BY_HOST = b"<noreply@github.com>"


class Scanned:
    """What was seen in the objects."""

    def __init__(self) -> None:
        """Begin with nothing."""
        #: What each object that holds a value holds: (mark, encoding).
        self.hits: dict[str, dict[tuple[str, str], None]] = {}
        #: Its kind: `blob`, `commit`, `tag`, `tree`.
        self.kinds: dict[str, str] = {}
        #: For commits and tags: in which part of it, `message` or the header's word.
        self.parts: dict[str, str] = {}
        #: Names of files and folders that hold a value, with what they hold.
        self.names: dict[bytes, tuple[tuple[str, str], ...]] = {}
        self.nodes: dict[str, Node] = {}
        #: What each annotated tag points to.
        self.tags: dict[str, str] = {}
        self.trees: list[str] = []
        #: Objects of Git LFS that pointers stand for.
        self.lfs: set[str] = set()
        #: What could not be read, by its id, and what could not be opened in an object that was.
        self.broken: dict[str, str] = {}
        self.closed: dict[str, str] = {}
        self.objects = 0
        self.bytes = 0


def scan_objects(objects: Objects, finder: Finder, clock: Clock, tell: Callable[[str], None]) -> Scanned:
    """Return what every stored object holds; says every two seconds how far it is. Raises Unavailable."""
    scanned = Scanned()
    last: str = ""
    told = clock.monotonic()
    for batch in objects.batches(scanned.broken):
        spans, packed = finder.scan(batch.content)
        packed += _zlib(batch)
        _note(scanned, finder, batch, spans)
        _open(scanned, finder, batch, packed)
        for name, kind, start, stop in batch.objects:
            scanned.objects += name != last
            last = name
            if kind == "commit":
                if not batch.is_part:
                    scanned.nodes[name] = _node(batch.content[start:stop])
            elif kind == "tree":
                scanned.trees.append(name)
            elif kind == "tag":
                target = batch.content[start:stop].partition(b"\n")[0].removeprefix(b"object ")
                scanned.tags[name] = target.decode("ascii", "replace")
            elif stop - start < _LARGEST_POINTER and batch.content.startswith(_LFS, start):
                scanned.lfs.update(i.decode() for i in _LFS_OBJECT.findall(batch.content[start:stop]))
        scanned.bytes += len(batch.content)
        if (now := clock.monotonic()) - told > _BREATH:
            told = now
            tell(
                f"{scanned.objects} objects read, {scanned.bytes >> 20} MB; {len(scanned.hits)} hold a secret"
            )
    return scanned


def _note(scanned: Scanned, finder: Finder, batch: Batch, spans: list[Span]) -> None:
    """Say of which object each place is."""
    if not spans:
        return
    starts = [stored[2] for stored in batch.objects]
    for span in spans:
        name, kind, start, stop = batch.objects[bisect_right(starts, span.start) - 1]
        if not start <= span.start or span.end > stop:
            continue  # it is in what git says of the object
        if kind == "tree":
            _note_names(scanned, finder, name, batch.content[start:stop])
            continue
        _hit(scanned, name, kind, (span.mark, span.encoding))
        if kind in ("commit", "tag") and name not in scanned.parts:
            scanned.parts[name] = _part(batch.content[start:stop], span.start - start)


def _open(scanned: Scanned, finder: Finder, batch: Batch, packed: list[int]) -> None:
    """Look into archives; one in an object that comes in parts is not opened, and that is said."""
    if not packed:
        return
    starts = [stored[2] for stored in batch.objects]
    for number in sorted({bisect_right(starts, at) - 1 for at in packed}):
        name, kind, start, stop = batch.objects[number]
        if kind != "blob":
            continue
        if batch.is_part:
            scanned.closed[name] = "it is too large to look into archives in it"
            continue
        problems: dict[str, None] = {}
        for found in inside(finder, batch.content[start:stop], problems):
            _hit(scanned, name, kind, found)
        if problems:
            scanned.closed[name] = "; ".join(finder.without(problem) for problem in problems)


def _zlib(batch: Batch) -> list[int]:
    """Return where a file that is one zlib stream begins: two bytes, too common to look for everywhere."""
    content = batch.content
    starts = (start for _, kind, start, _ in batch.objects if kind == "blob")
    return [start for start in starts if content.startswith(ZLIB, start) and is_zlib(content, start)]


def _hit(scanned: Scanned, name: str, kind: str, found: tuple[str, str]) -> None:
    scanned.hits.setdefault(name, {})[found] = None
    scanned.kinds[name] = kind


def _note_names(scanned: Scanned, finder: Finder, tree: str, content: bytes) -> None:
    """Note which names in a tree hold a value."""
    size = len(tree) // 2
    at = 0
    while (end := content.find(b"\0", at)) >= 0:
        name = content[content.find(b" ", at) + 1 : end]
        at = end + 1 + size
        if found := finder.told(name):
            scanned.names[name] = found
            for one in found:
                _hit(scanned, tree, "tree", one)


def _part(content: bytes, at: int) -> str:
    """Return in which part of a commit or tag a place is: `message`, or the word its line begins with."""
    if at > content.find(b"\n\n"):
        return "message"
    lines = content[:at].split(b"\n")
    for line in reversed(lines):
        if not line.startswith(b" "):
            return line.partition(b" ")[0].decode("ascii", "replace")
    return "header"


def _node(content: bytes) -> Node:
    tree, parents, committed, by_host = "", [], 0, False
    for line in content[: content.find(b"\n\n")].split(b"\n"):
        word, _, rest = line.partition(b" ")
        if word == b"tree":
            tree = rest.decode("ascii", "replace")
        elif word == b"parent":
            parents.append(rest.decode("ascii", "replace"))
        elif word == b"committer":
            by_host = _BY_HOST in rest
            seconds = rest.rpartition(b"> ")[2].split(b" ")[0]
            committed = int(seconds) if seconds.isdigit() and len(seconds) < 12 else 0
            break
    return Node(tree=tree, parents=tuple(parents), committed=committed, is_by_host=by_host)
