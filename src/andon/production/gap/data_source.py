"""What is asked of a database that is only read, and of a copy that was made to be written to."""

from __future__ import annotations

from typing import Protocol

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from andon.gaps.data.facts import Fact
    from andon.gaps.data.schema import Table
    from andon.gaps.data.stored import Stored

#: Rows of one table that are read at most.
MOST_ROWS = 200_000
#: Rows of all tables together, beyond which of each further table only so many are read.
MANY_ROWS = 1_000_000
FEW_ROWS = 5_000
#: Seconds one question to a database may take.
PATIENCE = 10.0


class Counted(Record):
    """How many rows show a fact, and how many of those that the failing request names."""

    fact: Fact
    rows: int
    named: int = 0


class Source(Protocol):
    """A database that is only read. Raises Unavailable when it cannot be asked at all."""

    #: What may be told of where it is, and what it is: `SQLite`, `PostgreSQL`.
    place: str
    system: str
    #: Tables that are there and may not be read, once the tables were asked for.
    closed: frozenset[str]

    def tables(self) -> tuple[dict[str, Table], tuple[str, ...]]:
        """Return the tables by name, and what could not be looked at."""

    def stored(self) -> dict[str, Stored]:
        """Return views, triggers and functions by their titles."""

    def count(
        self, table: Table, facts: Sequence[Fact], named: Mapping[str, object], tables: Mapping[str, Table]
    ) -> tuple[int, tuple[Counted, ...], tuple[str, ...]]:
        """Return rows in all, rows by fact (none for 0), and what could not be looked at; aggregates only."""

    def rows(
        self, tables: Collection[Table], first: Mapping[str, Sequence[Mapping[str, object]]]
    ) -> tuple[dict[str, tuple[list[tuple[Any, ...]], bool]], tuple[str, ...]]:
        """Return the rows of tables as of one moment, each with whether these are all, and what failed.

        `first` are keys of rows that are wanted in any case.
        """

    def counts(self) -> dict[str, int]:
        """Return the number of rows by table."""


class Copy(Protocol):
    """A disposable copy of the tests' database, while a world is prepared in it."""

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the columns that can be written, as they are now; () for no such table."""

    def reshape(self, table: str, ours: Table | None, theirs: Table | None) -> None:
        """Make a table as production's is; its rows stay."""

    def remove(self, table: str, columns: Sequence[str], keys: Sequence[Sequence[Any]]) -> None:
        """Remove rows."""

    def put(
        self,
        table: str,
        uniques: Sequence[Sequence[str]],
        columns: Sequence[str],
        rows: Iterator[tuple[Any, ...]],
    ) -> None:
        """Put rows in; what has the same key, or the same value where that must be unique, gives way."""

    def last_key(self, table: str, value: int | None) -> None:
        """Let the database's own numbering of a table go on after this; None: after what is there."""


class Made(Protocol):
    """A copy that is ready, and what can be known of it while and after the application uses it."""

    #: Its address as Andon knows it, and in the form that the tests' variable has.
    address: str

    def filling(self) -> AbstractContextManager[Copy]:
        """Open it for changes."""

    def is_used(self) -> bool | None:
        """True when somebody else opened it since it was filled; None when that cannot be known."""

    def counts(self) -> dict[str, int]:
        """Return the number of rows by table."""

    def present(self, table: str, columns: Sequence[str], keys: Sequence[Sequence[Any]]) -> int:
        """Return how many of these rows are there."""

    def variable(self, given: str) -> str:
        """Return its address in the form of the value that the variable had."""


class Copies(Protocol):
    """Where copies of the tests' database are made."""

    def cannot(self) -> str:
        """Return why none can be made; "" when they can."""

    def make(self, home: str) -> AbstractContextManager[Made]:
        """Make one; it is gone when the context is left. Raises Unavailable."""

    def close(self) -> None:
        """Take down what was kept to make copies quickly."""


if TYPE_CHECKING:
    #: Says whether a host may be asked.
    Consent = Callable[[str], bool]
