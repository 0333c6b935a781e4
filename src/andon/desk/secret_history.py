"""Looking through a whole history: each line of a file once, whatever number of versions it stands in.

What is found is what reading every version by itself would find, each value once for a path: lines seen in an
earlier version of a path are not read again, and what is new is read in large portions.
"""

from __future__ import annotations

import re
from itertools import chain

from andon.desk.gate.secret_reading import LFS
from andon.record import Record
from andon.secrets.judging import Place, place_of
from andon.secrets.new_lines import NewLines, names_in_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeVar

    from andon.desk.gate.secret_reading import SecretSearch
    from andon.desk.ports_changes import Changes

    Read = TypeVar("Read")

#: Objects after which is told how far it is, and names that are read together.
_TOGETHER, _NAMES = 500, 5000
#: Bytes of new lines that are read at once, and of the versions they are from that are held meanwhile.
_PORTION, _HELD = 1 << 16, 8 << 20
#: The ids in a commit, which are of objects that are there and no secrets.
_IDS = re.compile(rb"(?m)^(?:tree|parent|object) [0-9a-f]{40,64}\n")


class _Member(Record):
    """A version of a file, or a message: what is new in it, and all of it."""

    identity: str
    path: str
    new: bytes
    content: bytes


class _Portion:
    """Members that are read together, and how many bytes are new in them and in all of them."""

    __slots__ = ("held", "members", "new")

    def __init__(self) -> None:
        self.members: list[_Member] = []
        self.new = self.held = 0


class HistorySearch:
    """One look through a history."""

    def __init__(
        self, search: SecretSearch, changes: Changes, tell: Callable[[int, int], None] | None = None
    ) -> None:
        """Take what keeps the findings, what has the objects, and what hears how far it is."""
        self._search = search
        self._changes = changes
        self._tell = tell
        self._done = self._all = 0
        self._portions: dict[Place, _Portion] = {}

    def look(self, objects: Sequence[tuple[str, str, str]]) -> None:
        """Look into raw objects, each given with its type and path, the oldest first."""
        self._all = len(objects)
        self._look_at_files([(one, path) for one, kind, path in objects if kind == "blob"])
        self._look_at_messages({one: kind for one, kind, _ in objects if kind in ("commit", "tag")})
        self._look_at_names([one for one, kind, _ in objects if kind == "tree"])
        self._search.name_first_commits()

    def _contents(self, wanted: list[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        if self._search.is_late():
            self._search.left_out += len(wanted)
            return
        for number, one in enumerate(self._changes.stream(wanted), 1):
            yield one
            self._done += 1
            if number % _TOGETHER == 0 or number == len(wanted):
                if self._tell is not None:
                    self._tell(self._done, self._all)
                if self._search.is_late():
                    self._search.left_out += len(wanted) - number
                    return

    # -- files

    def _look_at_files(self, blobs: list[tuple[str, str]]) -> None:
        versions: dict[str, list[str]] = {}
        for identity, path in blobs:
            versions.setdefault(path, []).append(identity)
        path_of = {identity: path for path in sorted(versions) for identity in versions[path]}
        current, lines, place = None, NewLines(), place_of("")
        is_read_whole = False
        for identity, pieces in self._contents(list(path_of)):
            path = path_of[identity]
            if path != current or not path:
                current, lines, place = path, NewLines(), place_of(path)
                # What the name of a file says holds for every version of it.
                is_read_whole = place.is_environment or self._search.finds(b"", path)
            self._search.files += 1
            content, more = next(pieces, b""), next(pieces, None)
            if more is not None:
                self._search.blob(identity, path, chain((content, more), pieces))
                continue
            new = None if is_read_whole or content.startswith(LFS) else lines.of(content)
            if new is None:
                self._search.blob(identity, path, (content,))
            elif new:
                self._add(place, _Member(identity=identity, path=path, new=new, content=content))
        self._read_all()

    def _add(self, place: Place, member: _Member) -> None:
        portion = self._portions.setdefault(place, _Portion())
        portion.members.append(member)
        portion.new += len(member.new)
        portion.held += len(member.content)
        if portion.new >= _PORTION or portion.held >= _HELD:
            self._read(self._portions.pop(place).members)

    def _read_all(self) -> None:
        while self._portions:
            self._read(self._portions.popitem()[1].members)

    def _read(self, portion: Sequence[_Member]) -> None:
        """Read what is new in several versions at once; where something is, each half of them by itself."""
        path = portion[0].path
        if not self._search.finds(b"\n\n".join(member.new for member in portion), path):
            return
        if len(portion) == 1:
            self._search.blob(portion[0].identity, path, (portion[0].content,))
            return
        for half in _halves(portion):
            self._read(half)

    # -- messages and names

    def _look_at_messages(self, kinds: dict[str, str]) -> None:
        held: list[tuple[str, bytes, bytes]] = []
        size = 0
        for identity, pieces in self._contents(list(kinds)):
            raw = b"".join(pieces)
            self._search.commits += kinds[identity] == "commit"
            bare = _IDS.sub(b"", raw)
            held.append((identity, bare, raw))
            size += len(bare)
            if size >= _PORTION:
                self._read_messages(held, kinds)
                held, size = [], 0
        self._read_messages(held, kinds)

    def _read_messages(self, held: Sequence[tuple[str, bytes, bytes]], kinds: dict[str, str]) -> None:
        if not self._search.finds(b"\n\n".join(bare for _, bare, _ in held), ""):
            return
        if len(held) > 1:
            for half in _halves(held):
                self._read_messages(half, kinds)
            return
        identity, _, raw = held[0]
        commit = identity if kinds[identity] == "commit" else ""
        self._search.words(raw, f"the {kinds[identity]} {identity[:10]}", commit)

    def _look_at_names(self, trees: list[str]) -> None:
        names: set[bytes] = set()
        for identity, pieces in self._contents(trees):
            names.update(names_in_tree(b"".join(pieces), len(identity) // 2))
        listed = sorted(names)
        for first in range(0, len(listed), _NAMES):
            text = b"\n".join(listed[first : first + _NAMES])
            self._search.words(text, "the name of a file or directory")


def _halves(all_of_them: Sequence[Read]) -> tuple[Sequence[Read], Sequence[Read]]:
    middle = len(all_of_them) // 2
    return all_of_them[:middle], all_of_them[middle:]
