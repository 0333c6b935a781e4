"""Reading every object of a repository once: which of them hold a secret, and how they hang together."""

from __future__ import annotations

import re
import subprocess
from typing import cast

from andon.errors import Unavailable
from andon.production.process import environment
from andon.record import Record
from andon.secrets.leak.finder import CARRIED
from andon.secrets.leak.lines import trees_that_hold
from andon.secrets.leak.packed import LARGEST, held, packing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from andon.secrets.leak.removal import Remover

#: Bytes of a large object that are read at once.
_PIECE = 16 << 20
#: Objects between two words about how far it got.
_STEP = 20_000
#: What every git of a purge is told: no other objects in the place of these, no question, no other config.
QUIET = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "LC_ALL": "C",
}


class Found(Record):
    """What one pass over all objects found."""

    objects: int
    #: Object to the places in it: (digits of the secret, how it is written).
    blobs: dict[str, tuple[tuple[str, str], ...]]
    commits: dict[str, tuple[tuple[str, str], ...]]
    tags: dict[str, tuple[tuple[str, str], ...]]
    #: Trees with a name that holds one.
    trees: dict[str, tuple[tuple[str, str], ...]]
    #: Trees that hold one, themselves or further down.
    tainted_trees: frozenset[str]
    #: Each commit's tree and parents; tags' targets.
    tree_of: dict[str, str]
    parents: dict[str, tuple[str, ...]]
    signed: frozenset[str]
    #: What could not be read to its end, with the reason.
    unread: dict[str, str]


class _Reading:
    """What is collected on the way."""

    def __init__(self, remover: Remover, width: int) -> None:
        self.remover, self.width = remover, width
        self.holds = remover.finder.holds
        self.entry = re.compile(rb"(\d{5,6}) ([^\0]+)\0(.{%d})" % width, re.DOTALL)
        self.blobs: dict[str, tuple[tuple[str, str], ...]] = {}
        self.commits: dict[str, tuple[tuple[str, str], ...]] = {}
        self.tags: dict[str, tuple[tuple[str, str], ...]] = {}
        self.trees: dict[str, tuple[tuple[str, str], ...]] = {}
        self.below: dict[str, tuple[str, ...]] = {}
        self.children: list[tuple[str, bytes]] = []
        self.tree_of: dict[str, str] = {}
        self.parents: dict[str, tuple[str, ...]] = {}
        self.signed: set[str] = set()
        self.unread: dict[str, str] = {}
        self.raw_trees: dict[str, bytes] = {}

    def blob(self, name: str, content: bytes) -> None:
        found = self.remover.holds(content) if self.holds(content) else ()
        if packing(content):
            inside = held(self.remover, content)
            found = tuple(dict.fromkeys((*found, *inside.places)))
            if inside.unread:
                self.unread[name] = inside.unread
        if found:
            self.blobs[name] = found

    def tree(self, name: str, content: bytes) -> None:
        if self.holds(content) and (found := self.remover.holds(content)):
            self.trees[name] = found
        below: list[bytes] = []
        blobs: list[bytes] = []
        for mode, _path, one in self.entry.findall(content):
            (below if mode in (b"40000", b"040000") else blobs).append(one)
        self.below[name] = tuple(one.hex() for one in below)
        self.raw_trees[name] = b"".join(blobs)

    def commit(self, name: str, content: bytes) -> None:
        if self.holds(content) and (found := self.remover.holds(content)):
            self.commits[name] = found
        head = content.partition(b"\n\n")[0]
        lines = head.split(b"\n")
        self.tree_of[name] = lines[0][5:].decode()
        self.parents[name] = tuple(line[7:].decode() for line in lines[1:] if line.startswith(b"parent "))
        if b"\ngpgsig" in head:
            self.signed.add(name)

    def tag(self, name: str, content: bytes) -> None:
        if found := self.remover.holds(content):
            self.tags[name] = found


def scan(
    git_dir: str,
    remover: Remover,
    tell: Callable[[str], None] = lambda _: None,
    also: frozenset[str] = frozenset(),
) -> Found:
    """Read every object of the repository once; `also` are blobs that count as holders without a look.

    Raises Unavailable when git stops before the end: a damaged object.
    """
    with _process(git_dir) as stream:
        first = stream.peek_width()
        reading = _Reading(remover, first)
        count = 0
        for name, kind, size in stream.headers():
            if kind == b"blob" and size > LARGEST:
                _large(reading, name, stream, size)
            else:
                content = stream.take(size)
                {
                    b"blob": reading.blob,
                    b"tree": reading.tree,
                    b"commit": reading.commit,
                    b"tag": reading.tag,
                }[kind](name, content)
            stream.take(1)
            count += 1
            if count % _STEP == 0:
                tell(f"{count} objects read, {len(reading.blobs) + len(reading.commits)} hold something")
    holders = {bytes.fromhex(name) for name in (*reading.blobs, *also)}
    direct = [*reading.trees]
    width = reading.width
    if holders:
        for name, raw in reading.raw_trees.items():
            if any(raw[at : at + width] in holders for at in range(0, len(raw), width)):
                direct.append(name)
    return Found(
        objects=count,
        blobs=reading.blobs,
        commits=reading.commits,
        tags=reading.tags,
        trees=reading.trees,
        tainted_trees=trees_that_hold(reading.below, direct),
        tree_of=reading.tree_of,
        parents=reading.parents,
        signed=frozenset(reading.signed),
        unread=reading.unread,
    )


def _large(reading: _Reading, name: str, stream: _Stream, size: int) -> None:
    """Look through a large object piece by piece; the pieces overlap by more than any form of a secret."""
    kept, head = b"", b""
    found: list[tuple[str, str]] = []
    while size:
        piece = stream.take(min(size, _PIECE))
        head = head or piece[:6]
        size -= len(piece)
        window = kept + piece
        if reading.holds(window):
            found += reading.remover.holds(window)
        kept = window[-CARRIED:]
    if found:
        reading.blobs[name] = tuple(dict.fromkeys(found))
    if packing(head):
        reading.unread[name] = f"{packing(head)} of more than {LARGEST >> 20} MiB"


class _Stream:
    """The output of `git cat-file --batch`."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._first = out.readline()

    def peek_width(self) -> int:
        return 32 if len(self._first.split(b" ")[0]) == 64 else 20

    def headers(self) -> Iterator[tuple[str, bytes, int]]:
        line = self._first
        while line:
            name, kind, size = line.split()
            yield name.decode(), kind, int(size)
            line = self._out.readline()

    def take(self, size: int) -> bytes:
        found = self._out.read(size)
        if len(found) != size:
            raise ValueError("git ended in the middle of an object")
        return found


class _process:  # noqa: N801 - used like a function
    """A running `git cat-file` over all objects; raises Unavailable when it did not get to the end."""

    def __init__(self, git_dir: str) -> None:
        self._git_dir = git_dir

    def __enter__(self) -> _Stream:
        words = ("cat-file", "--batch", "--batch-all-objects", "--unordered", "--buffer")
        self._child = subprocess.Popen(
            ["git", "-C", self._git_dir, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(QUIET),
            bufsize=1 << 20,
        )
        self._out = cast("IO[bytes]", self._child.stdout)
        return _Stream(self._out)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: object
    ) -> None:
        self._out.close()
        if problem is not None:
            self._child.kill()
        code = self._child.wait()
        if (code != 0 and kind is None) or isinstance(problem, ValueError):
            raise Unavailable(
                f"git could not read every object (exit code {code})",
                where=self._git_dir,
                rule="leak-purge",
                remedy="git fsck --full says which object is damaged; repair it from another clone",
            ) from problem
