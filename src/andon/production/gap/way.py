"""The failing way, gone in one world: the request itself, many at once, and the tests that go there.

The request is cheap, so it comes first. The tests are run as well until it is known that the request alone
shows the failure; what only a browser shows, only the tests decide.
"""

from __future__ import annotations

import time

from andon.gaps.failure import Seen, is_the_failure
from andon.gaps.scale.overlap import most_at_once
from andon.production.gap.sending import PACE, Sender
from andon.production.gap.suite_way import SuiteWay, Trip
from andon.production.gap.went import Went, cut
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.gaps.beliefs import Exchange
    from andon.gaps.experiment import Conditions
    from andon.gaps.failure import Failure
    from andon.gaps.suite import Suite

    #: (url, requests, users, rounds, patience) -> what each of them got.
    Crowd = Callable[[str, Sequence[Exchange], int, int, float], Sequence[Exchange]]

#: From this status on an answer is a failure of the application.
_BROKEN = 500
#: Requests of the journey that a crowd repeats.
_MOST_STEPS = 20
#: Rounds of a crowd in the unchanged world.
_ROUNDS = 3
#: Rounds of a crowd that goes its way while the tests run.
_BESIDE = 5


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
        self._requests = tuple(requests)
        self._crowd = crowd
        self._redact = redact
        #: The status that the failing request has in the tests' own world; None before it was asked there.
        self._usual: int | None = None
        #: Whether the request alone shows the failure; None while nobody knows.
        self._by_request: bool | None = None
        self._tests = SuiteWay(failure, suite, journey, redact) if suite is not None else None

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
        if went.reproduced or (self._by_request and not is_control):
            return went
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
        seen: list[Seen] = []
        crowded: Sequence[Exchange] = ()
        sends = max(times, 1)
        if conditions.users > 1:
            sends = sends if is_control else 1
            rounds = min(sends, _ROUNDS) if is_control else max(times, 1)
            before = log(-1)[1]
            crowded = self._crowd(
                url, self._wanted(), conditions.users, rounds, max(deadline - time.monotonic(), 1.0)
            )
            seen += self._of_crowd(crowded, log(before)[0])
        sent = 0
        for number in range(sends):
            if time.monotonic() >= deadline:
                break
            if number:
                time.sleep(PACE)
            seen.append(sender.send(url, deadline))
            sent += 1
        if is_control and seen and self._usual is None:
            self._usual = seen[-1].status
        return self._judged(
            seen,
            max(sent, 1 if crowded else 0),
            exchanges=tuple(crowded)[:200],
            most_at_once=most_at_once(crowded),
        )

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
            failure=cut(hits[0]) if hits else None,
            other=cut(others[0]) if others else None,
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
        assert self._tests is not None  # noqa: S101 - go() asked
        trip = Trip(url=url, log=log, conditions=conditions, deadline=deadline, home=home)
        beside = self._beside(trip)
        if is_control:
            return self._tests.control(trip, times, beside, is_short=self._failure.can_be_sent)
        went = self._tests.go(trip, times, beside)
        if went.reproduced and self._failure.can_be_sent:
            self._by_request = False  # the request passed in this very world
        return went

    def _beside(self, trip: Trip) -> Callable[[float], object] | None:
        """Return the crowd that goes its way while the tests run; None for nobody."""
        users = trip.conditions.users - 1
        requests = self._wanted() if self._failure.can_be_sent else self._requests
        if users < 1 or not requests:
            return None
        return lambda patience: self._crowd(trip.url, requests, users, _BESIDE, patience)

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
