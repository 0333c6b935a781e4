"""What the search for the gap needs from outside. For type checking only, as `ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from andon.gaps.experiment import Laboratory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from andon.gaps.beliefs import Beliefs
    from andon.gaps.experiment import Load, Observed
    from andon.gaps.failure import Failure
    from andon.gaps.suite import Suite
    from andon.gaps.words import Kind

    #: May this host be asked?
    Consent = Callable[[str], bool]


class GapLaboratory(Laboratory, Protocol):
    """Both worlds, to look at and to experiment with."""

    #: The team's suite; None when none is configured.
    suite: Suite | None

    def observe(self, only: Sequence[Kind] = ()) -> tuple[Observed, ...]:
        """Look at both worlds, all kinds at once (or those named); never raises."""

    def load(self) -> Load:
        """Send a bounded load to the tests' own world; return what it came to, nothing where none is sent."""


class GapWorks(Protocol):
    """What builds laboratories out of what is configured."""

    def suite_problem(self) -> str:
        """Return why the suite cannot be run here, with the way out; "" when it can. Starts nothing."""

    def other_build(self, consent: Consent) -> str:
        """Return how production's build differs from the tested one; "" when it does not, or is not known."""

    def tests_have(self, kind: Kind, place: Sequence[str], production: str, *, in_number: bool) -> str | None:
        """Return what the tests' world alone has at a place, in the words of `production`; never raises.

        A number when `in_number`. None when it cannot be told from one world alone.
        """

    def open(
        self,
        failure: Failure,
        beliefs: Beliefs,
        journey: Sequence[str],
        *,
        consent: Consent,
        deadline: float,
        command: Sequence[str] = (),
        sight: Failure | None = None,
        sends: Failure | None = None,
    ) -> AbstractContextManager[GapLaboratory]:
        """Make a laboratory that starts nothing before it is used and leaves nothing behind.

        A `command` with `{report}` in it is run in place of the team's suite. Worlds are built for `failure`;
        a replay is judged by `sight` where that is given. `sends` is the failing request with the secrets
        that it needs, which nothing keeps.

        `deadline` is a moment of the monotonic clock at which whatever runs is stopped. What a search that
        was killed left on this machine is removed first. Raises Unavailable.
        """


class GapDesk(Protocol):
    """A desk that can build both worlds of a search for the gap."""

    @property
    def gap_works(self) -> GapWorks:
        """What builds the two worlds of a search for the gap between tests and production."""
