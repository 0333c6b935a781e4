"""What a rollout of a release needs from a deployer that divides traffic. For type checking only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.flags.values import CanarySeen


class Canary(Protocol):
    """Gives a version to a part of the traffic, stage by stage, and waits at each until it is told to go on.

    Every method raises Unavailable when the system cannot be asked or does not do it in its time.
    """

    #: The deployer's kind, and the workload, for people.
    kind: str
    name: str

    def stages(self) -> tuple[float, ...]:
        """Return the percentages at which it waits, rising, 100 last; raises Refused if it would not wait."""

    def preflight(self, version: str, /) -> None:
        """Raise Refused, with the way out, when `version` cannot be begun now; InvalidInput."""

    def standing(self) -> CanarySeen:
        """Return which version has which part now."""

    def spread(self, version: str, percent: float, operation: str, tell: Callable[[str], None], /) -> str:
        """Bring `version` to a stage, wait until it is there, and return how it is in words.

        At it, or beyond it, nothing is done. Raises Refused when the system aborted it.
        """

    def complete(self, version: str, operation: str, /) -> str:
        """Make `version`, at its last stage, the only one; nothing is done when it is. Returns words."""

    def withdraw(self, version: str, stable: str, operation: str, /) -> str:
        """Give everybody `stable` instead of `version`, as fast as the system can; return how, in words."""
