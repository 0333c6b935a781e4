"""What the logs and the counts of a stage say, against what they said before the rollout."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from andon.desk.casefile import open_incidents
from andon.desk.flags.values import FlagUsage
from andon.flags.overrides import ROLLOUT
from andon.incident.words import Impact, Severity, Verdict
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeLogSource, FakeProbe
from tests.unit.desk.flags.rolled import KEY, begun, now, rolling, work

#: Seconds between two usual messages: ten windows of a minute have enough to compare with.
PACE = 0.5
LOST = "ERROR TypeError: price is None"


def lines(desk: FakeDesk, begin: float, end: float, every: float, text: str) -> bytes:
    """Return a line every so many seconds, from and to so many seconds after now."""
    count = round((end - begin) / every)
    moments = [desk.clock.now() + timedelta(seconds=begin + every * n) for n in range(count)]
    return b"".join(f"{at:%Y-%m-%dT%H:%M:%S.%f}Z {text}\n".encode() for at in moments)


def logged(
    tmp_path: Path, *, pace: float = PACE, says: str = "", every: float = 10.0, hum: bool = True
) -> tuple[FakeDesk, FakeLogSource]:
    """A desk with a busy log; `says` is a further message since 5 % have the feature."""
    log = FakeLogSource("shop")
    desk = rolling(tmp_path, logs=(log,))
    log.content = lines(desk, -3600, 0, PACE, "INFO order taken")
    if not hum:
        log.content = lines(desk, -3600, 0, PACE, "INFO order taken") + lines(
            desk, -3600, 0, 2.0, "INFO heartbeat of the stock"
        )
        log.content = b"".join(sorted(log.content.splitlines(keepends=True)))
    log.pace, log.says, log.every = pace, says, every  # type: ignore[attr-defined]
    return desk, log


def go(desk: FakeDesk, log: FakeLogSource, *stages: float, **wishes: float) -> object:
    """Carry a rollout out while the log is written."""
    rollout = begun(desk, *(stages or (5.0, 100.0)), every=120.0, patience=60.0, **wishes)
    owed: list[float] = []

    def sleep(seconds: float) -> None:
        new = b""
        if log.pace:  # type: ignore[attr-defined]
            new = lines(desk, 0, seconds, log.pace, "INFO order taken")  # type: ignore[attr-defined]
        if log.says and (KEY, ROLLOUT) in desk.flag_system.overrides:  # type: ignore[attr-defined,union-attr]
            owed.append(seconds / log.every)  # type: ignore[attr-defined]
            number = int(sum(owed)) - int(sum(owed[:-1]))
            new += lines(desk, 0, seconds, seconds / number, log.says) if number else b""  # type: ignore[attr-defined]
        log.content += b"".join(sorted(new.splitlines(keepends=True)))
        desk.clock.sleep(seconds)

    work(desk, rollout, sleep=sleep)
    return now(desk, rollout)


def test_a_calm_log_passes(tmp_path: Path) -> None:
    desk, log = logged(tmp_path)
    found = go(desk, log)
    assert found.ended.how == "completed", found.stages[-1].judged  # type: ignore[attr-defined]
    assert "no errors" in found.stages[0].judged.summary  # type: ignore[attr-defined]


def test_a_new_error_kills_it_at_once(tmp_path: Path) -> None:
    desk, log = logged(tmp_path, says=LOST, every=1.0)
    before = desk.clock.now()
    found = go(desk, log)
    assert (found.ended.how, found.ended.percent) == ("killed", 5.0)  # type: ignore[attr-defined]
    assert desk.clock.now() - before < timedelta(seconds=20), "not at the end of the stage"
    (incident,) = open_incidents(desk)
    assert incident.severity is Severity.P2, "no critical path failed"
    assert [i.kind for i in incident.impacts] == [Impact.LOG]
    assert "price is None" in incident.impacts[0].summary


def test_an_error_that_was_always_there_does_not_count(tmp_path: Path) -> None:
    desk, log = logged(tmp_path, says=LOST, every=10.0)
    log.content = b"".join(
        sorted((log.content + lines(desk, -3600, 0, 10.0, LOST)).splitlines(keepends=True))
    )
    found = go(desk, log)
    assert found.ended.how == "completed"  # type: ignore[attr-defined]


def test_an_error_that_rose_kills_it(tmp_path: Path) -> None:
    desk, log = logged(tmp_path, says=LOST, every=0.5)
    log.content = b"".join(
        sorted((log.content + lines(desk, -3600, 0, 20.0, LOST)).splitlines(keepends=True))
    )
    found = go(desk, log)
    assert found.ended.how == "killed"  # type: ignore[attr-defined]
    assert "risen" in found.stages[0].judged.summary  # type: ignore[attr-defined]


def test_a_quiet_hour_is_not_good_news(tmp_path: Path) -> None:
    """Twelve messages, when one in twenty can be touched, show nothing."""
    desk, log = logged(tmp_path, pace=10.0)
    found = go(desk, log)
    assert found.is_held and found.percent == 5.0  # type: ignore[attr-defined]
    assert "not enough traffic" in found.stages[0].judged.summary  # type: ignore[attr-defined]


def test_a_usual_message_that_is_missing(tmp_path: Path) -> None:
    desk, log = logged(tmp_path, hum=False)
    found = go(desk, log)
    assert found.ended.how == "killed"  # type: ignore[attr-defined]
    assert "vanished" in found.stages[0].judged.summary  # type: ignore[attr-defined]


def test_at_a_hundred_percent_a_missing_message_may_be_the_old_way(tmp_path: Path) -> None:
    desk, log = logged(tmp_path, hum=False)
    found = go(desk, log, 100.0)
    assert found.is_held  # type: ignore[attr-defined]
    assert "usual is missing" in found.stages[0].judged.summary  # type: ignore[attr-defined]


@pytest.mark.parametrize(("served", "is_held"), [(True, False), (False, True), (None, False)])
def test_nobody_was_served(tmp_path: Path, served: bool | None, is_held: bool) -> None:
    desk = rolling(tmp_path, probes=(FakeProbe("checkout", Verdict.PASSED),))
    system = desk.flag_system
    assert system is not None
    early = desk.clock.now() - timedelta(hours=1)

    def usage() -> tuple[FlagUsage, ...]:
        if served is None:
            return ()
        last = desk.clock.now() if served else early
        return (
            FlagUsage(key=KEY, variant="on", count=3, last_at=last),
            FlagUsage(key=KEY, variant="off", count=60, last_at=desk.clock.now()),
        )

    system.usage = usage  # type: ignore[method-assign]
    rollout = begun(desk, 5.0, 100.0, every=30.0, patience=10.0)
    work(desk, rollout)
    assert now(desk, rollout).is_held is is_held
