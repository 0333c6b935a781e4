"""The failing way, gone in one world: the request itself, many at once, and the tests that go there.

The request is cheap, so it comes first. The tests are run as well until it is known that the request alone
shows the failure; what only a browser shows, only the tests decide.
"""

from __future__ import annotations

import threading
import time

from andon.gaps.experiment import Conditions
from andon.gaps.failure import Seen, is_the_failure
from andon.gaps.scale.overlap import most_at_once
from andon.gaps.suite import SuiteRan
from andon.production.gap.sending import PACE, Sender
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from andon.gaps.beliefs import Exchange
    from andon.gaps.experiment import Picture
    from andon.gaps.failure import Failure
    from andon.gaps.suite import Suite, TestRan

    class Crowd(Protocol):
        """Lets many go a way at once."""

        def __call__(
            self,
            url: str,
            requests: Sequence[Exchange],
            users: int,
            rounds: int,
            patience: float,
            *,
            first: int = 1,
        ) -> Sequence[Exchange]:
            """Return what each of them got in these rounds, of which the first has this number."""


#: From this status on an answer is a failure of the application.
_BROKEN = 500
#: Seconds that the tests may take to be repeated in the unchanged world.
_CONTROL_PATIENCE = 20.0
#: The same where the request itself can be repeated, which tells more in less time.
_LESS_PATIENCE = 8.0
#: Requests of the journey that a crowd repeats.
_MOST_STEPS = 20
#: Rounds of a crowd in the unchanged world.
_ROUNDS = 3
#: Seconds one run of the suite may take, when there is time.
_RUN = 120.0
_SHOWN = 4000


class Went(Record):
    """What going the failing way showed."""

    runs: int = 0
    reproduced: int = 0
    #: The first sight of production's failure, and of another one.
    failure: Seen | None = None
    other: Seen | None = None
    exchanges: tuple[Exchange, ...] = ()
    pictures: tuple[Picture, ...] = ()
    fastest_document: float = 0.0
    #: Requests of a crowd that were under way at once, at most.
    most_at_once: int = 0
    requests: int = 0
    remarks: tuple[str, ...] = ()
    #: Why nothing could be seen at all.
    problem: str = ""


