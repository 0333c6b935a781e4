"""Proving that a rewritten history differs in nothing but the secrets: every commit, every tree."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from andon.production.history_git import MirrorGit, ObjectReader

#: Differences that are named; one is enough to refuse.
_NAMED = 20
#: Headers that a new commit does not have: signatures of what it was.
_SIGNED = (b"gpgsig", b"mergetag")
_TREE = (b"40000", b"040000")


def differences(
    git: MirrorGit,
    commits: Mapping[str, str],
    blobs: Mapping[str, str],
    remove_paths: Sequence[str],
    tell: Callable[[str], None],
) -> tuple[str, ...]:
    """Return what differs between old and new commits besides the secrets; empty when nothing does.

    Both histories are in the repository. Compared are the trees (names, modes, objects), the parents, people,
    moments and messages; where two trees have the same id, all below them is the same.
    """
    with git.objects() as reader:
        proof = _Proof(
            git, reader, commits, blobs, frozenset(p.encode("utf-8", "surrogateescape") for p in remove_paths)
        )
        for count, (old, new) in enumerate(commits.items(), 1):
            if old != new:
                proof.commit(old, new)
            if count % 5000 == 0:
                tell(f"{count} of {len(commits)} commits compared")
            if len(proof.found) >= _NAMED:
                break
    return tuple(proof.found)


class _Proof:
    def __init__(
        self,
        git: MirrorGit,
        reader: ObjectReader,
        commits: Mapping[str, str],
        blobs: Mapping[str, str],
        removed: frozenset[bytes],
    ) -> None:
        self._remover = git.remover
        self._reader = reader
        self._commits, self._blobs, self._removed = commits, blobs, removed
        self._short = {old[:7]: new for old, new in commits.items()}
        self._same: set[tuple[str, str, bytes]] = set()
        self.found: list[str] = []

    def commit(self, old: str, new: str) -> None:
        if set(new) == {"0"}:
            self.found.append(f"commit {old} is gone")
            return
        before, after = self._parsed(old), self._parsed(new)
        self._trees(before[b"tree"][0].decode(), after[b"tree"][0].decode(), b"", old)
        parents = [self._commits.get(p.decode(), p.decode()).encode() for p in before[b"parent"]]
        if parents != after[b"parent"]:
            self.found.append(f"commit {old} has other parents")
        for header in (b"author", b"committer"):
            if [self._remover.clean(line).content for line in before[header]] != after[header]:
                if before[header] == after[header] or _same_person(before[header], after[header]):
                    continue
                self.found.append(f"commit {old} has another {header.decode()}")
        if _words(self._remover.clean(before[b""][0]).content) != _words(after[b""][0]):
            self.found.append(f"commit {old} has another message")

    def _parsed(self, name: str) -> dict[bytes, list[bytes]]:
        head, _, message = self._reader.read(name)[1].partition(b"\n\n")
        found: dict[bytes, list[bytes]] = {b"tree": [], b"parent": [], b"author": [], b"committer": []}
        for line in head.split(b"\n"):
            key, _, value = line.partition(b" ")
            if key in found:
                found[key].append(value)
        found[b""] = [message]
        return found

    def _trees(self, old: str, new: str, place: bytes, commit: str) -> None:
        """Compare two trees; equal names of objects end the way down."""
        if old == new or (old, new, place) in self._same:
            return
        self._same.add((old, new, place))
        before, after = self._entries(old), self._entries(new)
        for name, (mode, one) in before.items():
            path = place + name
            renamed = self._remover.clean_name(name)
            if path in self._removed:
                if after.pop(renamed, None) is not None:
                    self.found.append(f"a file that was to go is still in {commit}")
                continue
            other = after.pop(renamed, None)
            if other is None:
                if mode in _TREE and self._is_emptied(one, path):
                    continue
                self.found.append(f"{self._told(path)} is missing from {commit}")
            elif other[0] != mode:
                self.found.append(f"{self._told(path)} has another mode in {commit}")
            elif mode in _TREE:
                self._trees(one, other[1], path + b"/", commit)
            elif self._blobs.get(one, one) != other[1]:
                self.found.append(f"{self._told(path)} has another content in {commit}")
        self.found += [f"{self._told(place + name)} is new in {commit}" for name in after]

    def _entries(self, tree: str) -> dict[bytes, tuple[bytes, str]]:
        content = self._reader.read(tree)[1]
        width = len(tree) // 2
        found, at = {}, 0
        while at < len(content):
            space = content.index(b" ", at)
            end = content.index(b"\0", space)
            one = content[end + 1 : end + 1 + width]
            found[content[space + 1 : end]] = (content[at:space], one.hex())
            at = end + 1 + width
        return found

    def _is_emptied(self, tree: str, place: bytes) -> bool:
        """True for a directory that held nothing but files that were to go."""
        for name, (mode, one) in self._entries(tree).items():
            path = place + b"/" + name
            if path not in self._removed and not (mode in _TREE and self._is_emptied(one, path)):
                return False
        return True

    def _told(self, path: bytes) -> str:
        return self._remover.clean_name(path).decode("utf-8", "replace")


def _same_person(before: list[bytes], after: list[bytes]) -> bool:
    """True when only the spaces differ: git writes a name without those around it."""
    return [line.split() for line in before] == [line.split() for line in after]


def _words(message: bytes) -> bytes:
    """Return a message without ids of commits, which follow the commits they name."""
    return re.sub(rb"\b[0-9a-f]{7,40}\b", b"", message)
