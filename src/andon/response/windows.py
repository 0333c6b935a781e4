"""A window of time of a log: what is said of it, and the counts that it is made of."""

from __future__ import annotations

from andon.record import Record
from andon.response.kinds import BLAMED, Signature, Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime


class Window(Record):
    """What a log says in one window of time."""

    #: Messages, and how many of them are severe.
    lines: int = 0
    severe: int = 0
    #: Kinds of errors, most frequent first.
    signatures: tuple[Signature, ...] = ()
    #: Severe messages of further kinds, beyond what is told apart.
    others: int = 0
    #: How often each shape of a message was seen that is not an error.
    shapes: dict[str, int] = {}  # noqa: RUF012 - a record copies nothing and changes nothing
    #: The shapes among them that name no level and speak of trouble: `connection refused` of a plain log.
    troubling: frozenset[str] = frozenset()
    #: When its first and its last message were written.
    first_at: datetime | None = None
    last_at: datetime | None = None


class Counting:
    """A window that is being counted."""

    __slots__ = ("first", "kinds", "last", "lines", "others", "severe", "shapes")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.lines = self.severe = self.others = 0
        self.kinds: dict[str, Tally] = {}
        self.shapes: dict[str, int] = {}
        self.first: datetime | None = None
        self.last: datetime | None = None

    def seen(self, at: datetime | None) -> None:
        """Take the moment of a message that belongs to the window."""
        if at is not None:
            self.first = min(self.first or at, at)
            self.last = max(self.last or at, at)

    def counts_again(self, name: str, at: datetime) -> bool:
        """Count one more of a kind that is known well; False for one that is not."""
        tally = self.kinds.get(name)
        if tally is None or tally.count < BLAMED:
            return False
        tally.seen(at)
        self.seen(at)
        self.severe += 1
        return True

    def told(self, troubling: set[str]) -> Window:
        """Return what was counted; `troubling` are the shapes of any window that speak of trouble."""
        return Window(
            lines=self.lines,
            severe=self.severe,
            signatures=tuple(sorted((k.told() for k in self.kinds.values()), key=lambda kind: -kind.count)),
            others=self.others,
            shapes={name: count for name, count in self.shapes.items() if count > 0},
            troubling=frozenset(troubling.intersection(self.shapes)),
            first_at=self.first,
            last_at=self.last,
        )
