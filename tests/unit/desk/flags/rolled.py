"""A shop with a new feature to be rolled out, and the workers that do it, which may die at any moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from andon.config.model import Config
from andon.desk.casefile import service_stream
from andon.desk.flags.rollout import Wishes, plan_rollout, start_rollout
from andon.desk.flags.rollouts import rollout_of
from andon.flags.overrides import ROLLOUT
from andon.incident.codec import type_of
from andon.incident.rollout_state import Rollout
from andon.incident.words import Verdict
from andon.workflows.flag_rollouts import NAME, Stages, task_of
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import FakeEngine, Killed, Remembered
from tests.fakes.flag_system import FakeFlagSystem
from tests.fakes.production import FakeProbe

KEY = "new-pricing"
PRICING: dict[str, Any] = {
    "state": "ENABLED",
    "variants": {"on": True, "off": False},
    "defaultVariant": "off",
    "metadata": {"owner": "mina", "purpose": "the new prices", "kind": "release", "covers": "checkout"},
}
STAKEHOLDERS = {"P1": {"team": "fake://team"}, "P2": {"team": "fake://team"}}


class Breaking(FakeProbe):
    """Fails while at least so many percent have the feature."""

    def __init__(self, name: str, system: FakeFlagSystem, at: float, *, critical: bool = True) -> None:
        super().__init__(name, Verdict.PASSED, critical=critical)
        self.system, self.at = system, at

    def run(self) -> Any:
        above = self.system.overrides.get((KEY, ROLLOUT))
        kill = self.system.overrides.get((KEY, "kill"))
        is_on = above is not None and above.percent >= self.at and kill is None
        self.verdicts = [Verdict.FAILED if is_on else Verdict.PASSED]
        return super().run()


def rolling(root: Path, *, breaks_at: float = 1000.0, critical: bool = True, **more: Any) -> FakeDesk:
    """Return a desk with the flag; checkout breaks once so many percent have it."""
    system = FakeFlagSystem({KEY: PRICING})
    probe = Breaking("checkout", system, breaks_at, critical=critical)
    given = {"config": Config(service="shop"), "probes": (probe,), "told": STAKEHOLDERS, **more}
    return FakeDesk(root, flag_system=system, **given)


def begun(desk: FakeDesk, *stages: float, every: float = 600.0, **wishes: Any) -> Rollout:
    """Plan a rollout and record it."""
    wanted = Wishes(stages=stages or (5.0, 25.0, 100.0), every=every, **wishes)
    return start_rollout(desk, plan_rollout(desk, KEY, wanted))


def bodies(desk: FakeDesk, told: list[str] | None = None) -> dict[str, Any]:
    """Return the body, whose steps are done at copies of the desk."""

    @contextmanager
    def desks(actor: str) -> Iterator[FakeDesk]:
        yield desk.another(actor or "worker")

    def progress(_operation: str, line: str) -> None:
        if told is not None:
            told.append(line)

    return {NAME: Stages(desks, progress)}


def work(
    desk: FakeDesk,
    rollout: Rollout,
    *,
    memory: dict[str, Remembered] | None = None,
    die_at: int = 0,
    sleep: Callable[[float], None] | None = None,
) -> FakeEngine:
    """Let a worker carry it as far as it goes; time passes when it sleeps. Raises Killed."""
    engine = FakeEngine(
        bodies(desk), {} if memory is None else memory, die_at=die_at, sleep=sleep or desk.clock.sleep
    )
    engine.start(NAME, task_of(rollout), {"operation": rollout.id})
    return engine


def lives(desk: FakeDesk, rollout: Rollout, *moments: int) -> int:
    """Let workers die at these moments of their lives, one after the other, and the last one live."""
    memory: dict[str, Remembered] = {}
    deaths = 0
    for die_at in (*moments, 0):
        try:
            work(desk, rollout, memory=memory, die_at=die_at)
        except Killed:
            deaths += 1
    return deaths


def story(desk: FakeDesk) -> list[str]:
    """Return what the service's stream has of flags, by type."""
    kinds = [type_of(r.event) for r in desk.history(service_stream(desk))]
    return [k for k in kinds if k.startswith(("Rollout", "FlagAct"))]


def now(desk: FakeDesk, rollout: Rollout) -> Rollout:
    """Return the rollout as it stands."""
    return rollout_of(desk, rollout.id)
