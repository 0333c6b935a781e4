"""Experiments one after the other: each world is tried once, within the time there is, and remembered."""

from __future__ import annotations

from math import ceil, log

from andon.gaps.experiment import Replay
from andon.gaps.words import Kind, Showed
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from andon.gaps.experiment import Laboratory, Part

#: How often a journey is gone in the tests' own world before anything is changed there.
CONTROL = 30
#: How often in a mixed world, when the failure shows each time; more often when it shows only sometimes.
TIMES, MOST_TIMES = 3, 20


class OutOfTime(Exception):
    """The time for the search is over."""


class Trials:
    """Replays with a purpose, within a deadline."""

    def __init__(
        self,
        laboratory: Laboratory,
        clock: Callable[[], float],
        deadline: float,
        say: Callable[[str], None],
    ) -> None:
        """Take what makes the experiments, a clock in seconds, and the moment at which no new one begins."""
        self._laboratory = laboratory
        self._clock = clock
        self._deadline = deadline
        self._say = say
        #: How often each world was to be gone through, and what it showed.
        self._known: dict[frozenset[Part], tuple[int, Replay]] = {}
        self.done: list[tuple[str, Replay]] = []
        #: How often in a row a world must pass before it counts as passing.
        self.times = TIMES
        #: True once an experiment was left out for want of time.
        self.ran_out = False

    def replay(self, purpose: str, parts: Collection[Part], told: str, times: int = 0) -> Replay:
        """Return what this world shows; a world that is known is not built again. Raises OutOfTime."""
        wanted, times = frozenset(parts), times or self.times
        if wanted in self._known and times <= self._known[wanted][0]:
            return self._known[wanted][1]
        if self._clock() >= self._deadline:
            self.ran_out = True
            raise OutOfTime
        self._say(told)
        replay = self._laboratory.replay(parts, times=times)
        self._known[wanted] = times, replay
        self.done.append((purpose, replay))
        return replay

    def counts_as_passed(self, replay: Replay, why: str) -> None:
        """Keep a replay whose flips did not all take hold as one that passed, for a reason."""
        passed = replace(replay, showed=Showed.PASSED, told=f"{why}: {replay.told}")
        self.done = [(purpose, passed if one is replay else one) for purpose, one in self.done]
        self._known = {w: (times, passed if r is replay else r) for w, (times, r) in self._known.items()}

    def known(self, parts: Collection[Part]) -> Replay | None:
        """Return what this world showed; None when it was not tried."""
        return self._known.get(frozenset(parts), (0, None))[1]

    def shows(self, purpose: str, parts: Collection[Part], told: str) -> bool:
        """Return whether the failure shows in this world; False as well when it could not be tried."""
        return self.replay(purpose, parts, told).showed is Showed.REPRODUCED

    def learn_rate(self, replay: Replay) -> None:
        """Go more often from now on where the failure showed only sometimes.

        So often that a world which has it passes by chance once in fifty.
        """
        if 0 < replay.reproduced < replay.runs:
            rate = replay.reproduced / replay.runs
            self.times = min(max(self.times, ceil(log(0.02) / log(1 - rate))), MOST_TIMES)

    def parts(self, kinds: Collection[Kind]) -> tuple[Part, ...]:
        """Return the coarsest parts of some kinds."""
        return tuple(part for kind in Kind if kind in kinds for part in self._laboratory.parts(kind))

    def split(self, part: Part) -> tuple[Part, ...]:
        """Return the finer parts of a part."""
        return self._laboratory.split(part)

    def cannot(self, kind: Kind) -> str:
        """Return why a kind cannot be flipped."""
        return self._laboratory.cannot(kind)

    @property
    def runs(self) -> int:
        """How often the failing way was gone."""
        return sum(replay.runs for _, replay in self.done)
