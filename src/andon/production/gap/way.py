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
    from threading import Event
    from typing import Protocol

    from andon.gaps.beliefs import Exchange
    from andon.gaps.experiment import Conditions
    from andon.gaps.failure import Failure
    from andon.gaps.suite import Suite
    from andon.production.gap.beside import Work

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
            over: Event | None = None,
        ) -> Sequence[Exchange]:
            """Return what each of them got in these rounds, of which the first has this number.

            With `over`, at the pace of those who go beside tests, and no further once it is set.
            """


#: From this status on an answer is a failure of the application.
_BROKEN = 500
#: Requests of the journey that a crowd repeats.
_MOST_STEPS = 20
#: Rounds of a crowd in the unchanged world.
_ROUNDS = 3
#: Rounds of a crowd that goes its way while the tests run: it goes on until they have ended.
_BESIDE = 1_000_000


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
        sends: Failure | None = None,
    ) -> None:
        """Take the failure, the tests that go there, and what they ask for on the way.

        `sends` is the failing request as it is sent, where what is known of it is without its secrets.
        """
        self._failure = failure
        self._sends = sends or failure
        self._suite = suite
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
        sender = Sender(failure=self._failure, sends=self._sends, log=log, redact=self._redact)
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
        seen, rounds, most = [first], 0, 0
        crowded: list[Exchange] = []
        # What one request alone was seen to show is hardly hidden from a crowd.
        wanted = 1 if self._by_crowd is False else max(times, 1)
        while rounds < wanted and time.monotonic() < deadline:
            rounds += 1
            found, met = self._crowded(url, log, users, 1, deadline, first=rounds)
            crowded += found
            most = max(most, most_at_once(found))  # each round has a clock of its own
            seen += [*met, sender.send(url, deadline)]
            if any(is_the_failure(self._failure, one) for one in seen):
                self._by_crowd = True
                break
        went = self._judged(seen, rounds, exchanges=tuple(crowded)[:200], most_at_once=most)
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

        own = Exchange(method=self._sends.method, path=self._sends.path, sent=self._sends.body)
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

    def _beside(self, trip: Trip) -> Work | None:
        """Return the crowd that goes its way while the tests run; None for nobody."""
        users = trip.conditions.users - 1
        requests = self._wanted() if self._failure.can_be_sent else self._requests
        if users < 1 or not requests:
            return None
        return lambda patience, over: self._crowd(trip.url, requests, users, _BESIDE, patience, over=over)

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
