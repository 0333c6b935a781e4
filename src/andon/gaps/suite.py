"""Running the team's own suite against a world: what is asked of each kind of suite, and what it answers."""

from __future__ import annotations

from typing import Protocol

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.beliefs import Exchange
    from andon.gaps.experiment import Conditions, Picture


class TestRan(Record):
    """How one test went."""

    #: As the suite's own runner takes it.
    id: str
    title: str
    #: `passed`, `failed`, `skipped`, `unclear`.
    outcome: str
    #: What it said: redacted, without terminal sequences.
    message: str = ""
    #: True when it failed only because it did not wait long enough.
    is_impatient: bool = False
    seconds: float = 0.0


class SuiteRan(Record):
    """How a run of the suite went."""

    tests: tuple[TestRan, ...] = ()
    #: Why it says nothing: it could not be started, ran out of time, left no report.
    problem: str = ""
    #: Requests as the browsers saw them, with latency: for the waterfall and the manipulation check.
    exchanges: tuple[Exchange, ...] = ()
    pictures: tuple[Picture, ...] = ()
    #: Seconds from navigation to the first byte of the fastest document; 0 when no browser was there.
    fastest_document: float = 0.0
    seconds: float = 0.0
    #: What cannot be done to this suite, as a remark: conditions that it could not be given.
    not_applied: tuple[str, ...] = ()
    #: Why not all that it wrote was read; "" when it was.
    unread: str = ""


class Suite(Protocol):
    """A suite that can be run against any address, under conditions."""

    flavour: str

    def run(
        self, url: str, tests: Sequence[str], conditions: Conditions, *, patience: float, home: str
    ) -> SuiteRan:
        """Run these tests (all for none) against the application at `url`; never raises.

        `patience` is in seconds for the whole run; what it writes goes below `home`. Nothing of the
        repository is changed, and no process is left.
        """

    def cannot(self) -> str:
        """Return why it cannot be run here, with the way out; "" when it can."""
