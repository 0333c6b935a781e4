"""The tests go the failing way: all of the journey at first, later only those that show the failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from andon.errors import Refused
from andon.gaps import suite
from andon.gaps.experiment import Conditions
from andon.gaps.failure import Failure
from andon.gaps.suite import SuiteRan
from andon.production.gap.suite_way import SuiteWay, Trip
from andon.record import replace

JOURNEY = ("shop.py::test_list", "shop.py::test_buy")
BROKEN = "the basket is empty"


class Team:
    """A suite whose tests fail where `fails(test, tests of this run)` says so."""

    flavour = "pytest"

    def __init__(
        self,
        fails: Callable[[str, tuple[str, ...]], bool],
        late: str = "",
        most: int = 99,
        rounds: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        """`rounds`: the runs, from one, and their rounds, from zero, in which it fails; None for all."""
        self._fails = fails
        self._in = rounds
        self._late = late
        self._most = most
        self.runs: list[tuple[tuple[str, ...], Conditions]] = []

    def run(
        self, url: str, tests: Sequence[str], conditions: Conditions, *, patience: float, home: str
    ) -> SuiteRan:
        self.runs.append((tuple(tests), conditions))
        times = min(conditions.times, self._most) if conditions.enough else conditions.times
        if not times:
            return SuiteRan(problem="no test ran")
        return SuiteRan(tests=tuple(self._ran(t, tuple(tests), n) for t in tests for n in range(times)))

    def _ran(self, test: str, tests: tuple[str, ...], number: int) -> suite.TestRan:
        fails = self._fails(test, tests) and (self._in is None or (len(self.runs), number) in self._in)
        return suite.TestRan(
            id=test,
            title=test,
            outcome="failed" if fails or test == self._late else "passed",
            message=BROKEN if fails else "it took too long",
            is_impatient=test == self._late and number == 0,
        )

    def cannot(self) -> str:
        return ""


def way(team: Team) -> SuiteWay:
    return SuiteWay(Failure(text=BROKEN), team, JOURNEY, lambda text: text)


def trip(place: Path) -> Trip:
    return Trip(
        url="http://127.0.0.1:1",
        log=lambda place: ("", 0),
        conditions=Conditions(),
        deadline=time.monotonic() + 600,
        home=str(place),
    )


def buying(test: str, tests: tuple[str, ...]) -> bool:
    return test == JOURNEY[1]


def test_only_what_showed_the_failure_is_run_again_and_once_it_is_steady(tmp_path: Path) -> None:
    team = Team(buying)
    tests = way(team)
    first, second = tests.go(trip(tmp_path), 3, None), tests.go(trip(tmp_path), 3, None)
    assert (first.runs, first.reproduced, second.runs, second.reproduced) == (3, 3, 1, 1)
    assert [(asked, c.times, c.is_patient) for asked, c in team.runs] == [
        (JOURNEY, 1, True),
        (JOURNEY[1:], 2, False),
        (JOURNEY[1:], 1, False),
    ]


def test_a_test_that_fails_only_after_another_is_never_run_without_it(tmp_path: Path) -> None:
    team = Team(lambda test, tests: test == JOURNEY[1] and tests == JOURNEY)
    tests = way(team)
    assert tests.go(trip(tmp_path), 3, None).reproduced == 3
    tests.go(trip(tmp_path), 3, None)
    assert team.runs[-1][0] == JOURNEY


def test_where_nothing_shows_the_whole_journey_is_gone_as_often_as_asked(tmp_path: Path) -> None:
    team = Team(lambda *_: False)
    tests = way(team)
    found = [tests.go(trip(tmp_path), 3, None) for _ in range(2)]
    assert [(one.runs, one.reproduced) for one in found] == [(3, 0), (3, 0)]
    assert all(asked == JOURNEY for asked, _ in team.runs)


def test_what_a_run_wrote_and_nobody_read_is_told(tmp_path: Path) -> None:
    class Talkative(Team):
        def run(self, *given: Any, **more: Any) -> SuiteRan:
            return replace(super().run(*given, **more), unread="more than 10 bytes were written down")

    found = way(Talkative(lambda *_: False)).go(trip(tmp_path), 1, None)
    assert found.remarks == ("more than 10 bytes were written down",)


def test_what_is_impatient_in_its_first_round_is_so_in_all(tmp_path: Path) -> None:
    found = way(Team(lambda *_: False, late=JOURNEY[0])).go(trip(tmp_path), 3, None)
    assert found.other is not None and "too long" in found.other.text
    assert any("did not wait long enough" in told for told in found.remarks)


def test_the_unchanged_world_is_gone_through_thirty_times(tmp_path: Path) -> None:
    team = Team(lambda *_: False)
    found = way(team).control(trip(tmp_path), 30, None, is_short=False)
    assert (found.runs, found.reproduced, found.remarks) == (30, 0, ())
    assert [asked.times for _, asked in team.runs] == [30]  # one start


def test_what_fails_once_in_thirty_rounds_is_told_with_the_number(tmp_path: Path) -> None:
    team = Team(buying, rounds=[(1, 17)])
    found = way(team).control(trip(tmp_path), 30, None, is_short=False)
    assert (found.runs, found.reproduced) == (30, 1)
    assert found.failure is not None and len(team.runs) == 1


def test_what_fails_in_the_very_first_round_alone_is_repeated_and_counts_if_it_shows_again(
    tmp_path: Path,
) -> None:
    cold, wavering = Team(buying, rounds=[(1, 0)]), Team(buying, rounds=[(1, 0), (2, 8)])
    found = way(cold).control(trip(tmp_path), 30, None, is_short=False)
    assert (found.runs, found.reproduced) == (30, 0) and "first run was slow" in found.remarks[0]
    found = way(wavering).control(trip(tmp_path), 30, None, is_short=False)
    assert (found.runs, found.reproduced) == (60, 2)


def test_where_the_request_can_be_repeated_the_tests_have_a_round_of_their_own_first(tmp_path: Path) -> None:
    team = Team(lambda *_: False)
    assert way(team).control(trip(tmp_path), 30, None, is_short=True).runs == 30
    assert [(asked.times, asked.enough) for _, asked in team.runs] == [(1, 0.0), (29, 8.0)]


def test_a_command_that_cannot_repeat_its_tests_is_started_again_and_again_for_less_long(
    tmp_path: Path,
) -> None:
    team = Team(lambda *_: False)
    team.flavour = "junit"
    assert way(team).control(trip(tmp_path), 30, None, is_short=False).runs == 30
    assert [(asked.times, asked.enough) for _, asked in team.runs] == [(1, 0.0), (29, 40.0)]


def test_where_no_round_ends_in_time_there_is_one_that_takes_as_long_as_it_takes(tmp_path: Path) -> None:
    team = Team(lambda *_: False, most=0)
    found = way(team).control(trip(tmp_path), 30, None, is_short=False)
    assert found.runs == 1 and "1 times only" in found.remarks[-1]
    assert "not repeated: no test ran" in found.remarks[0]


def test_a_single_test_needs_no_run_of_its_own_before_it_is_repeated(tmp_path: Path) -> None:
    team = Team(buying)
    tests = SuiteWay(Failure(text=BROKEN), team, JOURNEY[1:], lambda text: text)
    assert (tests.go(trip(tmp_path), 3, None).reproduced, len(team.runs)) == (3, 1)
    assert tests.go(trip(tmp_path), 3, None).runs == 1


def test_where_time_does_not_allow_thirty_times_it_is_told_how_many_there_were(tmp_path: Path) -> None:
    team = Team(lambda *_: False, most=11)
    found = way(team).control(trip(tmp_path), 30, None, is_short=False)
    assert found.runs == 11 and "11 times only" in found.remarks[0]
    assert 0 < team.runs[-1][1].enough <= 60


def test_a_crowd_is_beside_the_tests_for_as_long_as_they_run(tmp_path: Path) -> None:
    began, ended = threading.Event(), threading.Event()

    def beside(patience: float, over: threading.Event) -> None:
        began.set()
        assert over.wait(patience)
        ended.set()

    def fails(*_: object) -> bool:
        assert began.wait(60)
        return ended.is_set()

    assert way(Team(fails)).go(trip(tmp_path), 1, beside).reproduced == 0
    assert ended.is_set()


def test_tests_that_nobody_was_beside_say_so(tmp_path: Path) -> None:
    def beside(patience: float, over: threading.Event) -> None:
        raise Refused("these are used up", rule="load-bounds", remedy="search again")

    found = way(Team(lambda *_: False)).go(trip(tmp_path), 1, beside)
    assert found.remarks == ("nobody went beside the tests: these are used up",)
