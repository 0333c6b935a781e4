"""The narrow door to a durable engine: a body is a plain function whose steps are remembered.

A step that has ended is never done again, however often its workflow is taken up; one that was cut short is
done again, so it has to bear that. The engine knows what to do next, and nothing else: facts belong to the
journal.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from andon import errors
from andon.errors import AndonError, Unavailable
from andon.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    #: Arguments and results cross a database: text, numbers, None, lists and dictionaries of these.
    Plain: TypeAlias = Any
    Body: TypeAlias = Callable[["Run", Mapping[str, str]], None]

#: Seconds during which a step is tried again while something it needs is unavailable.
PATIENCE = 60.0
#: Seconds before the second try; doubled each time up to the limit.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0


class Task(Record):
    """One workflow as the engine knows it."""

    id: str
    #: Name of its body.
    name: str
    #: `running`, `waiting`, `done` or `failed`.
    state: str
    #: The last step that ended, "" before the first.
    step: str = ""
    #: Seconds since the epoch at which it began.
    began: float = 0.0
    #: Who works on it, as the engine calls its process.
    worker: str = ""


class Run(Protocol):
    """What a body may do besides computing."""

    def step(self, name: str, work: Callable[[], Plain]) -> Plain:
        """Return what `work` returned, now or in an earlier life; raises what it raised, if it was ours."""

    def sleep(self, seconds: float) -> None:
        """Wait; the moment of waking stays the same when the process dies meanwhile."""


class DurableEngine(Protocol):
    """Keeps workflows going over the death of processes."""

    def start(self, name: str, task: str, arguments: Mapping[str, str]) -> None:
        """Begin the body `name` under the id `task`, unless there is one under that id already."""

    def find(self, task: str) -> Task | None:
        """Return a workflow, None for an unknown id."""

    def tasks(self) -> tuple[Task, ...]:
        """Return the workflows that are not over, and the newest of the others."""

    def close(self) -> None:
        """Stop working; what is not over is taken up by whoever opens the engine next."""


def attempt(work: Callable[[], Plain], sleep: Callable[[float], None] = time.sleep) -> dict[str, Plain]:
    """Return what `work` did as something to remember: its value, or which of our errors it raised.

    While something is unavailable it is tried again, with growing pauses, for PATIENCE seconds.
    """
    pause, waited = _FIRST_PAUSE, 0.0
    while True:
        try:
            return {"value": work()}
        except Unavailable as problem:
            if waited >= PATIENCE:
                return {"error": _plain(problem)}
        except AndonError as problem:
            return {"error": _plain(problem)}
        except Exception as problem:  # noqa: BLE001 - the boundary of a step: a bug ends the act with a reason
            told = f"this is a bug in Andon: {type(problem).__name__}: {problem}"
            return {"error": _plain(AndonError(told, remedy="andon status"))}
        sleep(pause)
        waited, pause = waited + pause, min(pause * 2, _LONGEST_PAUSE)


def outcome_of(remembered: Mapping[str, Plain]) -> Plain:
    """Return the value that `attempt` remembered; raises the error that it remembered."""
    told = remembered.get("error")
    if told is None:
        return remembered.get("value")
    kind = getattr(errors, told["kind"], AndonError)
    raise kind(told["message"], where=told["where"], rule=told["rule"], remedy=told["remedy"])


def _plain(problem: AndonError) -> dict[str, str]:
    return {
        "kind": type(problem).__name__,
        "message": problem.message,
        "where": problem.where,
        "rule": problem.rule,
        "remedy": problem.remedy,
    }
