"""A port `Changes` that holds the change it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from andon.errors import Unavailable
from andon.response.change import Change, ChangeCommit, Everything

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class FakeChanges:
    """Answers with what a test put in: one staged change, and one for each pair of commits."""

    def __init__(
        self,
        staged: Change | None = None,
        ranges: Mapping[tuple[str, str], Change] | None = None,
        blobs: Mapping[str, bytes] | None = None,
        contents: Mapping[tuple[str, str], bytes] | None = None,
    ) -> None:
        self.root = ""
        self._staged = staged or Change(base="", head="")
        self._ranges = dict(ranges or {})
        self._blobs = dict(blobs or {})
        #: Commit ("" for the index) and path to content.
        self.files = dict(contents or {})

    def staged(self, base: str = "") -> Change:
        return self._ranges.get((base, ""), self._staged)

    def between(self, base: str, head: str) -> Change:
        if (base, head) not in self._ranges:
            raise Unavailable(f"no range {base}..{head} was put in")
        return self._ranges[base, head]

    def commits(self, without: Sequence[str], head: str, limit: int = 10_000) -> tuple[ChangeCommit, ...]:
        return tuple(c for (_, end), change in self._ranges.items() if end == head for c in change.commits)[
            :limit
        ]

    def merge_base(self, one: str, other: str) -> str:
        return next((base for base, head in self._ranges if head == one), "")

    def with_texts(self, change: Change, largest: int = 1 << 22) -> Change:
        return change

    def each(self, commits: Sequence[ChangeCommit]) -> Iterator[Change]:
        for commit in commits:
            parent = commit.parents[0] if commit.parents else ""
            yield self._ranges.get((parent, commit.id), Change(base=parent, head=commit.id))

    def blob(self, identity: str) -> bytes:
        if identity not in self._blobs:
            raise Unavailable(f"no object {identity} was put in")
        return self._blobs[identity]

    def content(self, head: str, path: str) -> bytes | None:
        return self.files.get((head, path))

    def contents(self, head: str, paths: Sequence[str]) -> dict[str, bytes]:
        return {path: self.files[head, path] for path in paths if (head, path) in self.files}

    def objects(self, identities: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        commits = {c.id: c for change in self._ranges.values() for c in change.commits}
        for one in dict.fromkeys(identities):
            raw = f"tree 0\nauthor Ann\n\n{commits[one].message}".encode() if one in commits else None
            yield one, iter((self.blob(one) if raw is None else raw,))

    def stream(self, identities: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        return self.objects(identities)

    def first_commits(self, identities: Sequence[str]) -> dict[str, str]:
        """Return nothing: this fake keeps no history of its objects."""
        return {}

    def everything(self, *, unreachable: bool = False) -> Everything:
        commits = [(c.id, "commit", "") for change in self._ranges.values() for c in change.commits]
        return Everything(objects=(*((b, "blob", "") for b in self._blobs), *commits), names=())
