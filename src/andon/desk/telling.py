"""Following an approved act from anywhere: its events and what is told of its progress, until it is over."""

from __future__ import annotations

import os

from andon.desk.operation import directory, holder_of, is_alive, trace
from andon.errors import Unavailable
from andon.incident.events import DeployFinished, DeployStarted, OperationEnded, VerificationRan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias, cast

    from andon.desk.ports import Desk
    from andon.incident.events import Event

    #: What a follower hears: an event of the operation, or a line in words.
    Heard: TypeAlias = DeployStarted | DeployFinished | VerificationRan | OperationEnded | str
else:

    def cast(_type, value):
        return value


#: Seconds between two looks.
_PAUSE = 0.1
#: Seconds a worker that was started gets to be at work, and how often another one is started.
_BOOT, _REVIVALS = 60.0, 3
#: Seconds after which it is said that nobody has taken it up, where we may start nobody.
_PATIENCE = 8.0


def tell_progress(operation: str, line: str) -> None:
    """Write down a line for whoever follows the operation on this machine; that it is lost is no harm."""
    try:
        os.makedirs(directory(), mode=0o700, exist_ok=True)
        descriptor = os.open(trace(operation, "progress"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(f"{' '.join(line.split())}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        return


def follow(desk: Desk, incident: str, operation: str) -> Iterator[Heard]:
    """Yield what happens to the operation, from its approval to its end; raises as `listen` does."""

    def hear() -> Iterator[tuple[int, Event, bool]]:
        for recorded in desk.history(incident):
            match recorded.event:
                case DeployStarted() | DeployFinished() | VerificationRan() | OperationEnded() as event:
                    if event.operation == operation:
                        yield recorded.seq, event, isinstance(event, OperationEnded)

    for heard in listen(desk, operation, hear, "andon rollback --resume"):
        yield cast("Heard", heard)


def listen(
    desk: Desk, operation: str, hear: Callable[[], Iterable[tuple[int, Event, bool]]], resume: str
) -> Iterator[Event | str]:
    """Yield what `hear` finds and what is told of the progress, until something that it says is the end.

    `hear` returns every event of the operation with its number, and whether it is the last. While no worker
    is at work on this machine, one is started; for a worker that dies another one is, a few times, and that
    is said. Raises Unavailable when they keep dying; `resume` is the command that goes on listening.
    """
    seen, told = 0, 0
    process, since, revived = 0, desk.clock.monotonic(), -1
    seen_any = waited = False
    while True:
        lines, told = _progress(operation, told)  # before the events: a line is never told before its event
        for number, event, is_last in hear():
            if number > seen:
                seen, seen_any = number, True
                yield event
                if is_last:
                    return
        yield from lines
        process = 0 if process and _has_left(process) else process
        if holder_of(desk.worker_lock):
            since = desk.clock.monotonic()
        elif not desk.starts_workers:
            if not waited and not seen_any and desk.clock.monotonic() - since > _PATIENCE:
                waited = True
                yield "no worker has taken it up yet; it waits for one: andon worker"
        elif not process or desk.clock.monotonic() - since > _BOOT:
            revived += 1
            if revived > _REVIVALS:
                raise _keeps_dying(operation, resume)
            if revived:
                yield f"the worker is gone; starting another one ({revived} of {_REVIVALS})"
            process, since = desk.start_worker(), desk.clock.monotonic()
        desk.clock.sleep(_PAUSE)


def _progress(operation: str, told: int) -> tuple[list[str], int]:
    """Return the whole lines after the first `told` bytes, and how many bytes that makes."""
    try:
        with open(trace(operation, "progress"), "rb") as file:
            file.seek(told)
            fresh = file.read()
    except OSError:
        return [], told
    whole = fresh[: fresh.rfind(b"\n") + 1]
    return whole.decode("utf-8", "replace").splitlines(), told + len(whole)


def _has_left(process: int) -> bool:
    """True when our child has ended; it is buried here."""
    try:
        return os.waitpid(process, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return not is_alive(str(process))


def _keeps_dying(operation: str, resume: str) -> Unavailable:
    try:
        with open(os.path.join(directory(), "worker.log"), encoding="utf-8", errors="replace") as file:
            said = " ".join(file.read(2000).split())[-300:]
    except OSError:
        said = ""
    return Unavailable(
        "no worker stays alive to carry it out" + (f"; the last one said: {said}" if said else ""),
        where=operation,
        rule="durable-act",
        remedy=f"andon worker, to see why; then: {resume}",
    )
