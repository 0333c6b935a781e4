"""The worker: finds in the journal what is not over, and has the engine see to it."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from andon.errors import AndonError, Unavailable
from andon.workflows.upcoming import upcoming

if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.ports import Desk
    from andon.workflows.engine import DurableEngine
    from andon.workflows.upcoming import Upcoming

#: Seconds between two looks at the journal: of a worker that somebody waits for, and of one that stays.
_PAUSE, _CALM_PAUSE = 0.2, 0.5
#: Seconds before a workflow that broke is tried again, and how often at most.
_AGAIN, _TRIES = 30.0, 10
#: Seconds after which a workflow that says it is done, while the journal says it is not, counts as broken.
_BELIEVED = 5.0
#: What is due later than this does not keep a worker that leaves when it is done: the next one finds it.
_SOON = timedelta(seconds=120)


class Worker:
    """Looks, starts, and leaves when it is told to, or when nothing is left."""

    def __init__(
        self,
        desk: Desk,
        engine: DurableEngine,
        *,
        until_done: bool,
        is_stopped: Callable[[], bool],
        place: str = "",
        with_messages: bool = True,
    ) -> None:
        """Take a desk of its own and the engine; the loss of `place`, the journal's directory, ends it.

        `with_messages` is False where somebody else delivers messages and reminds of deadlines.
        """
        self._desk = desk
        self._engine = engine
        self._until_done = until_done
        self._is_stopped = is_stopped
        self._place = place
        self._with_messages = with_messages
        self._seen: tuple[object, ...] | None = None
        self._waiting: tuple[Upcoming, ...] = ()
        #: When each workflow was last tried, and since when it says that it is done, on a clock that never
        #: goes back.
        self._tried: dict[str, float] = {}
        self._done: dict[str, float] = {}

    def work(self) -> int:
        """Work until told to stop, or until nothing is left; return an exit code.

        1: something is left that broke as often as it was tried.
        """
        while not self._is_stopped():
            if self._place and not os.path.exists(self._place):
                return 0  # a rehearsal that was tidied away
            try:
                self._look()
                soon, hopeless = self._start_all()
            except Unavailable:
                self._desk.clock.sleep(2 * _CALM_PAUSE)
                continue
            if self._until_done and soon == hopeless:
                return 1 if hopeless else 0
            self._desk.clock.sleep(_PAUSE if self._until_done else _CALM_PAUSE)
        return 0

    def _look(self) -> None:
        """Read what is not over, if anything was recorded since the last look."""
        heads = tuple((head.stream, head.length) for head in self._desk.journal.heads())
        if heads != self._seen:
            self._waiting = upcoming(self._desk, with_messages=self._with_messages)
            self._seen = heads

    def _start_all(self) -> tuple[int, int]:
        """Start what waits; return how much is due soon, and how much of that is beyond hope for now."""
        soon = hopeless = 0
        limit = self._desk.clock.now() + _SOON
        for one in self._waiting:
            try:
                is_under_way = self._start(one)
            except Unavailable:
                raise
            except AndonError:
                is_under_way = False
            if one.due is None or one.due <= limit:
                soon += 1
                hopeless += not is_under_way
        return soon, hopeless

    def _start(self, one: Upcoming) -> bool:
        """See that somebody works on it; False when it broke for good, or too recently."""
        number, task = 1, one.task
        state = self._state(task)
        while state == "failed" and number < _TRIES:
            number += 1
            task = f"{one.task}~{number}"
            state = self._state(task)
        if state:
            return state != "failed"
        now, tried = self._desk.clock.monotonic(), self._tried.get(one.task)
        if tried is not None and now - tried < _AGAIN:
            return False
        self._tried[one.task] = now
        self._engine.start(one.name, task, one.arguments)
        return True

    def _state(self, task: str) -> str:
        """Return the state of a workflow, "" when there is none; done for long, yet not over, is broken."""
        known = self._engine.find(task)
        if known is None or known.state != "done":
            return known.state if known else ""
        since = self._done.setdefault(task, self._desk.clock.monotonic())
        return "failed" if self._desk.clock.monotonic() - since > _BELIEVED else "done"
