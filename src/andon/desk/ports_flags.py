"""What the flags need from outside: where they are seen and switched. For type checking only, as `ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.flags.values import Confirmed, FlagHealth, FlagSeen, FlagUsage
    from andon.flags.overrides import Override


class FlagSystem(Protocol):
    """A system of feature flags. Each act has an operation id: given again, it happens once.

    Every method raises Unavailable when the system cannot be reached or does not take it, NotFound for a flag
    that it does not have, Refused for what it cannot do at all.
    """

    #: `andon`, `file`, `unleash`, `launchdarkly`.
    kind: str
    #: Where it is, without a password, for people.
    address: str

    def flags(self) -> tuple[FlagSeen, ...]:
        """Return every flag as it stands now."""

    def find(self, key: str, /) -> FlagSeen:
        """Return one flag."""

    def put(self, override: Override, /) -> str:
        """Put an override above a flag's definition; return the version of the set that has it.

        An override of the same layer and flag is replaced: by a rollout's next stage, or another kill.
        """

    def take(self, key: str, layer: str, operation: str, only: str = "", /) -> str:
        """Take a layer away, so that the flag is exactly what it was below it; nothing there is no error.

        With `only`, it is taken when that operation put it there; raises Conflict when another one did, so
        that a kill which came meanwhile is not lost. Where the system cannot compare and change in one step,
        it is compared right before.
        """

    def confirmations(self, version: str, patience: float, tell: Callable[[str], None], /) -> Confirmed:
        """Wait up to `patience` seconds until every connected process has `version`; return who has."""

    def health(self) -> FlagHealth:
        """Return how the system itself is, for the doctor."""

    def usage(self) -> tuple[FlagUsage, ...]:
        """Return how often each variant was served, as far as the system knows; empty when it does not."""


class FlagSystemDesk(Protocol):
    """A desk from which feature flags are switched."""

    @property
    def flag_system(self) -> FlagSystem | None:
        """Where feature flags are switched, None when nothing is configured."""
