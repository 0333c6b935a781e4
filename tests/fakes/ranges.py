"""A port `Ranges` that knows the commits it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from andon.response.change import ChangeCommit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from andon.response.gates.pushed import Known


class FakeRanges:
    """A history in one line, oldest first; every name that is not in it is a branch at its end."""

    def __init__(
        self,
        line: Sequence[ChangeCommit] = (),
        *,
        branch: str = "main",
        default: str = "main",
        heads: Mapping[str, Sequence[str]] | None = None,
        settings: Mapping[str, str] | None = None,
        cut_off: Sequence[str] = (),
        strays: Sequence[str] = (),
        files: Mapping[tuple[str, str], bytes] | None = None,
    ) -> None:
        self.root = ""
        self._line = tuple(line)
        self._branch, self._default = branch, default
        self._heads = dict(heads or {})
        self._settings = dict(settings or {})
        self._cut_off = tuple(cut_off)
        self._strays = tuple(strays)
        self._files = dict(files or {})

    def remotes(self) -> tuple[str, ...]:
        return tuple(sorted({name.split(".")[1] for name in self._settings if name.startswith("remote.")}))

    def _ids(self) -> list[str]:
        return [commit.id for commit in self._line]

    def commit(self, name: str) -> str:
        return name if name in self._ids() else ""

    def tag_message(self, name: str) -> str:
        return ""

    def branch(self) -> str:
        return self._branch

    def default_branch(self) -> str:
        return self._default

    def is_ancestor(self, one: str, other: str) -> bool:
        ids = self._ids()
        return one in ids and other in ids and ids.index(one) <= ids.index(other)

    def merge_base(self, one: str, others: Sequence[str]) -> str:
        ids = self._ids()
        known = [ids.index(other) for other in others if other in ids]
        return ids[min(ids.index(one), max(known))] if known else ""

    def arriving(
        self, head: str, known: Known, limit: int = 10_000
    ) -> tuple[tuple[ChangeCommit, ...], tuple[str, ...]]:
        ids = self._ids()
        start = max((ids.index(c) + 1 for c in known.commits if c in ids), default=0)
        found = self._line[start : ids.index(head) + 1]
        return tuple(reversed(found))[: limit + 1], tuple(ids[start - 1 : start])

    def not_in(self, head: str, other: str) -> tuple[str, ...]:
        return self._strays

    def by_hand(self, merge: ChangeCommit) -> tuple[str, ...] | None:
        return None

    def heads_of(self, branch: str) -> tuple[str, ...]:
        return tuple(self._heads.get(branch, ()))

    def cut_off(self) -> tuple[str, ...]:
        return self._cut_off

    def remote_of(self, name: str, address: str) -> str:
        return name

    def settings(self, *names: str) -> dict[str, str]:
        return {name: value for name, value in self._settings.items() if name in names}

    def file(self, commit: str, path: str) -> bytes | None:
        return self._files.get((commit, path))
