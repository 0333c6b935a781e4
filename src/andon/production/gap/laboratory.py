"""Experiments with the real thing: the tests' world, with some parts as in production, built and taken down.

Each of the five dimensions prepares its part of the world; then the application starts, the failing way is
gone, and what was flipped is checked. Nothing outlives a replay.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import time

from andon.errors import AndonError
from andon.gaps.experiment import Held, Load, Observed, Ran, Replay, Setting
from andon.gaps.failure import Seen, normal
from andon.gaps.words import Kind, Showed
from andon.production.gap.hard_stop import TimeIsUp, in_peace, until
from andon.production.gap.room import MARK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from contextlib import AbstractContextManager
    from typing import Protocol

    from andon.gaps.beliefs import Beliefs, Exchange
    from andon.gaps.experiment import Dimension, Part
    from andon.gaps.failure import Failure
    from andon.gaps.suite import Suite
    from andon.production.gap.way import FailingWay
    from andon.production.gap.went import Went

    class World(Protocol):
        """An application that runs, as the laboratory needs it."""

        #: Where the failing way begins: the recording front before it.
        url: str

        def log(self, place: int) -> tuple[str, int]:
            """Return what it logged after `place` (-1 for nothing), and where the log ends now."""

        def environment(self) -> tuple[tuple[str, str], ...]:
            """Return the environment that its process has."""

        def ended(self) -> str:
            """Return how it ended by itself, and what it said last; "" while it runs."""

        def exchanges(self) -> tuple[Exchange, ...]:
            """Return the requests that it got."""

        def most_at_once(self) -> int:
            """Return how many went at once, at most: while the tests ran, where they did."""


#: Seconds one kind may take to be looked at.
_LOOK = 90.0
#: Seconds of a search below which no world is built any more.
_LEAST = 1.0
#: Seconds that a bounded load with its two looks at the generator takes.
_RAMP = 20.0
#: What a proxy answers when there is no application behind it.
_GATEWAY = (502, 503, 504)
#: Requests that are kept of a replay.
_KEPT = 200


class RealLaboratory:
    """`gaps.experiment.Laboratory` on this machine."""

    def __init__(
        self,
        dimensions: Sequence[Dimension],
        way: FailingWay,
        start: Callable[[Setting], AbstractContextManager[World]],
        *,
        failure: Failure,
        beliefs: Beliefs,
        suite: Suite | None,
        place: str,
        deadline: float,
        redact: Callable[[str], str],
        measure: Callable[[str], Load] | None = None,
    ) -> None:
        """Take the kinds in the order in which they prepare a world, and a directory for all worlds.

        `measure` sends a bounded load to an address.
        """
        self._dimensions = {dimension.kind: dimension for dimension in dimensions}
        self._way = way
        self._start = start
        self._failure = failure
        self._beliefs = beliefs
        self.suite = suite
        self._place = place
        self._deadline = deadline
        self._redact = redact
        self._measure = measure

    # ---- what can be flipped

    def parts(self, kind: Kind) -> tuple[Part, ...]:
        """Return the coarsest parts of a kind that differ and can be as in production."""
        return self._in_time(self._dimensions[kind].parts) if kind in self._dimensions else ()

    def cannot(self, kind: Kind) -> str:
        """Return why a kind cannot be flipped; "" when it can."""
        return self._dimensions[kind].cannot() if kind in self._dimensions else "it was left out: --only"

    def split(self, part: Part) -> tuple[Part, ...]:
        """Return the finer parts that make up a part."""
        return self._in_time(lambda: self._dimensions[part.kind].split(part))

    def _in_time(self, ask: Callable[[], tuple[Part, ...]]) -> tuple[Part, ...]:
        """Return what a kind says of its parts; () when the time is over meanwhile."""
        try:
            with until(self._deadline):
                return ask()
        except TimeIsUp:
            return ()

    # ---- looking

    def observe(self, only: Sequence[Kind] = ()) -> tuple[Observed, ...]:
        """Look at both worlds, all kinds at once; what does not answer in time is told."""
        kinds = [kind for kind in self._dimensions if not only or kind in only]
        found: dict[Kind, Observed] = {}
        threads = {
            kind: threading.Thread(target=self._look, args=(kind, found), daemon=True) for kind in kinds
        }
        for thread in threads.values():
            thread.start()
        enough = min(time.monotonic() + _LOOK, self._deadline)
        for thread in threads.values():
            thread.join(max(enough - time.monotonic(), 0.0))
        late = f"it was not looked at to the end within {_LOOK:.0f} s"
        return tuple(found.get(kind) or Observed(kind=kind, problems=(late,)) for kind in kinds)

    def _look(self, kind: Kind, found: dict[Kind, Observed]) -> None:
        began = time.monotonic()
        try:
            found[kind] = self._dimensions[kind].observe(self._beliefs, self._failure)
        except AndonError as problem:
            told = self._redact(str(problem))
            found[kind] = Observed(kind=kind, problems=(told,), seconds=time.monotonic() - began)
        except Exception as problem:  # noqa: BLE001 - one kind that cannot be read must not end the others
            found[kind] = Observed(
                kind=kind, problems=(_unforeseen(problem),), seconds=time.monotonic() - began
            )

    def load(self) -> Load:
        """Send a bounded load to the tests' own world; nothing where none can be sent, or no time is left."""
        if self._measure is None or self._deadline - time.monotonic() < _RAMP:
            return Load()
        stack = contextlib.ExitStack()
        try:
            with until(self._deadline):
                setting = self._setting(stack)
                world = self._built(stack, setting, ())
                return self._measure(world.url)
        except (TimeIsUp, AndonError, OSError):
            return Load()
        finally:
            with in_peace():
                stack.close()

    # ---- experiments

    def replay(self, parts: Collection[Part], *, times: int = 1) -> Replay:
        """Build the tests' world with these parts as in production, go the failing way, take it down."""
        given = tuple(parts)
        began = time.monotonic()
        if self._deadline - began < _LEAST:
            return Replay(parts=given, showed=Showed.NOT_RUN, told="no time was left for it")
        stack = contextlib.ExitStack()
        try:
            with until(self._deadline):
                found = self._replayed(stack, given, times)
        except TimeIsUp:
            found = Replay(parts=given, showed=Showed.NOT_RUN, told="the time was over while it ran")
        except AndonError as problem:
            found = self._not_run(given, problem)
        except OSError as problem:
            found = Replay(parts=given, showed=Showed.NOT_RUN, told=_unforeseen(problem))
        finally:
            with in_peace():
                stack.close()
        return _with_seconds(found, time.monotonic() - began)

    def _replayed(self, stack: contextlib.ExitStack, parts: tuple[Part, ...], times: int) -> Replay:
        setting = self._setting(stack)
        self._prepare(stack, setting, parts)
        try:
            world = stack.enter_context(self._start(setting))
        except AndonError as problem:
            return self._not_started(parts, problem)
        went = self._way.go(
            world.url,
            world.log,
            setting.conditions,
            times,
            self._deadline,
            setting.home,
            is_control=not parts,
        )
        if not parts:
            self._way.learn(world.exchanges())
        return self._judged(parts, setting, world, went)

    def _built(self, stack: contextlib.ExitStack, setting: Setting, parts: tuple[Part, ...]) -> World:
        self._prepare(stack, setting, parts)
        return stack.enter_context(self._start(setting))

    def _prepare(self, stack: contextlib.ExitStack, setting: Setting, parts: tuple[Part, ...]) -> None:
        """Let each kind prepare its part of the world, in their order."""
        for kind in Kind:
            if kind in self._dimensions:
                stack.enter_context(self._dimensions[kind].prepare(setting, parts))
        setting.variables[MARK] = self._place

    def _setting(self, stack: contextlib.ExitStack) -> Setting:
        home = tempfile.mkdtemp(prefix="world-", dir=self._place)
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        return Setting(home, {})

    def _judged(self, parts: tuple[Part, ...], setting: Setting, world: World, went: Went) -> Replay:
        asked, environment = world.exchanges(), world.environment()
        # A process that can be read is not over.
        ended = "" if environment else self._redact(world.ended())
        ran = Ran(
            environment=environment,
            ended=ended,
            exchanges=asked,
            most_at_once=max(world.most_at_once(), went.most_at_once),
            fastest_document=went.fastest_document,
        )
        held = tuple(
            one
            for one in (dimension.took_hold(parts, ran) for dimension in self._dimensions.values())
            if one is not None
        )
        showed, why = _showed(went, held)
        ended = "" if ended in why else ended
        told = "; ".join(dict.fromkeys(one for one in (why, ended, *went.remarks, *setting.remarks) if one))
        return Replay(
            parts=parts,
            showed=showed,
            runs=went.runs,
            reproduced=went.reproduced,
            seen=went.failure or went.other,
            told=self._redact(told),
            held=held,
            exchanges=(asked or went.exchanges)[:_KEPT],
            pictures=went.pictures,
            requests=max(len(asked), went.requests),
        )

    def _not_started(self, parts: tuple[Part, ...], problem: AndonError) -> Replay:
        """Return what it means that the application does not come up in this world.

        With parts of production in it, that may be the very failure: its text is in the last lines of the
        log, or production's answer came from a gateway with nothing behind it.
        """
        told = self._redact(str(problem))
        wanted = self._failure.text
        is_it = normal(wanted) in normal(told) if wanted else self._failure.status in _GATEWAY
        if not parts or not is_it:
            return Replay(parts=parts, showed=Showed.NOT_RUN, told=told)
        seen = Seen(
            method=self._failure.method, path=self._failure.path, status=self._failure.status, text=told
        )
        return Replay(
            parts=parts, showed=Showed.REPRODUCED, runs=1, reproduced=1, seen=seen, told="it does not start"
        )

    def _not_run(self, parts: tuple[Part, ...], problem: AndonError) -> Replay:
        remedy = f"; {problem.remedy}" if problem.remedy else ""
        return Replay(parts=parts, showed=Showed.NOT_RUN, told=self._redact(f"{problem}{remedy}"))


def _showed(went: Went, held: tuple[Held, ...]) -> tuple[Showed, str]:
    """Return what a replay showed, and why it proves nothing where it does not."""
    if went.problem:
        return Showed.NOT_RUN, went.problem
    if went.reproduced:
        return Showed.REPRODUCED, ""
    loose = [one for one in held if not one.holds]
    if loose:
        return Showed.NOT_APPLIED, "; ".join(f"{one.kind.value}: {one.told}" for one in loose)
    return (Showed.OTHER, "") if went.other is not None else (Showed.PASSED, "")


def _unforeseen(problem: Exception) -> str:
    """Return what went wrong in words that quote nothing: a message may hold a value of production's."""
    why = (problem.strerror if isinstance(problem, OSError) else "") or type(problem).__name__
    return f"it could not be tried here: {why}"


def _with_seconds(replay: Replay, seconds: float) -> Replay:
    from andon.record import replace

    return replace(replay, seconds=round(seconds, 3))
