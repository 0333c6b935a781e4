"""The set of flags in force in this process: what changes it, and who is told. No socket and no file."""

from __future__ import annotations

import threading

from andon.flags.following import changed_keys
from andon.flags.quiet import Quiet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.flags.evaluator import Evaluator
    from andon.flags.following import Change, Document


class InForce:
    """An evaluator, with what a program wants to know about the set that it evaluates."""

    def __init__(self, evaluator: Evaluator) -> None:
        """Start with what the evaluator holds."""
        self.evaluator = evaluator
        #: What the thread of the flags holds while it works.
        self.quiet = Quiet()
        #: `stream`, `file`, `last-good`, or `nothing` when every caller gets its default.
        self.source = "nothing"
        #: Set as soon as the set comes from where it should come from.
        self.is_ready = threading.Event()
        #: Exceptions of callbacks; they are counted, never raised.
        self.callback_errors = 0
        self._on_change: tuple[Callable[[frozenset[str]], object], ...] = ()
        self._on_state: tuple[Callable[[], object], ...] = ()

    def listen(self, callback: Callable[[frozenset[str]], object]) -> None:
        """Have `callback` called with the keys of flags that have changed."""
        self._on_change += (callback,)

    def listen_to_state(self, callback: Callable[[], object]) -> None:
        """Have `callback` called when the connection comes, goes, or has another problem."""
        self._on_state += (callback,)

    def load(self, document: Document, version: int, source: str) -> None:
        """Put a set in force with which a program starts."""
        self.evaluator.replace(document, version)
        self.source = source

    def apply(self, old: Document, change: Change, source: str) -> frozenset[str]:
        """Put a change in force; return the keys of the flags that it changes."""
        if change.flags is None:
            self.evaluator.replace(change.document, change.version)
            keys = changed_keys(old, change.document) if self._on_change else frozenset()
        else:
            self.evaluator.patch(change.flags, change.removed, change.version)
            keys = frozenset((*change.flags, *change.removed))
        self.source = source
        return keys

    def tell(self, keys: frozenset[str]) -> None:
        """Call who wants to know of changed flags."""
        if keys:
            for callback in self._on_change:
                self._call(callback, keys)

    def tell_state(self) -> None:
        """Call who wants to know of the connection."""
        for callback in self._on_state:
            self._call(callback)

    def _call(self, callback: Callable[..., object], *arguments: object) -> None:
        try:
            self.quiet.during(callback, *arguments)  # it may wait for a thread that forks
        except Exception:  # noqa: BLE001  # a program's callback must not end the stream
            self.callback_errors += 1

    def renew(self) -> None:
        """Replace, in a forked process, the locks that a thread of the parent may hold."""
        self.quiet = Quiet()
        was_ready = self.is_ready.is_set()
        self.is_ready = threading.Event()
        if was_ready:
            self.is_ready.set()
