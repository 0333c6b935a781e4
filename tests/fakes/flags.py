"""The client of a flag server without one: `Flags` whose connection a test holds in its hands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from andon.flags.evaluator import Evaluator
from andon.record import Record


class FakeStatus(Record):
    """What the real status says of a connection."""

    source: str = "nothing"
    version: int = 0
    age: float | None = None
    connected: bool = False
    problem: str = "the flag server has not answered yet"


class FakeFlags:
    """What `andon.flags.client.Flags` is to a program: the evaluator's methods, and a state."""

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        self.evaluator = Evaluator()
        for way in ("boolean", "string", "integer", "number", "object"):
            setattr(self, way, getattr(self.evaluator, way))
            setattr(self, f"{way}_details", getattr(self.evaluator, f"{way}_details"))
        self._status = FakeStatus()
        self._ready = threading.Event()
        self._on_change: list[Callable[[frozenset[str]], object]] = []
        self._on_status: list[Callable[[FakeStatus], object]] = []
        if document is not None:
            self.arrive(document)

    def arrive(self, document: Mapping[str, Any]) -> None:
        """Have a set arrive."""
        self.evaluator.replace(document)
        self._status = FakeStatus(source="stream", version=1, age=0.0, connected=True, problem="")
        self._ready.set()
        for tell in self._on_change:
            tell(frozenset(document.get("flags", {})))
        self._tell()

    def lose(self, after: float) -> None:
        """Have the server be away for so many seconds by now."""
        self._status = FakeStatus(source="stream", version=1, age=after, problem="the server is gone")
        self._tell()

    def _tell(self) -> None:
        for tell in self._on_status:
            tell(self._status)

    def status(self) -> FakeStatus:
        return self._status

    def wait_ready(self, seconds: float) -> bool:
        return self._ready.wait(seconds)

    def on_change(self, callback: Callable[[frozenset[str]], object]) -> None:
        self._on_change.append(callback)

    def on_status(self, callback: Callable[[FakeStatus], object]) -> None:
        self._on_status.append(callback)
