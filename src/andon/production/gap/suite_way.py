"""The failing way as the team's own tests go it: how often, which of them, and what their failing means.

What only a browser shows costs seconds each time, so only what tells something is run: once a run has shown
which tests meet production's failure, and that they do so each time, it is those, once.
"""

from __future__ import annotations

import time

from andon.gaps.failure import Seen, is_the_failure, normal
from andon.production.gap.beside import Beside
from andon.production.gap.suite_rounds import complete, only_first, rounds
from andon.production.gap.went import Went, both, cut
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.gaps.experiment import Conditions
    from andon.gaps.failure import Failure
    from andon.gaps.suite import Suite, SuiteRan, TestRan
    from andon.production.gap.beside import Work

#: Seconds in which the tests are repeated in the unchanged world: after them no round is begun. Thirty rounds
#: of Playwright Test, which has a worker and a browser of its own for each, need 42 s of a processor.
_CONTROL_PATIENCE = 60.0
#: The same where each round is a start of the whole command.
_SEPARATE_PATIENCE = 40.0
#: The same where the request itself can be repeated, which tells more in less time.
_LESS_PATIENCE = 8.0
#: Seconds in which a runner has surely begun and a first round ended; with less, that round is run by itself.
_SURE = 30.0
#: The part of the time that is left which the unchanged world may take, at most: one in so many.
_SHARE = 5
#: Seconds one run of the suite may take, when there is time; one that repeats its tests as much more as that.
_RUN = 120.0
#: Characters of the log's end in which the failure's text is looked for.
_LOGGED = 1 << 16


class Trip(Record):
    """A world that the tests go to, and under which conditions."""

    url: str
    #: Returns what the application logged after a place in its log, and where the log ends.
    log: Callable[[int], tuple[str, int]]
    conditions: Conditions
    #: The moment by which it must be over.
    deadline: float
    #: A directory for what the suite writes.
    home: str

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.deadline - time.monotonic()


