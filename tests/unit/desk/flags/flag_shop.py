"""A shop whose new pricing is on for a quarter of everybody, and somebody who dies at a chosen moment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from andon.config.model import Config
from andon.desk.casefile import service_stream
from andon.desk.values import Appended
from andon.flags.overrides import ROLLOUT, Override
from andon.incident.events import Event, FlagActEnded, FlagActPlanned
from andon.incident.evolve import fold
from andon.incident.recorded import Batch
from andon.incident.state import Incident
from tests.fakes.desk import FakeDesk
from tests.fakes.flag_system import FakeFlagSystem
from tests.fakes.journal import FakeJournal
from tests.unit.desk.shop import shop

KEY = "new-pricing"
PRICING: dict[str, Any] = {
    "state": "ENABLED",
    "variants": {"on": True, "off": False},
    "defaultVariant": "off",
    "metadata": {"owner": "mina", "purpose": "the new prices", "kind": "release", "covers": "checkout"},
}
BANNER: dict[str, Any] = {
    "state": "ENABLED",
    "variants": {"red": "#f00", "blue": "#00f", "none": ""},
    "defaultVariant": "red",
}
QUARTER = Override(flag=KEY, layer=ROLLOUT, variant="on", percent=25.0, operation="R1")


class Died(BaseException):
    """The process is gone; nothing catches this."""


class Countdown:
    """Lets so many steps happen, then kills whoever takes the next one, before or after it took effect."""

    def __init__(self) -> None:
        self.left = -1
        self.after = False
        self.steps = 0

    def step(self, act: Any) -> Any:
        self.steps += 1
        dies = self.left == 0
        if self.left >= 0:
            self.left -= 1
        if dies and not self.after:
            raise Died
        done = act()
        if dies:
            raise Died
        return done


class DyingJournal(FakeJournal):
    """A journal whose writer may die."""

    def __init__(self, countdown: Countdown) -> None:
        super().__init__()
        self.countdown = countdown

    def append(self, stream: str, batch: Batch) -> Appended:
        def write() -> Appended:
            return FakeJournal.append(self, stream, batch)

        if not any(isinstance(event, (FlagActPlanned, FlagActEnded)) for event in batch.events):
            return write()
        done: Appended = self.countdown.step(write)
        return done


class DyingFlags(FakeFlagSystem):
    """A flag system whose caller may die."""

    def __init__(self, countdown: Countdown, flags: dict[str, Any]) -> None:
        super().__init__(flags)
        self.countdown = countdown

    def put(self, override: Override, /) -> str:
        done: str = self.countdown.step(lambda: FakeFlagSystem.put(self, override))
        return done

    def take(self, key: str, layer: str, operation: str, only: str = "", /) -> str:
        done: str = self.countdown.step(lambda: FakeFlagSystem.take(self, key, layer, operation, only))
        return done

    def confirmations(self, version: str, patience: float, tell: Any, /) -> Any:
        return self.countdown.step(lambda: FakeFlagSystem.confirmations(self, version, patience, tell))


def flagged(root: Path, **more: Any) -> FakeDesk:
    """Return the desk of the shop with its flags; new pricing is rolled out to a quarter."""
    countdown = Countdown()
    system = DyingFlags(countdown, {KEY: PRICING, "banner": BANNER})
    system.overrides[KEY, ROLLOUT] = QUARTER
    return shop(root, journal=DyingJournal(countdown), flag_system=system, **more)


def system_of(desk: FakeDesk) -> DyingFlags:
    """Return the flag system of a desk of this module."""
    system = desk.flag_system
    assert isinstance(system, DyingFlags)
    return system


def told(desk: FakeDesk, stream: str = "") -> list[Event]:
    """Return the events about flags in the service's stream, or in an incident's."""
    kinds = (FlagActPlanned, FlagActEnded)
    history = desk.history(stream or service_stream(desk))
    return [recorded.event for recorded in history if isinstance(recorded.event, kinds)]


def now(desk: FakeDesk, state: Incident) -> Incident:
    """Return the incident as it stands now."""
    return fold(desk.history(state.id))


def named(events: Sequence[Event]) -> list[str]:
    """Return the names of events."""
    return [type(event).__name__ for event in events]


def configured(**flag_system: Any) -> Config:
    """Return a configuration with a flag system."""
    from andon.config.model_production import FlagSystemConfig

    return Config(service="shop", flag_system=FlagSystemConfig(**flag_system))
