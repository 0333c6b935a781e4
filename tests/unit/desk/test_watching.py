"""The logs after a rollback, against what the journal and the log itself know from before."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from andon.config.model_production import KnownErrorConfig
from andon.desk.assess import run_assessment
from andon.desk.recording import record
from andon.desk.rollback import plan_rollback
from andon.desk.values import LogExcerpt
from andon.desk.verify import run_verification
from andon.desk.watching import case_of, watch_logs
from andon.incident import commands as c
from andon.incident.events import VerificationRan
from andon.incident.words import Verdict
from andon.record import replace
from andon.response.kinds import ALGORITHM
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import execute
from tests.fakes.production import FakeLogSource, FakeProbe
from tests.unit.desk.shop import ago, decided, declared, shop

PASSED, FAILED, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN
LOST = "ERROR TypeError: price is None"


class ClockedLog(FakeLogSource):
    """A log that says when it was written to last."""

    touched_at: datetime

    def tail(self, since: object, limit: int) -> LogExcerpt:
        found = super().tail(None, limit)
        return type(found)(name=found.name, content=found.content, touched_at=self.touched_at)


def lines(desk: FakeDesk, begin: float, end: float, every: float, text: str) -> list[tuple[float, bytes]]:
    """Return a line every so many seconds, from and to so many seconds before now."""
    count = round((begin - end) / every)
    moments = [begin - every * number for number in range(count)]
    return [(-s, f"{ago(desk, s / 60):%Y-%m-%dT%H:%M:%S.%f}Z {text}\n".encode()) for s in moments]


def log(*parts: list[tuple[float, bytes]]) -> bytes:
    """Return the lines of all parts in order."""
    return b"".join(line for _, line in sorted((line for part in parts for line in part), key=lambda p: p[0]))


def watched(
    tmp_path: Path,
    *after: tuple[float, str],
    before: tuple[tuple[float, str], ...] = (),
    traffic: float = 0.5,
    verdicts: tuple[Verdict, ...] = (FAILED, PASSED),
    known_errors: tuple[KnownErrorConfig, ...] = (),
) -> VerificationRan:
    """Break a shop ten minutes ago, roll back, and verify thirty seconds later.

    `after` and `before`: further messages since the change and before the break, as (seconds between, text).
    """
    desk = shop(tmp_path, probes=(FakeProbe("checkout", list(verdicts), critical=True),))
    desk.config = replace(desk.config, known_errors=known_errors)
    usual = lines(desk, 7200, 0, 2, "INFO order taken")
    old = [lines(desk, 7200, 545, every, text) for every, text in before]
    source = FakeLogSource("shop", log(usual, *old, lines(desk, 540, 0, 4, LOST)))
    desk.logs = (source,)
    state = decided(desk)
    assert [f.sign for f in state.assessment.broken if f.source == "log"]  # type: ignore[union-attr]
    state = execute(desk, state, plan_rollback(desk, state, "")).incident
    desk.clock.moment += timedelta(seconds=30)
    added = [lines(desk, 29, 0, every, text) for every, text in after]
    source.content += log(lines(desk, 29, 0, traffic, "INFO order taken"), *added)
    return run_verification(desk, state, watch=0.0, tell=lambda _: None).verification


@pytest.mark.parametrize(
    ("after", "before", "verdict", "said"),
    [
        ((), (), PASSED, "no errors"),
        (((10, LOST),), (), FAILED, "shop still shows TypeError: price is None (still there: 3 now, "),
        (((10, "ERROR mail lost"),), (), FAILED, "mail lost (new and severe: 3 now, 0 before"),
        (((20, "ERROR mail lost"),), (), PASSED, ""),
        (((25, "FATAL out of memory"),), (), FAILED, "out of memory (new and severe: 1 now"),
        (((9, "ERROR mail late"),), ((60, "ERROR mail late"),), PASSED, ""),
        (((2, "ERROR mail late"),), ((60, "ERROR mail late"),), FAILED, "mail late (risen: "),
        ((), ((0.5, "INFO stock counted"),), UNKNOWN, "stock counted (vanished: 0 now, "),
    ],
    ids=["gone", "still", "new", "rare", "crash", "as-before", "risen", "vanished"],
)  # fmt: skip
def test_what_the_log_says_decides(
    tmp_path: Path,
    after: tuple[tuple[float, str], ...],
    before: tuple[tuple[float, str], ...],
    verdict: Verdict,
    said: str,
) -> None:
    found = watched(tmp_path, *after, before=before)
    assert (found.verdict, found.logs) == (verdict, verdict), found.logs_summary
    assert said in found.logs_summary


@pytest.mark.parametrize(("every", "verdict"), [(10, UNKNOWN), (2, PASSED)])
def test_silence_proves_nothing_before_three_over_the_share_of_the_errors(
    tmp_path: Path, every: float, verdict: Verdict
) -> None:
    found = watched(tmp_path, traffic=every)
    assert found.verdict is verdict, found.logs_summary
    assert ("10 are needed: not enough traffic" in found.logs_summary) is (verdict is UNKNOWN)


class FillingLog(FakeLogSource):
    """A log in which customers come back: half a minute after the change it is as busy as ever."""

    desk: FakeDesk
    busy_from: datetime

    def tail(self, since: object, limit: int) -> LogExcerpt:
        begin = (self.desk.clock.now() - self.busy_from).total_seconds()
        back = lines(self.desk, begin, 0, 0.2, "INFO order taken") if begin > 0 else []
        found = super().tail(None, limit)
        return type(found)(name=found.name, content=found.content + log(back))


@pytest.mark.parametrize(("watch", "verdict"), [(0.0, UNKNOWN), (300.0, PASSED)])
def test_customers_who_come_back_late_are_waited_for(tmp_path: Path, watch: float, verdict: Verdict) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", [FAILED, PASSED], critical=True),))
    usual = lines(desk, 3600, 0, 0.2, "INFO order taken")
    source = FillingLog("shop", log(usual, lines(desk, 540, 0, 0.4, LOST)))
    source.desk, source.busy_from = desk, desk.clock.now() + timedelta(seconds=40)
    desk.logs = (source,)
    state = decided(desk)
    state = execute(desk, state, plan_rollback(desk, state, "")).incident
    desk.clock.moment += timedelta(seconds=30)
    source.content += log(lines(desk, 29, 0, 1, "INFO order taken"))
    found = run_verification(desk, state, watch=watch, tell=lambda _: None).verification
    assert found.logs is verdict, found.logs_summary
    assert ("are usual: not enough traffic" in found.logs_summary) is (verdict is UNKNOWN)


def test_a_smoke_test_that_fails_while_the_logs_are_watched_has_failed(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", [FAILED, PASSED, PASSED, FAILED], critical=True),))
    desk.logs = (FakeLogSource("shop", b""),)
    state = decided(desk)
    state = execute(desk, state, plan_rollback(desk, state, "")).incident
    assert run_verification(desk, state, watch=9.0, tell=lambda _: None).verification.verdict is FAILED


def test_an_error_that_an_earlier_incident_ended_is_back_from_the_first(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", [FAILED], critical=True),))
    source = FakeLogSource("shop", log(lines(desk, 60, 0, 10, "ERROR pot lost")))
    desk.logs = (source,)
    state = run_assessment(desk, declared(desk)).incident
    for command in (c.SignItem(item="failure-resolved", reason="the page is back"), c.Mitigate(by="luck")):
        state = record(desk, state, command)
    desk.clock.moment += timedelta(minutes=30)
    desk.probes = (FakeProbe("checkout", [FAILED, PASSED], critical=True),)
    source.content += log(lines(desk, 1000, 0, 2, "INFO order taken"), lines(desk, 240, 0, 4, LOST))
    state = decided(desk)
    state = execute(desk, state, plan_rollback(desk, state, "")).incident
    desk.clock.moment += timedelta(seconds=30)
    source.content += log(
        lines(desk, 29, 0, 0.5, "INFO order taken"), lines(desk, 25, 0, 25, "ERROR pot lost")
    )
    found = run_verification(desk, state, watch=0.0, tell=lambda _: None).verification
    assert found.logs is FAILED
    assert "pot lost (back: 1 now, 0 before" in found.logs_summary


@pytest.mark.parametrize(("grouping", "verdict"), [(0, FAILED), (ALGORITHM, FAILED), (ALGORITHM - 1, PASSED)])
def test_an_error_that_must_not_come_back_fails_from_the_first(
    tmp_path: Path, grouping: int, verdict: Verdict
) -> None:
    known = (KnownErrorConfig(signature="pot lost", grouping=grouping),)
    found = watched(tmp_path, (25, "ERROR pot lost"), known_errors=known)
    assert found.logs is verdict, found.logs_summary
    assert ("pot lost (back: 1 now, 0 before" in found.logs_summary) is (verdict is FAILED)


@pytest.mark.parametrize(
    ("ahead", "said"),
    [(0, ""), (300, "its clock is 300 s ahead of ours"), (-300, "its newest time is 30")],
)
def test_a_log_whose_clock_is_wrong_is_not_believed_blindly(tmp_path: Path, ahead: float, said: str) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", [FAILED, PASSED], critical=True),))
    state = decided(desk)
    state = execute(desk, state, plan_rollback(desk, state, "")).incident
    desk.clock.moment += timedelta(seconds=30)
    source = ClockedLog(
        "shop",
        log(lines(desk, 200 - ahead, 31 - ahead, 2, LOST), lines(desk, 29 - ahead, -ahead, 0.5, "INFO ok")),
    )
    source.touched_at = desk.clock.now()  # type: ignore[attr-defined]
    desk.logs = (source,)
    found = run_verification(desk, state, watch=0.0, tell=lambda _: None).verification
    assert said in found.logs_summary
    assert found.verdict is (UNKNOWN if ahead < 0 else PASSED), found.logs_summary


@pytest.mark.parametrize(
    ("good", "bad", "verdict"),
    [
        (7200, 0, FAILED),  # the clock of those who are well is ahead
        (0, 7200, UNKNOWN),  # that of those who are not is behind: their errors look old
        (0, 0, FAILED),
    ],
)
def test_clocks_that_differ_hide_no_error(tmp_path: Path, good: float, bad: float, verdict: Verdict) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", [FAILED, PASSED], critical=True),))
    before = log(lines(desk, 7200, 540, 2, "INFO order taken"), lines(desk, 540, 0, 4, LOST))
    desk.logs = (FakeLogSource("shop", before),)
    state = decided(desk)
    state = execute(desk, state, plan_rollback(desk, state, "")).incident
    desk.clock.moment += timedelta(seconds=30)
    well = log(lines(desk, 29 - good, -good, 0.5, "INFO order taken")).splitlines(keepends=True)
    ill = log(lines(desk, 29 + bad, bad, 0.5, LOST)).splitlines(keepends=True)
    source = ClockedLog(
        "shop", before + b"".join(part for pair in zip(well, ill, strict=True) for part in pair)
    )
    source.touched_at = desk.clock.now()  # type: ignore[attr-defined]
    desk.logs = (source,)
    found = run_verification(desk, state, watch=0.0, tell=lambda _: None).verification
    assert found.verdict is verdict, found.logs_summary
    assert verdict is FAILED or "clocks that differ" in found.logs_summary


def test_a_log_that_was_taken_away_proves_nothing(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", [FAILED, PASSED], critical=True),))
    desk.logs = (
        FakeLogSource(
            "shop", log(lines(desk, 7200, 540, 2, "INFO order taken"), lines(desk, 540, 0, 4, LOST))
        ),
    )
    state = decided(desk)
    state = execute(desk, state, plan_rollback(desk, state, "")).incident
    desk.logs = ()
    found = run_verification(desk, state, watch=0.0, tell=lambda _: None).verification
    assert found.verdict is UNKNOWN
    assert "shop could not be read: it had the errors of this incident" in found.logs_summary


def test_a_line_that_speaks_of_the_future_hides_no_error(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", [FAILED, PASSED], critical=True),))
    before = log(lines(desk, 7200, 540, 2, "INFO order taken"), lines(desk, 540, 0, 4, LOST))
    desk.logs = (FakeLogSource("shop", before),)
    state = decided(desk)
    state = execute(desk, state, plan_rollback(desk, state, "")).incident
    desk.clock.moment += timedelta(seconds=30)
    source = ClockedLog(
        "shop", before + b"valid until 2031-01-01 00:00:00\n" + log(lines(desk, 29, 0, 0.5, LOST))
    )
    source.touched_at = desk.clock.now()  # type: ignore[attr-defined]
    desk.logs = (source,)
    found = run_verification(desk, state, watch=0.0, tell=lambda _: None).verification
    assert found.verdict is FAILED, found.logs_summary


def test_errors_that_were_grouped_in_an_older_way_are_not_compared(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", [FAILED, PASSED], critical=True),))
    source = FakeLogSource(
        "shop", log(lines(desk, 7200, 0, 2, "INFO order taken"), lines(desk, 540, 0, 4, LOST))
    )
    desk.logs = (source,)
    state = decided(desk)
    assert state.assessment is not None
    older = tuple(replace(found, algorithm=1) for found in state.assessment.broken)
    state = replace(state, assessment=replace(state.assessment, broken=older))
    desk.clock.moment += timedelta(seconds=30)
    case = case_of(desk, state, desk.clock.now() - timedelta(seconds=29), ())
    assert (case.originals, case.is_outdated) == (frozenset(), True)
    source.content += log(lines(desk, 29, 0, 0.5, "INFO order taken"))
    (view,) = watch_logs(desk, case, 0.0, lambda _: None, lambda: True)
    assert not view.old_signatures and "run `andon assess` again" in view.doubts[-1]


def test_the_evidence_names_each_flag_with_its_counts(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", [FAILED, PASSED], critical=True),))
    source = FakeLogSource("shop", log(lines(desk, 7200, 0, 2, "INFO order taken")))
    desk.logs = (source,)
    state = decided(desk)
    state = execute(desk, state, plan_rollback(desk, state, "")).incident
    desk.clock.moment += timedelta(seconds=30)
    source.content += log(
        lines(desk, 29, 0, 0.5, "INFO order taken"), lines(desk, 28, 0, 7, "ERROR mail lost")
    )
    found = run_verification(desk, state, watch=0.0, tell=lambda _: None).verification
    assert found.evidence is not None
    told = desk.evidence.get(found.evidence).content.decode()
    assert "mail lost (new and severe: 4 now, 0 before, at most 0 at once)" in told
    assert "shop: 62 messages, 4 severe" in told
