"""A laboratory whose truth is known: a world fails when a rule over its parts says so."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from andon.gaps.coverage import Coverage
from andon.gaps.experiment import Difference, Held, Observed, Part, Replay
from andon.gaps.failure import Failure, Seen
from andon.gaps.search import Given, search
from andon.gaps.verdict import Search
from andon.gaps.words import Kind, Reach, Showed

FAILURE = Failure(path="/orders/12", status=500, text="KeyError: 'STORE_TZ'")
SEEN = Seen(method="GET", path="/orders/12", status=500, text="KeyError", is_replay=True)
REACHED = Coverage(reach=Reach.REACHED, told="checkout goes there", tests=("checkout",))


def part(kind: Kind, *place: str, amount: float | None = None, least: float = 0.0) -> Part:
    return Part(kind=kind, place=place, amount=amount, least=least)


@dataclass
class ModelLaboratory:
    """Implements `andon.gaps.experiment.Laboratory`."""

    #: What differs, coarsest.
    differs: tuple[Part, ...]
    #: Whether a world with these parts fails.
    fails: Callable[[frozenset[Part]], bool]
    finer: dict[Part, tuple[Part, ...]] = field(default_factory=dict)
    #: What cannot be tried, and why.
    blocked: dict[Kind, str] = field(default_factory=dict)
    #: Worlds that show something else than a pass or the failure.
    odd: Callable[[frozenset[Part]], Showed | None] = lambda _: None
    #: How many of the tries in a row show the failure, by number of the replay.
    tries: list[frozenset[Part]] = field(default_factory=list)
    seen: Seen = SEEN
    reproduces: Callable[[int], int] = lambda times: times
    #: Kinds whose flips never take hold: the failing way does not touch them.
    off_the_way: frozenset[Kind] = frozenset()
    #: A world in which they take hold all the same.
    asked_in: frozenset[Part] = frozenset()

    #: Worlds in which something else fails as well.
    breaks: Callable[[frozenset[Part]], bool] = lambda _: False

    def parts(self, kind: Kind) -> tuple[Part, ...]:
        return tuple(p for p in self.differs if p.kind is kind and kind not in self.blocked)

    def cannot(self, kind: Kind) -> str:
        return self.blocked.get(kind, "")

    def split(self, part: Part) -> tuple[Part, ...]:
        return self.finer.get(part, ())

    def replay(self, parts: Collection[Part], *, times: int = 1) -> Replay:
        world = frozenset(parts)
        self.tries.append(world)
        given = tuple(parts)
        if (showed := self.odd(world)) is not None:
            return Replay(
                parts=given, showed=showed, runs=0 if showed is Showed.NOT_RUN else times, told="odd"
            )
        if self.fails(world):
            count = self.reproduces(times)
            showed = Showed.REPRODUCED if count else Showed.PASSED
            return Replay(
                parts=given,
                showed=showed,
                runs=times,
                reproduced=count,
                seen=self.seen,
                held=self._lacks(world),
            )
        lacks = self._lacks(world)
        rest = {part.kind for part in world} - {held.kind for held in lacks}
        held = lacks + tuple(Held(kind=kind, holds=True, told="it was") for kind in Kind if kind in rest)
        showed = Showed.NOT_APPLIED if lacks else Showed.PASSED
        other = Seen(status=500, text="something else") if self.breaks(world) else None
        return Replay(parts=given, showed=showed, runs=times, held=held, seen=other)

    def _lacks(self, world: frozenset[Part]) -> tuple[Held, ...]:
        kinds = {part.kind for part in world} & self.off_the_way if world != self.asked_in else frozenset()
        return tuple(Held(kind=kind, holds=False, told="it was not asked") for kind in kinds)


def look(kind: Kind, *found: tuple[tuple[str, ...], int]) -> Observed:
    differences = tuple(
        Difference(kind=kind, place=place, test="absent", production="present", weight=weight)
        for place, weight in found
    )
    return Observed(kind=kind, differences=differences, looked=f"{kind} was looked at")


class Ticking:
    """A clock that goes one second with each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def find(
    laboratory: ModelLaboratory,
    *observed: Observed,
    failure: Failure = FAILURE,
    coverage: Coverage = REACHED,
    other_build: str = "",
    experiments: bool = True,
    deadline: float = 10_000.0,
) -> Search:
    given = Given(
        id="g1",
        failure=failure,
        coverage=coverage,
        observed=observed,
        other_build=other_build,
        experiments=experiments,
    )
    return search(laboratory, given, clock=Ticking(), deadline=deadline)