class FailingWay:
    """How the failing way is gone, and what was learnt about that on the way."""

    def __init__(
        self,
        failure: Failure,
        suite: Suite | None,
        journey: Sequence[str],
        requests: Sequence[Exchange],
        crowd: Crowd,
        redact: Callable[[str], str],
    ) -> None:
        """Take the failure, the tests that go there, and what they ask for on the way."""
        self._failure = failure
        self._suite = suite
        self._journey = tuple(journey)
        self._requests = tuple(requests)
        self._crowd = crowd
        self._redact = redact
        #: The status that the failing request has in the tests' own world; None before it was asked there.
        self._usual: int | None = None
        #: Whether the request alone shows the failure; None while nobody knows.
        self._by_request: bool | None = None
        #: Whether it needs many at once on the whole way to show; None while nobody knows.
        self._by_crowd: bool | None = None
        #: Whether one request showed it each time; then one that shows it is enough.
        self._is_certain = False
        #: Whether the tests show it each time; then one run is enough.
        self._is_steady = False
        #: Seconds that the last run of the suite took, and of these the tests once.
        self._run_seconds = 0.0
        self._test_seconds = 0.0

    def learn(self, exchanges: Sequence[Exchange]) -> None:
        """Take what the application was asked while its tests ran, where the artefacts tell nothing of that.

        A crowd goes that way; the requests are those of the first time the tests went through.
        """
        if self._requests:
            return
        seen: list[Exchange] = []
        known: set[tuple[str, str, str]] = set()
        for one in exchanges:
            name = (one.method, one.path, one.sent)
            if one.resource == "replay" or name in known or len(seen) >= _MOST_STEPS:
                continue
            known.add(name)
            seen.append(one)
        self._requests = tuple(seen)

    def go(
        self,
        url: str,
        log: Callable[[int], tuple[str, int]],
        conditions: Conditions,
        times: int,
        deadline: float,
        home: str,
        *,
        is_control: bool,
    ) -> Went:
        """Go it `times` times against the application at `url`, not beyond the deadline."""
        went = Went()
        if self._failure.can_be_sent and self._by_request is not False:
            went = self._send(url, log, conditions, times, deadline, is_control=is_control)
            if went.reproduced and self._by_request is None and not is_control:
                self._by_request = True
        if went.reproduced or (self._by_request and not is_control and not self._is_lonely(conditions)):
            return went
        if self._by_request and not is_control:
            times = 1  # the tests go the whole way, as the crowd did
        if self._suite is None or (why := self._suite.cannot()):
            told = "" if self._suite is None else why
            if went.runs:
                return (
                    went
                    if not told
                    else replace(went, remarks=(*went.remarks, f"the suite was not run: {told}"))
                )
            return replace(went, problem=told or "there is no suite, and no request that could be sent")
        return self._joined(
            went, self._test(url, log, conditions, times, deadline, home, is_control=is_control)
        )

    def _is_lonely(self, conditions: Conditions) -> bool:
        """True where nobody goes the whole way, and it takes many on the whole way to see the failure."""
        return bool(self._by_crowd and conditions.users <= 1 and self._requests)

    # ---- the request

    def _send(
        self,
        url: str,
        log: Callable[[int], tuple[str, int]],
        conditions: Conditions,
        times: int,
        deadline: float,
        *,
        is_control: bool,
    ) -> Went:
        sender = Sender(failure=self._failure, log=log, redact=self._redact)
        if conditions.users > 1 and not is_control:
            return self._send_among_many(sender, url, log, conditions.users, times, deadline)
        seen: list[Seen] = []
        crowded: Sequence[Exchange] = ()
        if conditions.users > 1:
            crowded, seen = self._crowded(url, log, conditions.users, min(max(times, 1), _ROUNDS), deadline)
        sent = 0
        for number in range(max(times, 1)):
            if time.monotonic() >= deadline:
                break
            if number:
                time.sleep(PACE)
            seen.append(sender.send(url, deadline))
            sent += 1
            if self._is_certain and not is_control and is_the_failure(self._failure, seen[-1]):
                break
        if sent > 1 and not is_control:
            self._is_certain = self._is_certain or all(is_the_failure(self._failure, one) for one in seen)
        if is_control and seen and self._usual is None:
            self._usual = seen[-1].status
        return self._judged(
            seen,
            max(sent, 1 if crowded else 0),
            exchanges=tuple(crowded)[:200],
            most_at_once=most_at_once(crowded),
        )

    def _send_among_many(
        self,
        sender: Sender,
        url: str,
        log: Callable[[int], tuple[str, int]],
        users: int,
        times: int,
        deadline: float,
    ) -> Went:
        """Send it once, which may be enough; else round by round with a crowd, until the failure shows."""
        first = sender.send(url, deadline)
        if is_the_failure(self._failure, first):
            self._by_crowd = self._by_crowd or False
            return self._judged([first], 1)
        seen, rounds = [first], 0
        crowded: list[Exchange] = []
        # What one request alone was seen to show is hardly hidden from a crowd.
        wanted = 1 if self._by_crowd is False else max(times, 1)
        while rounds < wanted and time.monotonic() < deadline:
            rounds += 1
            found, met = self._crowded(url, log, users, 1, deadline, first=rounds)
            crowded += found
            seen += [*met, sender.send(url, deadline)]
            if any(is_the_failure(self._failure, one) for one in seen):
                self._by_crowd = True
                break
        went = self._judged(seen, rounds, exchanges=tuple(crowded)[:200], most_at_once=most_at_once(crowded))
        return replace(went, reproduced=min(went.reproduced, 1))

    def _crowded(
        self,
        url: str,
        log: Callable[[int], tuple[str, int]],
        users: int,
        rounds: int,
        deadline: float,
        first: int = 1,
    ) -> tuple[Sequence[Exchange], list[Seen]]:
        """Let a crowd go the way for some rounds; return what was asked, and what it came to."""
        before = log(-1)[1]
        left = max(deadline - time.monotonic(), 1.0)
        crowded = self._crowd(url, self._wanted(), users, rounds, left, first=first)
        return crowded, self._of_crowd(crowded, log(before)[0])

    def _wanted(self) -> tuple[Exchange, ...]:
        from andon.gaps.beliefs import Exchange

        own = Exchange(method=self._failure.method, path=self._failure.path, sent=self._failure.body)
        return (*self._requests, own)

    def _of_crowd(self, exchanges: Sequence[Exchange], logged: str) -> list[Seen]:
        return [
            Seen(
                method=one.method,
                path=one.path,
                status=one.status,
                text=self._redact(f"{one.answer}\n{one.problem}\n{logged[-(1 << 16) :]}"),
                seconds=one.seconds,
                is_replay=True,
            )
            for one in exchanges
        ]

    def _judged(self, seen: Sequence[Seen], runs: int, **more: object) -> Went:
        hits = [one for one in seen if is_the_failure(self._failure, one)]
        others = [one for one in seen if one not in hits and self._is_broken(one)]
        return Went(
            runs=runs,
            reproduced=min(len(hits), runs),
            failure=_cut(hits[0]) if hits else None,
            other=_cut(others[0]) if others else None,
            requests=len(seen),
            **more,  # type: ignore[arg-type]  # fields of Went
        )

    def _is_broken(self, seen: Seen) -> bool:
        """True when an answer is a failure, though not production's."""
        if seen.status == self._usual and seen.path == self._failure.path:
            return False
        return seen.status >= _BROKEN or seen.status == 0  # a 404 may only say that a row is not there

    # ---- the tests

    def _test(
        self,
        url: str,
        log: Callable[[int], tuple[str, int]],
        conditions: Conditions,
        times: int,
        deadline: float,
        home: str,
        *,
        is_control: bool,
    ) -> Went:
        assert self._suite is not None  # noqa: S101 - go() asked
        left = deadline - time.monotonic()
        if left < 1:
            return Went(problem="no time was left for the tests")
        patience = min(left, _RUN)
        if is_control:
            return self._control(url, log, conditions, times, deadline, home)
        wanted = 1 if self._is_steady else max(times, 1)
        went = self._run(url, log, conditions, wanted, patience, home)
        if went.reproduced:
            self._is_steady = went.reproduced == went.runs
            if self._failure.can_be_sent:
                self._by_request = False  # the request passed in this very world
        return went

    def _control(
        self,
        url: str,
        log: Callable[[int], tuple[str, int]],
        conditions: Conditions,
        times: int,
        deadline: float,
        home: str,
    ) -> Went:
        """Repeat the tests where nothing was changed: once to warm up, then as often as time allows."""
        first = self._run(url, log, conditions, 1, min(deadline - time.monotonic(), _RUN), home)
        if first.problem:
            first = self._run(url, log, conditions, 1, min(deadline - time.monotonic(), _RUN), home)
        is_told = self._test_seconds and self._suite is not None and self._suite.flavour != "junit"
        once = max(self._test_seconds, 0.02) if is_told else max(self._run_seconds, 0.05)
        start = max(self._run_seconds - once, 0.0)
        patience = _LESS_PATIENCE if self._failure.can_be_sent else _CONTROL_PATIENCE
        more = int(min(times - 1, (patience - start) / once))
        if first.problem or more < 1:
            return first
        room = min(max(deadline - time.monotonic(), 1.0), 3 * _CONTROL_PATIENCE)
        rest = self._run(url, log, conditions, more, room, home)
        if first.reproduced and not rest.problem and not rest.reproduced:
            return replace(rest, remarks=(*rest.remarks, "the very first run was slow and is not counted"))
        if rest.problem:
            told: tuple[str, ...] = (f"the tests were not repeated: {rest.problem}",)
        else:
            told = () if more >= times - 1 else (f"the tests were run {more + 1} times only, to save time",)
        return replace(_sum(first, rest), remarks=(*first.remarks, *rest.remarks, *told))

    def _run(
        self,
        url: str,
        log: Callable[[int], tuple[str, int]],
        conditions: Conditions,
        times: int,
        patience: float,
        home: str,
    ) -> Went:
        assert self._suite is not None  # noqa: S101 - go() asked
        place = log(-1)[1]
        asked = replace(conditions, times=times)
        began = time.monotonic()
        with self._beside(url, conditions, patience):
            ran = self._suite.run(url, self._journey, asked, patience=max(patience, 1.0), home=home)
        self._run_seconds = time.monotonic() - began
        self._test_seconds = sum(test.seconds for test in ran.tests) / max(times, 1)
        if ran.problem and not ran.tests:
            return Went(problem=ran.problem, pictures=ran.pictures, exchanges=ran.exchanges[:200])
        return self._of_tests(ran, log(place)[0], times)

    def _beside(self, url: str, conditions: Conditions, patience: float) -> _Beside:
        """Return a crowd that goes its way while the tests run."""
        if conditions.users <= 1:
            return _Beside(None)
        requests = self._wanted() if self._failure.can_be_sent else self._requests
        if not requests:
            return _Beside(None)
        return _Beside(lambda: self._crowd(url, requests, conditions.users - 1, 5, patience))

    def _of_tests(self, ran: SuiteRan, logged: str, times: int) -> Went:
        failed = [test for test in ran.tests if test.outcome == "failed"]
        seen = [self._of_test(test, logged) for test in failed]
        answers = [
            Seen(
                method=one.method,
                path=one.path,
                status=one.status,
                text=self._redact(f"{one.answer}\n{logged[-(1 << 16) :]}"),
                seconds=one.seconds,
            )
            for one in ran.exchanges
            if not one.is_mocked
        ]
        hits = [s for s in seen if is_the_failure(self._failure, s)]
        hits += [s for s in answers if self._failure.path and is_the_failure(self._failure, s)]
        if not hits and seen and self._failure.text and _holds(self._failure.text, logged):
            hits = seen  # the tests failed, and the application's log says what production's said
        wrong = [s for s, t in zip(seen, failed, strict=True) if not t.is_impatient and s not in hits]
        runs = max(times, 1) if not ran.problem else _most([test.id for test in ran.tests])
        by_run = len(failed) / max(len(ran.tests) / runs, 1) if ran.tests else 0
        told = list(ran.not_applied)
        if ran.problem:
            told.append(ran.problem)
        if any(test.is_impatient for test in failed):
            told.append("some tests failed only because they did not wait long enough")
        return Went(
            runs=runs,
            reproduced=min(max(round(by_run), 1), runs) if hits else 0,
            failure=_cut(hits[0]) if hits else None,
            other=_cut((wrong or seen)[0]) if seen and not hits else None,
            exchanges=ran.exchanges[:200],
            pictures=ran.pictures[:6],
            fastest_document=ran.fastest_document,
            requests=len(ran.exchanges),
            remarks=tuple(told),
        )

    def _of_test(self, test: TestRan, logged: str) -> Seen:
        del logged  # it is in no test's message: what the log says is compared for itself
        return Seen(test=test.id or test.title, text=self._redact(test.message), seconds=test.seconds)

    def _joined(self, sent: Went, tested: Went) -> Went:
        """Return both together: the failure wherever it showed."""
        if tested.problem and sent.runs:
            return replace(sent, remarks=(*sent.remarks, f"the tests said nothing: {tested.problem}"))
        return replace(
            tested,
            other=tested.other or sent.other,
            most_at_once=sent.most_at_once,
            exchanges=tested.exchanges or sent.exchanges,
            requests=sent.requests + tested.requests,
            remarks=(*sent.remarks, *tested.remarks),
            runs=max(tested.runs, sent.runs if not tested.reproduced else 0),
        )


