"""Proving that a rewritten history differs in nothing but the secrets: every commit, every tree."""

from __future__ import annotations

import re

from andon.production.git_storage import GitStorage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from andon.secrets.leak.removal import Remover

    #: Name to mode and object, of one directory.
    Entries: TypeAlias = list[tuple[bytes, bytes, bytes]]

#: Differences that are named; one is enough to refuse.
_NAMED = 20
#: Objects that are asked for together.
_TOGETHER = 4000
#: Ids of commits in a message follow the commits they name.
_IDS = re.compile(rb"\b[0-9a-f]{7,40}\b")
_DIRECTORY = (b"40000", b"040000")


def differences(
    git_dir: str,
    remover: Remover,
    commits: Mapping[str, str],
    blobs: Mapping[str, str],
    remove_paths: Sequence[str],
    tell: Callable[[str], None],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is lost or new besides the secrets, and what git only writes otherwise; empty: nothing.

    Both histories are in the repository. Compared are the trees (names, modes, objects), the parents, people,
    moments and messages; where two trees have the same id, all below them is the same.
    """
    removed = frozenset(path.encode("utf-8", "surrogateescape") for path in remove_paths)
    proof = _Proof(git_dir, remover, commits, blobs, removed)
    changed = [(old, new) for old, new in commits.items() if old != new]
    pairs: dict[tuple[str, str, bytes], str] = {}
    for start in range(0, len(changed), _TOGETHER):
        pairs.update(proof.commits(changed[start : start + _TOGETHER]))
        tell(f"{min(start + _TOGETHER, len(changed))} of {len(changed)} commits compared")
    while pairs and len(proof.found) < _NAMED:
        listed, pairs = list(pairs.items()), {}
        for start in range(0, len(listed), _TOGETHER):
            pairs.update(proof.trees(listed[start : start + _TOGETHER]))
    return tuple(proof.found[:_NAMED]), tuple(proof.odd[:_NAMED])


class _Proof:
    def __init__(
        self,
        git_dir: str,
        remover: Remover,
        commits: Mapping[str, str],
        blobs: Mapping[str, str],
        removed: frozenset[bytes],
    ) -> None:
        self._objects = GitStorage(git_dir)
        self._remover = remover
        self._commits, self._removed = commits, removed
        self._blobs = {bytes.fromhex(old): bytes.fromhex(new) for old, new in blobs.items()}
        self._seen: set[tuple[str, str, bytes]] = set()
        self.found: list[str] = []
        #: What old tools wrote and git writes otherwise today: modes, people without a name, broken moments.
        self.odd: list[str] = []

    def commits(self, some: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, str, bytes], str]]:
        """Compare commits and yield the pairs of trees that are left to compare, with a commit."""
        gone = [old for old, new in some if not new.strip("0")]
        self.found += [f"commit {old} is gone" for old in gone]
        read = self._read(name for pair in some for name in pair)
        for old, new in some:
            if old not in read or new not in read:
                if old not in gone:
                    self.found.append(f"commit {old} cannot be read")
                continue
            before, after = _parsed(read[old]), _parsed(read[new])
            parents = [self._commits.get(p.decode(), p.decode()).encode() for p in before[b"parent"]]
            if parents != after[b"parent"]:
                self.found.append(f"commit {old} has other parents")
            for part in (b"author", b"committer", b""):
                if before[part] != after[part] and not self._same(before[part], after[part], part):
                    self.odd.append(f"commit {old} has another {part.decode() or 'message'}")
            pair = (before[b"tree"][0].decode(), after[b"tree"][0].decode(), b"")
            if pair[0] != pair[1] and pair not in self._seen:
                self._seen.add(pair)
                yield pair, old

    def trees(
        self, some: Sequence[tuple[tuple[str, str, bytes], str]]
    ) -> Iterator[tuple[tuple[str, str, bytes], str]]:
        """Compare directories and yield those below them that are left to compare."""
        read = self._read(name for (old, new, _), _ in some for name in (old, new))
        for (old, new, place), commit in some:
            if old not in read or new not in read:
                self.found.append(f"a tree of {commit} cannot be read")
                continue
            before, after = _entries(read[old], len(old) // 2), _entries(read[new], len(new) // 2)
            if len(before) == len(after) and not self._removed:
                yield from self._alike(before, after, place, commit)
            else:
                yield from self._unlike(before, after, place, commit)

    def _alike(
        self, before: Entries, after: Entries, place: bytes, commit: str
    ) -> Iterator[tuple[tuple[str, str, bytes], str]]:
        """Compare directories of as many entries one by one; in another order, by name."""
        if [name for _, name, _ in before] != [name for _, name, _ in after]:
            yield from self._unlike(before, after, place, commit)
            return
        for one, other in zip(before, after, strict=True):
            if one != other:
                yield from self._entry(one, other, place, commit)

    def _unlike(
        self, before: Entries, after: Entries, place: bytes, commit: str
    ) -> Iterator[tuple[tuple[str, str, bytes], str]]:
        left = {name: (mode, name, one) for mode, name, one in after}
        for entry in before:
            mode, name, one = entry
            renamed = self._remover.clean_name(name)
            other = left.pop(renamed, None)
            if place + name in self._removed:
                if other is not None:
                    self.found.append(f"a file that was to go is still in {commit}")
            elif other is not None:
                yield from self._entry(entry, other, place, commit)
            elif not (mode in _DIRECTORY and self._is_emptied(one.hex(), place + name)):
                self.found.append(f"{self._told(place + name)} is missing from {commit}")
        self.found += [f"{self._told(place + name)} is new in {commit}" for name in left]

    def _entry(
        self, before: tuple[bytes, bytes, bytes], after: tuple[bytes, bytes, bytes], place: bytes, commit: str
    ) -> Iterator[tuple[tuple[str, str, bytes], str]]:
        (mode, name, one), (new_mode, _, other) = before, after
        if _mode(mode) != _mode(new_mode):
            self.found.append(f"{self._told(place + name)} has another mode in {commit}")
            return
        if mode != new_mode:
            self.odd.append(f"the mode of {self._told(place + name)} is written otherwise in {commit}")
        if _mode(mode) in _DIRECTORY:
            # The place matters only where files are left out by their path.
            pair = (one.hex(), other.hex(), place + name + b"/" if self._removed else b"")
            if one != other and pair not in self._seen:
                self._seen.add(pair)
                yield pair, commit
        elif self._blobs.get(one, one) != other:
            self.found.append(f"{self._told(place + name)} has another content in {commit}")

    def _is_emptied(self, tree: str, place: bytes) -> bool:
        """True for a directory that held nothing but files that were to go."""
        for mode, name, one in _entries(self._read([tree])[tree], len(tree) // 2):
            path = place + b"/" + name
            is_gone = path in self._removed or (mode in _DIRECTORY and self._is_emptied(one.hex(), path))
            if not is_gone:
                return False
        return True

    def _read(self, names: Iterable[str]) -> dict[str, bytes]:
        found = {}
        for batch in self._objects.contents(dict.fromkeys(names)):
            for name, _, start, stop in batch.objects:
                found[name] = batch.content[start:stop]
        return found

    def _same(self, before: list[bytes], after: list[bytes], part: bytes) -> bool:
        """True when only a secret, the spaces around a name, or ids of commits in a message differ."""
        cleaned = [self._remover.clean(line).content for line in before]
        if part:
            return [line.split() for line in cleaned] == [line.split() for line in after]
        return [_IDS.sub(b"", text) for text in cleaned] == [_IDS.sub(b"", text) for text in after]

    def _told(self, path: bytes) -> str:
        return self._remover.clean_name(path).decode("utf-8", "replace")


def _parsed(content: bytes) -> dict[bytes, list[bytes]]:
    """Return the headers of a commit that have to stay, and its message under an empty name."""
    head, _, message = content.partition(b"\n\n")
    found: dict[bytes, list[bytes]] = {b"tree": [], b"parent": [], b"author": [], b"committer": []}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key in found:
            found[key].append(value)
    found[b""] = [message]
    return found


def _mode(mode: bytes) -> bytes:
    """Return a mode as git writes it today: very old trees have leading zeros, and bits for a group."""
    mode = mode.lstrip(b"0")
    if mode.startswith(b"100"):
        return b"100755" if int(mode, 8) & 0o100 else b"100644"
    return mode


def _entries(content: bytes, width: int) -> Entries:
    """Return mode, name and object of each entry of a tree, in its order."""
    pattern = _ENTRY_32 if width == 32 else _ENTRY_20
    return pattern.findall(content)


_ENTRY_20 = re.compile(rb"(\d{5,6}) ([^\0]+)\0(.{20})", re.DOTALL)
_ENTRY_32 = re.compile(rb"(\d{5,6}) ([^\0]+)\0(.{32})", re.DOTALL)
