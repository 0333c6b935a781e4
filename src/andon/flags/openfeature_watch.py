"""What becomes OpenFeature's events: changed flags, a flag server lost and found, a first set."""

from __future__ import annotations

import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

from openfeature.event import ProviderEvent, ProviderEventDetails
from openfeature.exception import ErrorCode

if TYPE_CHECKING:
    from andon.flags.openfeature_provider import AndonProvider

#: Seconds between two looks at the client when nothing wakes the watch earlier.
LOOK = 1.0
#: Seconds in which the SDK surely has said ERROR after a start without flags.
AFTER_ERROR = 0.2
_READY, _STALE, _ERROR = "ready", "stale", "error"
_EVENTS = {
    _READY: ProviderEvent.PROVIDER_READY,
    _STALE: ProviderEvent.PROVIDER_STALE,
    _ERROR: ProviderEvent.PROVIDER_ERROR,
}


class Watch:
    """Watches the flags of one provider while it is initialized, in a thread of its own.

    A bare `Evaluator` has no connection to lose and tells nobody of a change: for it there is no thread, and
    the only event is the SDK's own READY.
    """

    def __init__(self, provider: AndonProvider, stale_after: float) -> None:
        """Take whose flags are watched, and for how many seconds the server may be away."""
        self._provider = weakref.proxy(provider)
        self._flags: Any = provider.flags
        self._stale_after = stale_after
        self._awake, self._stopped = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._is_listening = False
        self._told = _READY
        #: When it was made: how old a set is at least that nobody ever confirmed, by the monotonic clock.
        self._since = time.monotonic()

    @property
    def _has_state(self) -> bool:
        return hasattr(self._flags, "status")

    def start(self, patience: float) -> bool:
        """Begin to watch; return whether there are flags, after at most `patience` seconds."""
        if not self._has_state:
            return True
        if self._state() == _ERROR:
            self._flags.wait_ready(patience)
        self._told = _ERROR if self._state() == _ERROR else _READY
        if not self._is_listening:
            self._is_listening = True
            self._flags.on_change(self.changed)
            self._flags.on_status(self.wake)
        self._run()
        return self._told == _READY

    def stop(self) -> None:
        """Stop watching; nothing is told any more."""
        thread, self._thread = self._thread, None
        self._stopped.set()
        self._awake.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(5.0)

    def wake(self, _: Any = None) -> None:
        """Have the thread look now."""
        self._awake.set()

    def changed(self, keys: frozenset[str]) -> None:
        """Tell that flags have changed."""
        if self._thread is not None:
            details = ProviderEventDetails(flags_changed=sorted(keys))
            self._emit(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, details)
            self.wake()

    def problem(self) -> str:
        """Return what the client says is wrong; "" when nothing is."""
        return str(getattr(self._flags.status(), "problem", "") or "") if self._has_state else ""

    def look(self) -> None:
        """Tell when the provider's state is another than what was told last."""
        state = self._state()
        if state != self._told:
            self._told = state
            code = ErrorCode.PROVIDER_NOT_READY if state == _ERROR else None
            told = None if state == _READY else self.problem() or "the flag server is not reached"
            self._emit(_EVENTS[state], ProviderEventDetails(message=told, error_code=code))

    def renew(self) -> None:
        """Watch on in a forked process, which has no thread of its parent's."""
        self._awake, self._stopped = threading.Event(), threading.Event()
        if self._thread is not None:
            self._run()

    def _run(self) -> None:
        self._stopped.clear()
        self._thread = threading.Thread(target=self._loop, name="andon-openfeature", daemon=True)
        _watches.add(self)
        self._thread.start()

    def _loop(self) -> None:
        pause = min(LOOK, self._stale_after / 4)
        me = threading.current_thread()
        if self._told == _ERROR:  # the SDK says so when `initialize` is left: READY must come after that
            self._stopped.wait(min(pause, AFTER_ERROR))
        while True:
            self._awake.wait(pause)
            self._awake.clear()
            if self._thread is not me:
                return
            self.look()

    def _state(self) -> str:
        status = self._flags.status()
        if status.source == "nothing":
            return _ERROR
        age = time.monotonic() - self._since if status.age is None else status.age
        return _STALE if not status.connected and age > self._stale_after else _READY

    def _emit(self, event: ProviderEvent, details: ProviderEventDetails) -> None:
        try:
            self._provider.emit(event, details)
        except ReferenceError:  # the provider is gone
            self._thread = None


_watches: weakref.WeakSet[Watch] = weakref.WeakSet()


def _after_fork() -> None:
    for watch in tuple(_watches):
        watch.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
