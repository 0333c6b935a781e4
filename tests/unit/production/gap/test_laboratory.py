"""A replay: the world is built in order, the failing way is gone, flips are checked, all is taken down."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from andon.errors import Unavailable
from andon.gaps import suite as ran
from andon.gaps.beliefs import Beliefs, Exchange
from andon.gaps.experiment import Part, Setting
from andon.gaps.failure import Failure
from andon.gaps.words import Kind, Showed
from andon.production.gap.laboratory import RealLaboratory
from andon.production.gap.way import FailingWay
from tests.fakes.gap_world import FakeApp, FakeDimension, FakeSuite, failing

FAILURE = Failure(path="/invoices/7", status=500, text="KeyError: 'STORE_TZ'")
ZONE = Part(kind=Kind.ENVIRONMENT, place=("STORE_TZ",))
USERS = Part(kind=Kind.SCALE, place=("users",), amount=4, least=1)

Answer = Callable[[dict[str, str], str], tuple[int, str]]


def needs_zone(variables: dict[str, str], path: str) -> tuple[int, str]:
    """Fail as production does when the variable is production's."""
    return (500, "'STORE_TZ'") if "STORE_TZ" in variables else (200, "an invoice")


class Bench:
    """A laboratory on fakes."""

    def __init__(
        self,
        place: Path,
        answer: Answer = needs_zone,
        *,
        failure: Failure = FAILURE,
        sends: Failure | None = None,
        suite: FakeSuite | None = None,
        seconds: float = 60,
    ) -> None:
        self.dimensions = [
            FakeDimension(kind, *(("STORE_TZ",) if kind is Kind.ENVIRONMENT else ())) for kind in Kind
        ]
        self.started = 0
        self.fails_to_start = ""
        self.ends = ""
        self.home = place
        self._answer = answer
        #: The rounds of crowds that were asked for.
        self.crowds: list[int] = []
        self.laboratory = RealLaboratory(
            self.dimensions,
            FailingWay(
                failure, suite, (), (), self.crowd, lambda text: text.replace("hunter2", "[redacted]"), sends
            ),
            self.start,
            failure=failure,
            beliefs=Beliefs(),
            suite=suite,
            place=str(place),
            deadline=time.monotonic() + seconds,
            redact=lambda text: text.replace("hunter2", "[redacted]"),
        )

    def crowd(
        self,
        url: str,
        requests: Sequence[Exchange],
        users: int,
        rounds: int,
        patience: float,
        *,
        first: int = 1,
        over: threading.Event | None = None,
    ) -> tuple[Exchange, ...]:
        self.crowds.append(first)
        return tuple(
            Exchange(method=r.method, path=r.path, status=500, answer="KeyError: 'STORE_TZ'")
            for r in requests
            for _ in range(users * rounds)
        )

    @contextlib.contextmanager
    def start(self, setting: Setting) -> Iterator[FakeApp]:
        if self.fails_to_start:
            raise Unavailable(self.fails_to_start)
        with FakeApp(setting.variables, self._answer) as app:
            self.started += 1
            app.has_ended = self.ends
            yield app

    def is_clean(self) -> bool:
        return all(not d.open for d in self.dimensions) and not list(self.home.iterdir())


