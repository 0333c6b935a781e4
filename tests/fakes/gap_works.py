"""The port `GapWorks` on a laboratory whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from andon.gaps.beliefs import Beliefs
from andon.gaps.experiment import Load, Observed
from andon.gaps.failure import Failure
from andon.gaps.words import Kind


class FakeWorks:
    """Opens one laboratory; `laboratory` is whatever implements `gaps.experiment.Laboratory`."""

    def __init__(self, laboratory: Any = None, *observed: Observed) -> None:
        self.laboratory = laboratory
        self.observed = observed
        self.problem = ""
        self.build = ""
        self.opened = 0
        self.is_open = False
        #: What a load on the tests' own world comes to.
        self.load = Load()
        #: What happens when both worlds are looked at.
        self.looking: Callable[[], None] = lambda: None

    def suite_problem(self) -> str:
        return self.problem

    def other_build(self, consent: Callable[[str], bool]) -> str:
        return self.build

    @contextmanager
    def open(
        self,
        failure: Failure,
        beliefs: Beliefs,
        journey: Sequence[str],
        *,
        consent: Callable[[str], bool],
        deadline: float,
        command: Sequence[str] = (),
        sight: Failure | None = None,
    ) -> Iterator[Any]:
        self.opened += 1
        self.is_open = True
        works = self

        def observe(only: Sequence[Kind] = ()) -> tuple[Observed, ...]:
            works.looking()
            return tuple(one for one in works.observed if not only or one.kind in only)

        def load() -> Load:
            return works.load

        self.laboratory.observe = observe
        self.laboratory.load = load
        try:
            yield self.laboratory
        finally:
            self.is_open = False
