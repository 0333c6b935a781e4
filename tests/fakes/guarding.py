"""Fakes of the ports that guard references: history, receipts, tainted commits, the ban list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from andon.incident.digest import digest
from andon.response.change import ChangedFile
from andon.response.gates.moved import content_of


class FakeReferences:
    """The port `References`: what a test says that the repository knows."""

    def __init__(self) -> None:
        self.refs: set[str] = set()
        self.tagged: dict[str, tuple[ChangedFile, ...]] = {}
        #: Path to its contents, each with the commit that brought it.
        self.history: dict[str, list[tuple[str, str]]] = {}
        self.said: dict[str, str] = {}
        self.reaches: dict[str, tuple[str, ...]] = {}
        self.onto = ""
        self.replaying = False
        self.at: tuple[str, ...] = ()
        self.newer: tuple[tuple[str, str, str], ...] = ()
        self.staged = ("", "")
        self.git = "git version 2.39.5"

    def exists(self, ref: str) -> bool:
        return ref in self.refs

    def files(self, identity: str) -> tuple[ChangedFile, ...]:
        return self.tagged[identity]

    def versions(self, path: str, but: Collection[str], limit: int = 50) -> tuple[str, ...]:
        return tuple(new for commit, new in self.history.get(path, ()) if commit not in but)[:limit]

    def holds(self, identity: str, but: Collection[str]) -> bool:
        return any(identity == new and c not in but for row in self.history.values() for c, new in row)

    def messages(self, but: Collection[str]) -> Iterator[str]:
        return (message for commit, message in self.said.items() if commit not in but)

    def reached(self, head: str, commits: Collection[str]) -> tuple[str, ...]:
        return tuple(one for one in self.reaches.get(head, ()) if one in commits)

    def is_start_of_replay(self, new: str) -> bool:
        return bool(self.onto) and new == self.onto

    def is_replaying(self) -> bool:
        return self.replaying

    def tips(self) -> tuple[str, ...]:
        return self.at

    def is_partial(self) -> bool:
        return False

    def index(self) -> tuple[str, str]:
        return self.staged

    def since(self, before: Sequence[str], limit: int) -> tuple[tuple[str, str, str], ...]:
        return self.newer[:limit]

    def version(self) -> str:
        return self.git


class FakeReceipts:
    """The port `Receipts`."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}
        self.begun: list[str] = []
        self.last = ""

    @property
    def has_begun(self) -> bool:
        return bool(self.begun)

    def passed(self) -> frozenset[str]:
        return frozenset(self.given)

    def before(self) -> tuple[str, ...]:
        return tuple(self.begun)

    def give(self, commits: Iterable[str], rules: str) -> None:
        self.given.update(dict.fromkeys(commits, rules))

    def keep_staged(self, tree: str, parent: str) -> None:
        self.last = f"{tree} {parent}"

    def give_worded(self, message: str, rules: str) -> None:
        if self.last:
            tree, _, parent = self.last.partition("\n")[0].partition(" ")
            self.last = content_of(tree, parent, message)
            self.given[digest(self.last.encode())] = rules

    def begin(self, commits: Iterable[str]) -> None:
        self.begun += [*commits] or ["-"]


class FakeTainted:
    """The port `Tainted`."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.later: list[str] = []

    def all(self) -> frozenset[str]:
        return frozenset(self.kept)

    def remember(self, commits: Collection[str], ref: str) -> None:
        for commit in commits:
            self.kept.setdefault(commit, ref)

    def forget(self, commits: Collection[str]) -> None:
        for commit in commits:
            self.kept.pop(commit, None)

    def waiting(self) -> tuple[str, ...]:
        return tuple(self.later)

    def caught_up(self, lines: int) -> None:
        del self.later[:lines]


class FakeBanFile:
    """The port `BanFile`."""

    place = "/shop/.git/andon/banned"

    def __init__(self) -> None:
        self.text = ""

    def read(self) -> str:
        return self.text

    def write(self, text: str) -> None:
        self.text = text
