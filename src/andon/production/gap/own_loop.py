"""An event loop in a thread of its own, so that callers need none and an interrupt leaves nothing running."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, TypeVar

    T = TypeVar("T")

#: Seconds that a cancelled loop gets to end.
_PATIENCE = 5.0


def in_own_loop(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run what `make` returns in a thread of its own; return its result, or raise what it raised.

    When the waiting is interrupted, it is cancelled, waited for, and the interrupt goes on.
    """
    came: Future[T] = Future()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = []

    async def main() -> T:
        task = asyncio.ensure_future(make())
        running.append((asyncio.get_running_loop(), task))
        return await task

    thread = threading.Thread(target=_settle, args=(came, main), name="andon-gap-loop", daemon=True)
    thread.start()
    try:
        return came.result()
    except BaseException:
        for loop, task in running:
            if not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)
        raise
    finally:
        thread.join(_PATIENCE)


def _settle(came: Future[T], main: Callable[[], Coroutine[Any, Any, T]]) -> None:
    try:
        came.set_result(asyncio.run(main()))
    except BaseException as problem:  # noqa: BLE001  # handed to the thread that waits
        came.set_exception(problem)
