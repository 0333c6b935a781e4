"""A release spread by weight through the stages of a rollout: planned, watched, taken out, declared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from andon.config.model import Config
from andon.desk.canary import plan_canary
from andon.desk.casefile import open_incidents
from andon.desk.circumstances import touched
from andon.desk.deployments import read_ledger
from andon.desk.flags.rollout import Wishes, start_rollout, take_back_rollout
from andon.desk.flags.values import CanarySeen
from andon.errors import Refused, Unavailable
from andon.incident.rollout_state import Rollout
from andon.incident.words import Choice, Verdict
from andon.workflows.upcoming import upcoming
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import Killed, Remembered
from tests.fakes.production import FakeDeployer, FakeProbe
from tests.unit.desk.flags.rolled import now, work
from tests.unit.desk.shop import on_disk


class FakeCanary:
    """The port `Canary` in memory."""

    kind, name = "fake", "shop"

    def __init__(self) -> None:
        self.stable = self.version = "v1"
        self.percent = 100.0
        self.is_aborted = False
        self.acts: list[tuple[str, float]] = []

    def stages(self) -> tuple[float, ...]:
        return (5.0, 25.0, 100.0)

    def preflight(self, version: str) -> None:
        if version == self.stable:
            raise Refused("it runs")

    def standing(self) -> CanarySeen:
        return CanarySeen(
            stable=self.stable,
            version=self.version,
            percent=self.percent,
            is_aborted=self.is_aborted,
            told=f"{self.version} at {self.percent:g} %",
        )

    def spread(self, version: str, percent: float, operation: str, tell: Callable[[str], None]) -> str:
        if (self.version, self.percent) != (version, percent):
            self.acts.append(("spread", percent))
        self.version, self.percent = version, percent
        return self.standing().told

    def complete(self, version: str, operation: str) -> str:
        if self.stable != version:
            self.acts.append(("complete", 100.0))
        self.stable = version
        return "done"

    def withdraw(self, version: str, stable: str, operation: str) -> str:
        if not self.is_aborted:
            self.acts.append(("withdraw", self.percent))
        self.is_aborted, self.percent = True, 0.0
        return "out"


class Breaking(FakeProbe):
    """Fails while at least a quarter of the traffic has the new version."""

    def __init__(self, canary: FakeCanary, at: float) -> None:
        super().__init__("checkout", Verdict.PASSED, critical=True)
        self.canary, self.at = canary, at

    def run(self) -> Any:
        is_on = self.canary.version == "v2" and self.canary.percent >= self.at
        self.verdicts = [Verdict.FAILED if is_on else Verdict.PASSED]
        return super().run()


def desk_of(root: Path, breaks_at: float = 1000.0) -> tuple[FakeDesk, FakeCanary]:
    deployer = FakeDeployer(on_disk("v2", "v1"), running="v1")
    canary = FakeCanary()
    deployer.canary = canary  # type: ignore[attr-defined]
    probes = (Breaking(canary, breaks_at),)
    return FakeDesk(root, config=Config(service="shop"), deployer=deployer, probes=probes), canary


def begun(desk: FakeDesk, *stages: float) -> Rollout:
    return start_rollout(desk, plan_canary(desk, "v2", Wishes(stages=stages, every=10.0, watch=3.0)))


def test_to_the_end(tmp_path: Path) -> None:
    desk, canary = desk_of(tmp_path)
    rollout = begun(desk)
    work(desk, rollout)
    ended = now(desk, rollout).ended
    assert ended is not None and ended.how == "completed"
    assert canary.acts == [("spread", 5.0), ("spread", 25.0), ("spread", 100.0), ("complete", 100.0)]
    assert (canary.stable, upcoming(desk, with_messages=False)) == ("v2", ())


@pytest.mark.parametrize("moment", range(1, 32))
def test_a_failing_stage_is_taken_out_once(tmp_path: Path, moment: int) -> None:
    desk, canary = desk_of(tmp_path, breaks_at=25)
    rollout, memory = begun(desk), dict[str, Remembered]()
    for die_at in (moment, 0):
        try:
            work(desk, rollout, memory=memory, die_at=die_at)
        except Killed:
            continue
    assert canary.acts == [("spread", 5.0), ("spread", 25.0), ("withdraw", 25.0)]
    (incident,) = open_incidents(desk)
    assert incident.title == "canary v2 of shop taken out at 25 % of the traffic"
    changes = {(change.kind, change.what) for change in touched(desk, read_ledger(desk), incident)}
    assert changes == {("release", f"the rollout of the canary v2 of shop came to {p} %") for p in (5, 25)}
    assert incident.decision is not None and incident.decision.choice is Choice.WORKAROUND
    ended = now(desk, rollout).ended
    assert ended is not None and (ended.how, ended.incident) == ("killed", incident.id)
    assert [b.version for b in read_ledger(desk).blocks] == ["v2"], "it does not come back by itself"


def test_somebody_takes_it_out(tmp_path: Path) -> None:
    desk, canary = desk_of(tmp_path)
    rollout, done = begun(desk), list[bool]()

    def sleep(seconds: float) -> None:
        desk.clock.sleep(seconds)
        if not done:
            done.append(True)
            take_back_rollout(desk.another("ben"), now(desk, rollout))

    work(desk, rollout, sleep=sleep)
    assert canary.acts == [("spread", 5.0), ("withdraw", 5.0)]


def test_the_cluster_aborts_it(tmp_path: Path) -> None:
    desk, canary = desk_of(tmp_path)
    rollout = begun(desk)

    def sleep(seconds: float) -> None:
        desk.clock.sleep(seconds)
        canary.is_aborted = True

    work(desk, rollout, sleep=sleep)
    ended = now(desk, rollout).ended
    assert ended is not None and ended.how == "stopped" and "aborted in the cluster" in ended.reason


@pytest.mark.parametrize(("stages", "why"), [((10.0, 100.0), "waits at"), ((5.0, 25.0), "two versions")])
def test_stages_that_are_not_there(tmp_path: Path, stages: tuple[float, ...], why: str) -> None:
    desk, _ = desk_of(tmp_path)
    with pytest.raises(Refused, match=why):
        plan_canary(desk, "v2", Wishes(stages=stages, every=10.0))


def test_a_deployer_that_cannot(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, deployer=FakeDeployer(on_disk("v1"), running="v1"))
    with pytest.raises(Unavailable, match="part of the traffic"):
        plan_canary(desk, "v2", Wishes(stages=(), every=10.0))
