"""Experiments: worlds that are mixed from test and production, and what a replay in them showed.

The base is the tests' world. A `Part` is something that is as in production instead. So one part is a flip,
all parts are production, and all but some restore those.
"""

from __future__ import annotations

from typing import Protocol

from andon.gaps.words import Kind, Showed
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager

    from andon.gaps.beliefs import Beliefs, Exchange
    from andon.gaps.failure import Failure, Seen


class Part(Record):
    """Something that can be as in production: hashable, compared by its fields."""

    kind: Kind
    #: Where, from the general to the particular: ("STORE_TZ",), ("orders",), ("orders", "812", "email"),
    #: ("payments", "GET /rates", "$.amount"), ("users",), ("rows", "orders"), ("browser",),
    #: ("link", "database").
    place: tuple[str, ...]
    #: Of a quantity, how much: users, rows, milliseconds, bytes a second. None for what has no amount.
    amount: float | None = None
    #: What it is in the tests' world, when it is a quantity.
    least: float = 0.0

    def __hash__(self) -> int:
        """Return the hash of the fields."""
        return hash((self.kind, self.place, self.amount))

    @property
    def name(self) -> str:
        """Its place in words, with the amount."""
        place = " ".join(self.place)
        return place if self.amount is None else f"{place} {self.amount:g}"


class Difference(Record):
    """Something that differs between the worlds, as it was read, without an experiment."""

    kind: Kind
    place: tuple[str, ...]
    #: What it is in either world: redacted, never a secret, facts about values rather than values.
    test: str
    production: str
    #: 0 (nothing to do with the failure) to 5 (explains it), by rules that `reasons` name.
    weight: int = 0
    reasons: tuple[str, ...] = ()
    #: What it is, as a sentence.
    summary: str = ""
    #: The probe that saw it, and the command or query with which a person sees the same.
    probe: str = ""
    command: str = ""


class Curve(Record):
    """A measured curve."""

    name: str
    x: str
    y: str
    points: tuple[tuple[float, float], ...]


class Load(Record):
    """What a bounded load on the tests' own world came to."""

    curves: tuple[Curve, ...] = ()
    #: Where the knee is and where errors begin, or why that cannot be told; "" where nothing was sent.
    told: str = ""
    requests: int = 0


class Observed(Record):
    """What one kind's probes saw."""

    kind: Kind
    differences: tuple[Difference, ...] = ()
    #: What was looked at, as a sentence; "" when nothing could be.
    looked: str = ""
    #: What could not be looked at, and why.
    problems: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0
    #: Curves for the report: name, unit of x, unit of y, points.
    curves: tuple[Curve, ...] = ()


class Conditions(Record):
    """Under which a suite, and the failing request, are replayed."""

    #: Browser: milliseconds of latency, bytes a second down and up (0: not limited).
    latency: float = 0.0
    down: float = 0.0
    up: float = 0.0
    #: Endpoints (method and template, as in `GET /search`) and the milliseconds each answer is held back.
    delays: tuple[tuple[str, float], ...] = ()
    #: How many go the failing way at once.
    users: int = 1
    #: Runs of the journey.
    times: int = 1
    #: Factor by which the tests' own time limits are stretched, so that slow is told from wrong.
    slack: float = 1.0
    #: Seconds after which no further one of several runs is begun; 0 when all of them are wanted.
    enough: float = 0.0
    #: False when it does not matter any more whether a failing test waits too short: then none waits longer.
    is_patient: bool = True


class Held(Record):
    """Whether a flip really took hold: the manipulation check."""

    kind: Kind
    #: None when it cannot be known; then a pass proves nothing.
    holds: bool | None
    told: str


class Picture(Record):
    """What a page looked like at the end of a test."""

    title: str
    media_type: str
    content: bytes


class Replay(Record):
    """What a replay in one mixed world showed."""

    parts: tuple[Part, ...]
    showed: Showed
    #: How often it was tried and how often the failure showed.
    runs: int = 0
    reproduced: int = 0
    #: The first sight of the failure, or of another one.
    seen: Seen | None = None
    #: Why it was not applied or not run; remarks otherwise.
    told: str = ""
    held: tuple[Held, ...] = ()
    #: The requests the application got, in order; some of them where there are many.
    exchanges: tuple[Exchange, ...] = ()
    pictures: tuple[Picture, ...] = ()
    seconds: float = 0.0
    requests: int = 0

    @property
    def lacking(self) -> frozenset[Kind]:
        """The kinds whose flip did not take hold, or nobody knows."""
        return frozenset(held.kind for held in self.held if held.holds is not True)


class Laboratory(Protocol):
    """What makes experiments. Raises nothing for a world that fails: that is a Replay."""

    def parts(self, kind: Kind) -> tuple[Part, ...]:
        """Return the coarsest parts of a kind that differ and can be as in production; () for none."""

    def cannot(self, kind: Kind) -> str:
        """Return why a kind, or some of what it has, cannot be flipped; "" when all of it can."""

    def split(self, part: Part) -> tuple[Part, ...]:
        """Return the finer parts that make up a part; () when nothing is finer. Quantities are not split."""

    def replay(self, parts: Collection[Part], *, times: int = 1) -> Replay:
        """Build the tests' world with these parts as in production, go the failing way, take it down."""


class Setting:
    """A world that is being prepared; each dimension writes into it what it needs."""

    def __init__(self, home: str, variables: dict[str, str]) -> None:
        """Take a directory of its own, which is removed afterwards, and the variables of the tests' world."""
        self.home = home
        #: The whole environment that the application gets.
        self.variables = variables
        #: Variables that it must not get, also not from Andon's own environment.
        self.absent: set[str] = set()
        #: How it is started and where, when that is as in production; the tests' own way otherwise.
        self.start: tuple[str, ...] = ()
        self.directory: str | None = None
        self.conditions = Conditions()
        #: Remarks for whoever reads the evidence.
        self.remarks: list[str] = []


class Ran(Record):
    """What is known after a replay, for the manipulation checks."""

    #: The application's environment as its process has it; empty when that cannot be read.
    environment: tuple[tuple[str, str], ...] = ()
    #: How the application ended meanwhile, and what it said last; "" when it did not.
    ended: str = ""
    exchanges: tuple[Exchange, ...] = ()
    #: Requests that were under way at once, at most.
    most_at_once: int = 0
    #: Seconds of the fastest document a browser loaded; 0 when none did.
    fastest_document: float = 0.0


class Dimension(Protocol):
    """One of the five kinds, against real worlds: how it is looked at, flipped, split and checked."""

    kind: Kind

    def observe(self, beliefs: Beliefs, failure: Failure) -> Observed:
        """Look at both worlds, read-only; what could not be looked at is told, never raised."""

    def parts(self) -> tuple[Part, ...]:
        """Return the coarsest parts that differ and can be flipped."""

    def cannot(self) -> str:
        """Return why nothing of this kind can be flipped, or something that may matter cannot; "" else."""

    def split(self, part: Part) -> tuple[Part, ...]:
        """Return the finer parts of a part; () when nothing is finer."""

    def prepare(self, setting: Setting, parts: Collection[Part]) -> AbstractContextManager[None]:
        """Make the setting so that these parts (of any kinds; it minds its own) are as in production.

        Called before the application starts; leaving the context takes everything down again. Raises
        Unavailable when it cannot be made; then the replay was not run.
        """

    def took_hold(self, parts: Collection[Part], ran: Ran) -> Held | None:
        """Say whether the flip was real; None when no part of this kind was flipped."""
