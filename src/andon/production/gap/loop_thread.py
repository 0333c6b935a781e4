"""An event loop in a thread of its own: what serves or relays while the caller waits for something else."""

from __future__ import annotations

import asyncio
import contextlib
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, Self, TypeVar

    T = TypeVar("T")

#: Seconds that something in the loop may take before its caller gives it up.
PATIENCE = 30.0


class LoopThread:
    """A context manager: the loop runs from entering to leaving, and leaving ends all that is in it."""

    def __init__(self, name: str) -> None:
        """Take the thread's name."""
        self._name = name
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Cancel what is under way, wait for it, and end the thread."""
        with contextlib.suppress(TimeoutError):
            self.do(_cancel_all(), patience=PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        if not self._thread.is_alive():
            self._loop.close()

    def do(self, work: Coroutine[Any, Any, T], *, patience: float = PATIENCE) -> T:
        """Return what something done in the loop returns; raises TimeoutError after `patience` seconds."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(patience)
        except BaseException:
            future.cancel()
            raise

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()


async def _cancel_all() -> None:
    mine = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not mine]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