def test_the_control_passes_as_often_as_it_is_gone(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    replay = bench.laboratory.replay((), times=5)
    assert (replay.showed, replay.runs, replay.reproduced) == (Showed.PASSED, 5, 0)
    assert bench.is_clean()


def test_a_flip_shows_productions_failure_by_status_and_log(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    replay = bench.laboratory.replay((ZONE,), times=3)
    assert (replay.showed, replay.runs, replay.reproduced) == (Showed.REPRODUCED, 3, 3)
    assert replay.seen is not None and replay.seen.is_replay
    assert replay.held[0].holds and replay.requests == 3


def test_the_request_goes_out_with_its_secrets_and_nothing_keeps_them(tmp_path: Path) -> None:
    got: list[str] = []

    def answer(_variables: dict[str, str], path: str) -> tuple[int, str]:
        got.append(path)
        return 500, f"KeyError: 'STORE_TZ' for {path}"

    failure = Failure(path="/invoices/7?key=[redacted]", status=500, text="KeyError: 'STORE_TZ'")
    sends = Failure(path="/invoices/7?key=hunter2", status=500, text="KeyError: 'STORE_TZ'")
    replay = Bench(tmp_path, answer, failure=failure, sends=sends).laboratory.replay((), times=2)
    assert replay.reproduced == 2
    assert got and all(path.endswith("key=hunter2") for path in got)
    assert replay.seen is not None and "hunter2" not in repr(replay.seen)  # exchanges: the front redacts them


def test_another_failure_is_another_failure(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda v, _: (503, "no") if "STORE_TZ" in v else (200, ""))
    bench.laboratory.replay((), times=2)
    assert bench.laboratory.replay((ZONE,), times=1).showed is Showed.OTHER


def test_a_row_that_is_not_there_is_no_failure(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda v, _: (404, "no such invoice"))
    bench.laboratory.replay((), times=2)
    assert bench.laboratory.replay((ZONE,), times=1).showed is Showed.PASSED


@pytest.mark.parametrize("holds", [False, None])
def test_a_pass_proves_nothing_when_the_flip_did_not_take_hold(tmp_path: Path, holds: bool | None) -> None:
    bench = Bench(tmp_path, lambda v, _: (200, ""))
    bench.dimensions[0]._holds = holds
    replay = bench.laboratory.replay((ZONE,), times=1)
    assert replay.showed is Showed.NOT_APPLIED
    assert "as it was asked" in replay.told


@pytest.mark.parametrize("holds", [True, None])
def test_an_application_that_ended_meanwhile_is_told_once_with_what_it_said(
    tmp_path: Path, holds: bool | None
) -> None:
    bench = Bench(tmp_path, lambda v, _: (200, ""))
    bench.dimensions[0]._holds = holds
    bench.ends = "the application ended with exit code 3 during the run; it said last: hunter2 is wrong"
    replay = bench.laboratory.replay((ZONE,), times=1)
    assert replay.told.count("ended with exit code 3") == 1
    assert "[redacted] is wrong" in replay.held[0].told and "hunter2" not in repr(replay)


def test_what_cannot_be_prepared_was_not_run_and_nothing_is_left(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.dimensions[2].refuses = "the recording is broken: password hunter2"
    replay = bench.laboratory.replay((ZONE,), times=1)
    assert (replay.showed, bench.started) == (Showed.NOT_RUN, 0)
    assert "recording is broken" in replay.told and "hunter2" not in replay.told
    assert bench.is_clean()


def test_an_application_that_does_not_start_may_be_the_failure_itself(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.fails_to_start = "python3: it ended with exit code 1; it said: KeyError: 'STORE_TZ'"
    assert bench.laboratory.replay((ZONE,), times=1).showed is Showed.REPRODUCED
    assert bench.laboratory.replay((), times=1).showed is Showed.NOT_RUN
    bench.fails_to_start = "python3: no such file"
    assert bench.laboratory.replay((ZONE,), times=1).showed is Showed.NOT_RUN


def test_what_only_the_tests_show_is_asked_of_the_tests(tmp_path: Path) -> None:
    suite = FakeSuite(failing("expected Total: 10, got Total: NaN"))
    bench = Bench(tmp_path, lambda v, _: (200, ""), failure=Failure(text="Total: NaN"), suite=suite)
    replay = bench.laboratory.replay((ZONE,), times=3)
    assert (replay.showed, replay.runs, replay.reproduced) == (Showed.REPRODUCED, 3, 3)
    assert replay.seen is not None and replay.seen.test == "test_shop.py::test_buy"
    bench.laboratory.replay((ZONE, USERS), times=3)
    assert suite.asked[-1].times == 1  # it fails each time; once is enough


def test_the_tests_are_left_out_once_the_request_alone_shows_it(tmp_path: Path) -> None:
    suite = FakeSuite(failing(""))
    bench = Bench(tmp_path, suite=suite)
    bench.laboratory.replay((), times=3)
    control = len(suite.asked)
    assert control == 2 and suite.asked[0].times + suite.asked[1].times == 3
    assert bench.laboratory.replay((ZONE,), times=3).showed is Showed.REPRODUCED
    assert bench.laboratory.replay((Part(kind=Kind.DATA, place=("x",)),), times=3).showed is Showed.PASSED
    assert len(suite.asked) == control


def test_many_go_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda v, _: (200, ""), failure=Failure(path="/invoices/7", status=500))
    replay = bench.laboratory.replay((USERS,), times=2)
    assert replay.showed is Showed.REPRODUCED and replay.reproduced <= replay.runs


def test_no_world_is_built_when_the_time_is_over(tmp_path: Path) -> None:
    bench = Bench(tmp_path, seconds=0)
    assert bench.laboratory.replay((ZONE,)).showed is Showed.NOT_RUN
    assert not bench.started


def test_what_runs_at_the_end_of_the_time_is_stopped(tmp_path: Path) -> None:
    def hangs(variables: dict[str, str], path: str) -> tuple[int, str]:
        time.sleep(30)
        return 200, ""

    bench = Bench(tmp_path, hangs, seconds=1.5)
    began = time.monotonic()
    replay = bench.laboratory.replay((ZONE,), times=3)
    assert time.monotonic() - began < 25
    assert replay.showed in (Showed.NOT_RUN, Showed.OTHER)
    assert bench.is_clean()


def test_ctrl_c_takes_everything_down(tmp_path: Path) -> None:
    def interrupt(variables: dict[str, str], path: str) -> tuple[int, str]:
        return 200, ""

    bench = Bench(tmp_path, interrupt)
    bench.laboratory._way.go = _interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        bench.laboratory.replay((ZONE,))
    assert bench.is_clean()


def _interrupted(*_args: object, **_words: object) -> object:
    raise KeyboardInterrupt


def test_kinds_are_looked_at_together_and_one_that_cannot_be_is_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.dimensions[1].refuses = "the database refuses: hunter2"
    seen = bench.laboratory.observe(tuple(Kind))
    assert [one.kind for one in seen] == list(Kind)
    assert seen[1].problems == ("the database refuses: [redacted]",)
    assert seen[0].looked
    assert [one.kind for one in bench.laboratory.observe((Kind.DATA,))] == [Kind.DATA]


def test_a_crowd_goes_the_way_that_the_tests_went_in_the_control(tmp_path: Path) -> None:
    bench = Bench(tmp_path, failure=Failure(path="/stock/1", status=500))
    asked = [
        Exchange(method="GET", path="/stock/1", resource="replay"),
        *[Exchange(method="POST", path="/buy", sent="{}")] * 30,
        Exchange(method="GET", path="/basket"),
    ]
    bench.laboratory._way.learn(asked)
    wanted = bench.laboratory._way._wanted()
    assert [(one.method, one.path) for one in wanted] == [
        ("POST", "/buy"),
        ("GET", "/basket"),
        ("GET", "/stock/1"),
    ]


def test_no_crowd_goes_where_one_request_shows_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.crowds.clear()
    replay = bench.laboratory.replay((ZONE, USERS), times=3)
    assert (replay.showed, replay.runs, bench.crowds) == (Showed.REPRODUCED, 1, [])


def test_a_crowd_goes_round_by_round_until_it_shows(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda v, _: (200, ""))
    replay = bench.laboratory.replay((USERS,), times=3)
    assert (replay.showed, replay.runs, replay.reproduced) == (Showed.REPRODUCED, 1, 1)
    assert bench.crowds == [1]


def test_the_rounds_of_a_crowd_do_not_add_up_to_a_larger_one(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda v, _: (200, ""), failure=Failure(path="/stock/1", status=418))
    bench.laboratory.replay((USERS,), times=3)
    assert bench.crowds == [1, 2, 3]
    (scale,) = (one for one in bench.dimensions if one.kind is Kind.SCALE)
    assert scale.ran.most_at_once == 4


def test_where_it_takes_a_crowd_the_tests_go_the_way_for_one(tmp_path: Path) -> None:
    """Or nothing but the failing request would be asked, and what else is on the way never be met."""
    suite = FakeSuite(
        lambda _: ran.SuiteRan(tests=(ran.TestRan(id="test_buy", title="buy", outcome="passed"),))
    )
    bench = Bench(tmp_path, lambda v, _: (200, ""), suite=suite)
    bench.laboratory._way.learn((Exchange(method="POST", path="/buy"),))
    assert bench.laboratory.replay((USERS,), times=3).showed is Showed.REPRODUCED
    assert bench.laboratory.replay((ZONE,), times=3).showed is Showed.PASSED
    assert [one.times for one in suite.asked] == [1]


def test_one_request_is_enough_where_each_showed_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert bench.laboratory.replay((ZONE,), times=3).runs == 3
    replay = bench.laboratory.replay((ZONE, Part(kind=Kind.DATA, place=("x",))), times=3)
    assert (replay.showed, replay.runs, replay.reproduced) == (Showed.REPRODUCED, 1, 1)
