"""Building a laboratory out of what is configured: the five kinds, the suite, the application, its front."""

from __future__ import annotations

import contextlib
import os

from andon.production.gap.hard_stop import interrupted_by_signals
from andon.production.gap.laboratory import RealLaboratory
from andon.production.gap.load import MOST_REQUESTS
from andon.production.gap.pace import Pace
from andon.production.gap.room import room
from andon.production.gap.way import FailingWay
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from threading import Event

    from andon.config.model import Config
    from andon.desk.ports_gap import Consent
    from andon.desk.ports_journal import Redactor
    from andon.gaps.beliefs import Beliefs, Exchange
    from andon.gaps.experiment import Dimension, Load, Setting
    from andon.gaps.failure import Failure
    from andon.gaps.suite import Suite
    from andon.gaps.words import Kind
    from andon.production.gap.app import App
    from andon.production.gap.front import Front
    from andon.production.gap.scale import ScaleDimension

#: The part of what is left to send that those beside one run of the tests may use: one in so many.
_BESIDE = 4


class RealWorks:
    """`desk.ports_gap.GapWorks` on this machine."""

    def __init__(self, config: Config, redactor: Redactor) -> None:
        """Take what is configured; nothing is looked at before it is asked for."""
        self._config = config
        self._redactor = redactor
        #: How fast any host is asked, by all the looks of this search together.
        self._pace = Pace()
        #: Requests that crowds may still send in this search.
        self._load_left = MOST_REQUESTS

    def suite_problem(self) -> str:
        """Return why the suite cannot be run here; "" when it can, or none is configured."""
        suite = self._suite()
        return suite.cannot() if suite is not None else ""

    def other_build(self, consent: Consent) -> str:
        """Return how production's build differs from the tested one; "" when it does not, or is not known."""
        from andon.production.gap.release import is_another_build

        config = self._config
        is_other, told = is_another_build(
            config.gap_test, config.gap_prod, config.root, consent, pace=self._pace
        )
        return told if is_other else ""

    def tests_have(self, kind: Kind, place: Sequence[str], production: str, *, in_number: bool) -> str | None:
        """Return what the tests' world has at a place, in the words that production's was told in."""
        from andon.production.gap.tests_world import tests_have

        return tests_have(self._config, kind, place, production, in_number=in_number)

    @contextlib.contextmanager
    def open(
        self,
        failure: Failure,
        beliefs: Beliefs,
        journey: Sequence[str],
        *,
        consent: Consent,
        deadline: float,
        command: Sequence[str] = (),
        sight: Failure | None = None,
        sends: Failure | None = None,
    ) -> Iterator[RealLaboratory]:
        """Make a laboratory in a room of its own, which is emptied again however the block ends."""
        from andon.production.gap.data import DataDimension

        with interrupted_by_signals(), room() as place, contextlib.ExitStack() as stack:
            suite = self._suite(command, os.path.join(place, "kept"))
            scale = self._scale(beliefs, consent)
            data = DataDimension(
                self._config.gap,
                self._config.gap_test,
                self._config.gap_prod,
                self._config.root,
                failure,
                consent=consent,
                pace=self._pace,
            )
            stack.callback(data.close)
            dimensions = self._dimensions(data, beliefs, scale, consent, stack)
            way = FailingWay(
                sight or failure,
                suite,
                journey,
                _asked_for(beliefs, journey),
                self._crowd,
                self._redactor.redact_words,
                sends,
            )
            yield RealLaboratory(
                dimensions,
                way,
                self._start,
                failure=sight or failure,
                beliefs=beliefs,
                suite=suite,
                place=place,
                deadline=deadline,
                redact=self._redactor.redact_words,
                measure=lambda url: self._loaded(scale, url, _sent(failure, beliefs, journey)),
            )

    def _suite(self, command: Sequence[str] = (), kept: str = "") -> Suite | None:
        if not self._config.gap.is_configured:
            return None
        from andon.production.gap.suites import suite_for

        gap = self._config.gap
        if command:
            gap = replace(gap, suite=tuple(command), flavour="junit")
        return suite_for(gap, self._config.root, self._redactor, kept)

    def _scale(self, beliefs: Beliefs, consent: Consent) -> ScaleDimension:
        from andon.production.gap.data import row_counts
        from andon.production.gap.scale import ScaleDimension

        config = self._config
        return ScaleDimension(
            config.gap,
            config.gap_test,
            config.gap_prod,
            beliefs,
            config.root,
            counts=lambda address: row_counts(address, config.root, self._pace),
            consent=consent,
        )

    def _dimensions(
        self,
        data: Dimension,
        beliefs: Beliefs,
        scale: Dimension,
        consent: Consent,
        stack: contextlib.ExitStack,
    ) -> tuple[Dimension, ...]:
        """Return the five kinds in the order in which they prepare a world: relays come last."""
        from andon.production.gap.dependency import DependencyDimension
        from andon.production.gap.environment import EnvironmentDimension
        from andon.production.gap.network import NetworkDimension

        c = self._config
        worlds = (c.gap, c.gap_test, c.gap_prod)
        services = c.gap_dependencies
        environment = EnvironmentDimension(
            *worlds, services, c.root, self._redactor, consent=consent, pace=self._pace
        )
        stack.callback(environment.forget)
        return (
            environment,
            data,
            DependencyDimension(
                c.gap, services, c.root, self._redactor, beliefs, consent=consent, pace=self._pace
            ),
            scale,
            NetworkDimension(*worlds, services, c.root, beliefs=beliefs, consent=consent, pace=self._pace),
        )

    @contextlib.contextmanager
    def _start(self, setting: Setting) -> Iterator[FrontedApp]:
        from andon.production.gap.app import running
        from andon.production.gap.front import Front

        with (
            running(self._config.gap_test, setting, self._config.root) as app,
            Front(
                app.url,
                redactor=self._redactor,
                latency=setting.conditions.latency,
                delays=setting.conditions.delays,
            ) as front,
        ):
            yield FrontedApp(app, front)

    def _crowd(
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
        """Send a crowd, within what load one search may send in all; raises Refused beyond that."""
        from andon.production.gap.crowd import crowd, within
        from andon.production.gap.front import CROWD_HEADER

        most = self._load_left if over is None else self._load_left // _BESIDE
        rounds = within(most, len(requests), users, rounds)
        redact = self._redactor.redact_words
        found = crowd(
            url,
            requests,
            users,
            rounds,
            patience,
            first=first,
            headers=((CROWD_HEADER, "1"),),
            redact=redact,
            over=over,
        )
        self._load_left -= len(found)
        return found

    def _loaded(self, scale: ScaleDimension, url: str, requests: Sequence[Exchange]) -> Load:
        """Send the bounded load for the report, of what a search may still send."""
        found = scale.load(url, requests, most=self._load_left)
        self._load_left -= found.requests
        return found


class FrontedApp:
    """An application with the recording front before it."""

    def __init__(self, app: App, front: Front) -> None:
        """Take both."""
        self._app = app
        self._front = front
        self.url = front.url

    def log(self, place: int) -> tuple[str, int]:
        """Return what it logged after `place` (-1 for nothing), and where the log ends now."""
        end = self._app.log_mark()
        return ("" if place < 0 else self._app.log_since(place)), end

    def environment(self) -> tuple[tuple[str, str], ...]:
        """Return the environment that its process has."""
        return self._app.environment()

    def ended(self) -> str:
        """Return how it ended by itself, and what it said last; "" while it runs."""
        return self._app.ended()

    def exchanges(self) -> tuple[Exchange, ...]:
        """Return the requests that it got."""
        return self._front.exchanges()

    def most_at_once(self) -> int:
        """Return how many went at once, at most: while the tests ran, where they did."""
        return self._front.most_beside_tests


def _sent(failure: Failure, beliefs: Beliefs, journey: Sequence[str]) -> tuple[Exchange, ...]:
    """Return what a load repeats: the failing request, else what the journey asks for."""
    from andon.gaps.beliefs import Exchange

    if failure.can_be_sent:
        return (Exchange(method=failure.method, path=failure.path, sent=failure.body),)
    return _asked_for(beliefs, journey)


def _asked_for(beliefs: Beliefs, journey: Sequence[str]) -> tuple[Exchange, ...]:
    """Return what the journey's tests asked the application for, in order, for a crowd to repeat."""
    base = beliefs.base_url.rstrip("/")
    return tuple(
        exchange
        for test in beliefs.tests
        if not journey or test.id in journey
        for exchange in test.exchanges
        if not exchange.is_mocked and (not base or not exchange.origin or exchange.origin == base)
    )[:20]