class _Beside:
    """A crowd in a thread of its own for as long as the block lasts."""

    def __init__(self, work: Callable[[], object] | None) -> None:
        self._thread = threading.Thread(target=work, daemon=True) if work is not None else None

    def __enter__(self) -> None:
        if self._thread is not None:
            self._thread.start()

    def __exit__(self, *_problem: object) -> None:
        if self._thread is not None:
            self._thread.join(5.0)


def _sum(first: Went, rest: Went) -> Went:
    if rest.problem:
        return replace(first, remarks=(*first.remarks, rest.problem))
    return replace(
        rest,
        runs=first.runs + rest.runs,
        reproduced=first.reproduced + rest.reproduced,
        failure=first.failure or rest.failure,
        other=first.other or rest.other,
        pictures=first.pictures or rest.pictures,
        requests=first.requests + rest.requests,
    )


def _most(names: Sequence[str]) -> int:
    """Return how often the name is there that is there most often; at least 1."""
    return max((names.count(name) for name in set(names)), default=1)


def _holds(text: str, logged: str) -> bool:
    from andon.gaps.failure import normal

    return normal(text) in normal(logged)


def _cut(seen: Seen) -> Seen:
    return seen if len(seen.text) <= _SHOWN else replace(seen, text=seen.text[:_SHOWN])