class SuiteWay:
    """How the tests go the failing way, and what was learnt about that."""

    def __init__(
        self, failure: Failure, suite: Suite, journey: Sequence[str], redact: Callable[[str], str]
    ) -> None:
        """Take the failure, and the tests that go there."""
        self._failure = failure
        self._suite = suite
        self._journey = tuple(journey)
        self._redact = redact
        #: Whether single tests can be run, and fail without the others as they do with them.
        self._can_choose = suite.flavour != "junit"
        #: Whether one start of the command goes through the tests as often as wanted.
        self._repeats = self._can_choose
        #: The tests that were seen to show the failure; () while nobody knows.
        self._showing: tuple[str, ...] = ()
        #: True until they went to a world in which something is as in production.
        self._is_new = True
        #: Whether they show it each time; then one run is enough.
        self._is_steady = False

    def go(self, trip: Trip, times: int, beside: Work | None) -> Went:
        """Run the tests where something is as in production: `times` times, or once if they are steady."""
        if trip.left < 1:
            return Went(problem="no time was left for the tests")
        if self._is_steady:
            times = 1
        # Of several tests, those that show it are found out first: the others need not be repeated.
        if self._is_new and times > 1 and self._can_choose and len(self._journey) != 1:
            went = self._run(trip, 1, beside)
            went = went if went.problem else self._again(trip, went, times - 1, beside)
        else:
            went = self._run(trip, max(times, 1), beside)
        self._is_new = False
        if went.reproduced and times > 1:
            self._is_steady = went.reproduced == went.runs
        return went

    def _again(self, trip: Trip, first: Went, times: int, beside: Work | None) -> Went:
        """Repeat a run: only the tests that showed the failure, if they still do so without the others."""
        rest = self._run(trip, times, beside, is_patient=not first.reproduced)
        if first.reproduced and self._showing and not rest.reproduced:
            self._showing, self._can_choose = (), False  # they need the others before them
            rest = self._run(trip, times, beside)
        return both(first, rest)

    def control(self, trip: Trip, times: int, beside: Work | None, *, is_short: bool) -> Went:
        """Repeat the tests where nothing was changed, as often as time allows: in one run where that can be.

        A failure in the very first round alone may be a machine that was cold: then they are repeated again,
        and it counts only if it shows again.
        """
        enough = _LESS_PATIENCE if is_short else _CONTROL_PATIENCE if self._repeats else _SEPARATE_PATIENCE
        enough = min(enough, trip.left / _SHARE)
        if self._repeats and times > 1 and enough >= _SURE:
            went = self._run(trip, times, beside, enough=enough)
            if not went.problem:
                went = self._warm(trip, went, times, enough, beside) if went.is_first_only else went
                return _told_how_often(went, times)
        first = self._run(trip, 1, beside)
        if first.problem:
            first = self._run(trip, 1, beside)
        if first.problem or times < 2 or enough < 1:
            return first
        return _told_how_often(self._warm(trip, first, times - 1, enough, beside), times)

    def _warm(self, trip: Trip, first: Went, times: int, enough: float, beside: Work | None) -> Went:
        """Repeat what was run before; a failure that shows in its very first round alone is not counted."""
        rest = self._run(trip, times, beside, enough=min(enough, trip.left / _SHARE))
        if rest.problem:
            return replace(first, remarks=(*first.remarks, f"the tests were not repeated: {rest.problem}"))
        if first.reproduced and not rest.reproduced:
            return replace(rest, remarks=(*rest.remarks, "the very first run was slow and is not counted"))
        return both(first, rest)

    def _run(
        self,
        trip: Trip,
        times: int,
        beside: Work | None,
        *,
        enough: float = 0.0,
        is_patient: bool = True,
    ) -> Went:
        place = trip.log(-1)[1]
        is_patient = is_patient and not self._is_steady
        asked = replace(trip.conditions, times=times, enough=enough, is_patient=is_patient)
        patience = max(min(trip.left, _RUN + enough), 1.0)
        with Beside(beside, patience) as company:
            ran = self._suite.run(
                trip.url, self._showing or self._journey, asked, patience=patience, home=trip.home
            )
        if ran.problem and not ran.tests:
            return Went(problem=ran.problem, pictures=ran.pictures, exchanges=ran.exchanges[:200])
        if enough or ran.problem:
            times = min(times, complete(ran.tests))
        went = self._judged(ran, trip.log(place)[0], max(times, 1))
        return replace(went, remarks=(*went.remarks, company.problem)) if company.problem else went

    # ---- what it means

    def _judged(self, ran: SuiteRan, logged: str, times: int) -> Went:
        failed = [test for test in ran.tests if test.outcome == "failed"]
        seen = [self._of_test(test) for test in failed]
        matching = [one for one in seen if is_the_failure(self._failure, one)]
        if not self._showing and self._can_choose:
            self._showing = tuple(
                dict.fromkeys(t.id for s, t in zip(seen, failed, strict=True) if t.id and s in matching)
            )
        hits = matching + self._answers(ran, logged)
        if not hits and seen and self._failure.text and normal(self._failure.text) in normal(logged):
            hits = seen  # the tests failed, and the application's log says what production's said
        impatient = {test.id or test.title for test in failed if test.is_impatient}
        wrong = [
            s
            for s, t in zip(seen, failed, strict=True)
            if (t.id or t.title) not in impatient and s not in hits
        ]
        told = [*ran.not_applied, *(one for one in (ran.unread, ran.problem) if one)]
        if impatient:
            told.append("some tests failed only because they did not wait long enough")
        return Went(
            runs=times,
            reproduced=min(max(rounds(failed), 1), times) if hits else 0,
            is_first_only=bool(hits) and times > 1 and only_first(ran.tests),
            failure=cut(hits[0]) if hits else None,
            other=cut((wrong or seen)[0]) if seen and not hits else None,
            exchanges=ran.exchanges[:200],
            pictures=ran.pictures[:6],
            fastest_document=ran.fastest_document,
            requests=len(ran.exchanges),
            remarks=tuple(told),
        )

    def _of_test(self, test: TestRan) -> Seen:
        return Seen(test=test.id or test.title, text=self._redact(test.message), seconds=test.seconds)

    def _answers(self, ran: SuiteRan, logged: str) -> list[Seen]:
        """Return what a browser was answered that is production's failure."""
        if not self._failure.path:
            return []
        answers = (
            Seen(
                method=one.method,
                path=one.path,
                status=one.status,
                text=self._redact(f"{one.answer}\n{logged[-_LOGGED:]}"),
                seconds=one.seconds,
            )
            for one in ran.exchanges
            if not one.is_mocked
        )
        return [one for one in answers if is_the_failure(self._failure, one)]


def _told_how_often(went: Went, times: int) -> Went:
    """Return what was seen, with a remark where that were fewer rounds than asked for."""
    told = f"the tests were run {went.runs} times only, to save time"
    return went if went.runs >= times else replace(went, remarks=(*went.remarks, told))
