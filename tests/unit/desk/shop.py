"""A shop in memory whose newest release is broken, and the steps with which its tests begin."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from andon.config.model import Config
from andon.config.model_production import DeployConfig
from andon.desk.assess import run_assessment
from andon.desk.decide import decide_on, recommendation
from andon.desk.declare import declare
from andon.desk.deployments import judge, record_deployment
from andon.desk.recording import record
from andon.desk.values import ReleaseOnDisk
from andon.incident.commands import Acknowledge
from andon.incident.policy import People
from andon.incident.state import Incident
from andon.incident.words import Choice, ReleaseVerdict, Severity, Verdict
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeDeployer, FakeLogSource, FakeProbe, FakeRepository

#: Commit, subject, changed files, tags; oldest first.
COMMITS = (
    ("a" * 40, "first", ("shop/cart.py",), ("v1",)),
    ("b" * 40, "second", ("shop/cart.py",), ("v2",)),
    ("c" * 40, "third", ("shop/cart.py", "shop/price.py"), ("v3",)),
)
SCHEMA_CHANGE = (*COMMITS[:2], ("c" * 40, "third", ("migrations/0002_price.sql",), ("v3",)))
STAKEHOLDERS = {"P0": {"boss": "fake://boss"}, "P1": {"team": "fake://team"}}


class Killed(BaseException):
    """The process died here."""


class DyingDeployer(FakeDeployer):
    """Dies in the middle of a deployment, before or after it took effect."""

    takes_effect = False

    def deploy(self, version: str, operation: str) -> Any:
        self.deployed.append((version, operation))
        if self.takes_effect:
            self.live = version
        raise Killed


def on_disk(*versions: str) -> tuple[ReleaseOnDisk, ...]:
    """Releases that the deployer has, without dates."""
    return tuple(ReleaseOnDisk(version=v) for v in versions)


def shop(root: Path, **changes: Any) -> FakeDesk:
    """Return a desk where v1 and v2 were judged good and v3 was deployed ten minutes ago."""
    given: dict[str, Any] = {
        "deployer": FakeDeployer(on_disk("v3", "v2", "v1"), running="v3"),
        "probes": (FakeProbe("checkout", Verdict.FAILED, critical=True),),
        "repository": FakeRepository(str(root), COMMITS),
        "config": Config(service="shop", deploy=DeployConfig(kind="symlink", root="/srv", settle=2.0)),
        "people": People(on_call=("ann", "bob")),
        "told": STAKEHOLDERS,
    }
    desk = FakeDesk(root, **{**given, **changes})
    for version, minutes, good in (("v1", 9000, True), ("v2", 5000, True), ("v3", 10, False)):
        record_deployment(desk, version, deployed_at=ago(desk, minutes), source="symlink")
        if good:
            judge(desk, version, ReleaseVerdict.GOOD, "watched")
    return desk


def ago(desk: FakeDesk, minutes: float) -> datetime:
    """So many minutes before now."""
    return desk.clock.now() - timedelta(minutes=minutes)


def log_line(desk: FakeDesk, minutes: float, text: str) -> bytes:
    """A line that a log has at some minutes before now."""
    return f"{ago(desk, minutes):%Y-%m-%dT%H:%M:%S.%f}Z {text}\n".encode()


def declared(
    desk: FakeDesk, severity: Severity = Severity.P1, title: str = "checkout answers 500"
) -> Incident:
    """Pull the cord."""
    return declare(desk, title=title, severity=severity).incident


def decided(desk: FakeDesk, choice: Choice = Choice.ROLLBACK) -> Incident:
    """Go the way to a decision."""
    state = record(desk, declared(desk), Acknowledge())
    state = run_assessment(desk, state).incident
    return decide_on(desk, state, recommendation(desk, state), choice, "as the tests need it")


__all__ = ["FakeLogSource", "FakeProbe"]
