"""The values that cross the port of the flag systems."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from andon.flags.overrides import Override


class FlagSeen(Record):
    """A flag as a flag system has it."""

    key: str
    variants: tuple[str, ...] = ()
    #: What everybody gets without targeting; "" when the caller's default decides.
    default_variant: str = ""
    is_enabled: bool = True
    #: What everybody gets by a kill; "" when the flag does not say which variant is safe.
    safe_variant: str = ""
    #: The variant that a rollout spreads; "" when the flag does not say.
    on_variant: str = ""
    #: `release`, `experiment`, `ops`, `permission`, or "".
    purpose_kind: str = ""
    owner: str = ""
    purpose: str = ""
    #: ISO dates as they stand there.
    created: str = ""
    expires: str = ""
    ticket: str = ""
    #: What of production it switches, as the smoke tests call it.
    covers: str = ""
    kill: Override | None = None
    rollout: Override | None = None
    #: The definition in flagd's format, where the system has one; None for another.
    definition: dict[str, Any] | None = None
    #: In one line, what it does now: `on for 5 %`, `off for everybody`.
    state: str = ""


class Confirmed(Record):
    """Which processes have a version of the flags."""

    connected: int
    confirmed: int
    #: Names of the processes that kept silent.
    silent: tuple[str, ...] = ()
    #: From the acceptance to the last confirmation.
    milliseconds: float = 0.0
    slowest: str = ""
    #: False where the system cannot say who has what.
    can_confirm: bool = True
    detail: str = ""


class FlagHealth(Record):
    """How a flag system itself is."""

    #: In one line what it says of itself: its version, who is connected; "" when it says nothing.
    summary: str = ""
    #: What somebody should look at, each in one line.
    problems: tuple[str, ...] = ()


class FlagUsage(Record):
    """How often one variant of a flag was served."""

    key: str
    variant: str
    count: int
    #: When it was last served; None when that is not known.
    last_at: datetime | None = None
    #: Since when it is counted.
    since: datetime | None = None


class CanarySeen(Record):
    """Which version has which part of the traffic, as a deployer tells it."""

    #: The version that the rest has.
    stable: str
    #: The version that is being spread; the stable one when nothing is.
    version: str
    #: The part of the traffic that it is meant to have, in percent; 100 when it is the only one.
    percent: float
    #: True while it waits to be told to go on.
    is_waiting: bool = False
    #: True when it was taken out, by somebody or by the system's own analysis.
    is_aborted: bool = False
    #: In words.
    told: str = ""
