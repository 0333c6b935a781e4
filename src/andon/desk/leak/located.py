"""What a search for a leak found: every place, who brought it and when; values for the later stages."""

from __future__ import annotations

from andon.incident.words import Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from andon.desk.leak.stored import Reference, Storage
    from andon.incident.leak_events import LeakLocated
    from andon.incident.parts import LeakPlace
    from andon.secrets.leak.credential import Credential
    from andon.secrets.leak.history import Node


class Tainted(Record):
    """One object that holds a value, for whoever takes it out."""

    id: str
    #: `blob`, `commit`, `tag`, `tree`.
    kind: str
    #: (mark, encoding).
    held: tuple[tuple[str, str], ...]


class History(Record):
    """The commits of a repository, and which of them hold or brought a value."""

    nodes: Mapping[str, Node]
    #: Each after its parents.
    order: tuple[str, ...]
    references: tuple[Reference, ...]
    #: The commit each reference leads to, without those that lead to none.
    tips: Mapping[str, str]
    #: By mark: the commits that brought it, in a file, a file's name, or their own message.
    brought: Mapping[str, tuple[str, ...]]
    #: Commits that have a value in their files or their own text.
    holding: frozenset[str]

    def __repr__(self) -> str:
        """Say how much it is: a reference's name may hold a value."""
        return f"History({len(self.nodes)} commits)"


class Located(Record):
    """The whole answer."""

    event: LeakLocated
    verdict: Verdict
    #: What keeps the search from being complete.
    incomplete: tuple[str, ...]
    #: What is worth knowing, and is no gap.
    notes: tuple[str, ...]
    places: tuple[LeakPlace, ...]
    tainted: tuple[Tainted, ...]
    #: References with a value in their name, as they are: never to be shown.
    tainted_references: tuple[str, ...]
    history: History
    storage: Storage
    credentials: tuple[Credential, ...]

    def __repr__(self) -> str:
        """Say how much it is, not what."""
        return f"Located({self.verdict}, {len(self.places)} places)"
