"""The outside services as a dimension of a gap: looked at, answered for as in production, taken apart."""

from __future__ import annotations

import contextlib
import time
from urllib.parse import urlsplit

from andon.desk.gap.consent import is_here
from andon.errors import Unavailable
from andon.gaps.beliefs import Beliefs
from andon.gaps.dependency.comparing import differences
from andon.gaps.experiment import Held, Observed, Part
from andon.gaps.words import Kind
from andon.production.gap.pace import Pace
from andon.production.gap.service_look import look
from andon.production.gap.service_source import asked_there
from andon.production.gap.services import services
from andon.production.gap.switchboard import Asked, Choice, Line, Switchboard
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from andon.config.model_gap import GapConfig, GapDependencyConfig
    from andon.desk.ports_journal import Redactor
    from andon.gaps.experiment import Difference, Ran, Setting
    from andon.gaps.failure import Failure
    from andon.production.gap.services import Service


class DependencyDimension:
    """The port `Dimension` for outside services."""

    kind = Kind.DEPENDENCY

    def __init__(
        self,
        gap: GapConfig,
        dependencies: Sequence[GapDependencyConfig],
        root: str,
        redactor: Redactor,
        beliefs: Beliefs | None = None,
        *,
        consent: Callable[[str], bool] = is_here,
        pace: Pace | None = None,
    ) -> None:
        """Take the services of both worlds; nothing is read or asked before it is needed."""
        self._gap, self._dependencies, self._root, self._redactor = gap, dependencies, root, redactor
        self._beliefs = beliefs or Beliefs()
        self._consent, self._pace = consent, pace or Pace()
        self._known: tuple[Service, ...] | None = None
        self._asked: Sequence[Asked] = ()
        self._given: dict[str, str] = {}

    @property
    def _services(self) -> tuple[Service, ...]:
        if self._known is None:
            self._known = services(self._dependencies, self._root, self._consent, self._pace)
        return self._known

    def observe(self, beliefs: Beliefs, failure: Failure) -> Observed:
        """Compare what the tests saw of each service with what production answers; never raises."""
        began = time.monotonic()
        self._beliefs = beliefs
        found: list[Difference] = []
        problems: list[str] = []
        requests = 0
        for service in self._services:
            problems += [told for told in (service.cannot(), *_remarks(service)) if told]
            seen = look(service, beliefs)
            requests += seen.requests
            problems += seen.problems
            found += seen.differences
            there = asked_there(self._root, service, failure)
            found += differences(
                service.name, service.pairs, beliefs, failure, seen.hosts, service.base, there
            )
        found.sort(key=lambda one: -one.weight)
        looked = [service.name for service in self._services if service.production]
        return Observed(
            kind=self.kind,
            differences=tuple(self._clean(one) for one in found),
            looked=f"the answers of {', '.join(looked)} in both worlds" if looked else "",
            problems=tuple(dict.fromkeys(self._redactor.redact_words(one) for one in problems)),
            requests=requests,
            seconds=time.monotonic() - began,
        )

    def parts(self) -> tuple[Part, ...]:
        """Return one part for each service that production answers in another way."""
        return tuple(self._part(s.name) for s in self._services if not s.cannot() and s.differs)

    def cannot(self) -> str:
        """Return why no service can be flipped; "" when one can, when none differs, when there is none."""
        told = [service.cannot() for service in self._services]
        if not self._services or not all(told):
            return ""
        return self._redactor.redact_words("; ".join(dict.fromkeys(told)))

    def split(self, part: Part) -> tuple[Part, ...]:
        """Return the endpoints of a service, the places of an endpoint's answer, or finer fields."""
        if part.kind != self.kind:
            return ()
        service = next((s for s in self._services if s.name == part.place[0]), None)
        if service is None:
            return ()
        name = part.place[0]
        if len(part.place) == 1:
            return tuple(self._part(name, one) for one in service.pairs.endpoints)
        endpoint = part.place[1]
        finer = service.pairs.split(endpoint, part.place[2] if len(part.place) > 2 else "")
        return tuple(self._part(name, endpoint, one) for one in finer)

    @contextlib.contextmanager
    def prepare(self, setting: Setting, parts: Collection[Part]) -> Iterator[None]:
        """Stand for every service while the application runs; raises Unavailable when that cannot be."""
        self._asked, self._given = (), {}
        lines = tuple(line for s in self._services if (line := self._line(s, setting, parts)) is not None)
        if not lines:
            yield
            return
        with Switchboard(lines) as board:
            for line in lines:
                variable = self._service(line.name).variable
                self._given[variable] = _like(setting.variables.get(variable, ""), board.address(line.name))
            setting.variables.update(self._given)
            self._asked = board.asked  # grows while the world stands, which is when the check looks
            try:
                yield
            finally:
                for service in self._services:
                    service.forget()  # live ones are known better now

    def took_hold(self, parts: Collection[Part], ran: Ran) -> Held | None:
        """Say whether the application was answered as in production."""
        flipped = [part for part in parts if part.kind == self.kind]
        if not flipped:
            return None
        seen = dict(ran.environment)
        told = [self._one_held(part, seen) for part in flipped]
        held = [words for holds, words in told if holds]
        if held:
            return Held(
                kind=self.kind, holds=True, told=self._redactor.redact_words("; ".join(dict.fromkeys(held)))
            )
        words = "; ".join(dict.fromkeys(words for _, words in told))
        return Held(kind=self.kind, holds=False, told=self._redactor.redact_words(words))

    def _one_held(self, part: Part, seen: dict[str, str]) -> tuple[bool, str]:
        name, where = part.place[0], part.place[1] if len(part.place) > 1 else ""
        variable = self._service(name).variable
        if seen and variable in self._given and seen.get(variable) != self._given[variable]:
            return False, f"the application runs with another {variable} than the one it was given"
        asked = [one for one in self._asked if one.name == name]
        if not asked:
            return False, (
                f"the application did not ask {name} at all during the run: it ignores {variable}, or the "
                "journey does not use it"
            )
        there = [one for one in asked if where in ("", one.endpoint)]
        if not there:
            return False, f"the application did not ask {name} for {where} during the run"
        given = [one for one in there if one.answered_as in ("production", "both")]
        if not given:
            return False, f"{name} could not answer as in production: {there[-1].told}"
        return True, f"{name} answered {len(given)} of {len(there)} requests as in production"

    def _line(self, service: Service, setting: Setting, parts: Collection[Part]) -> Line | None:
        choice = _choice(service.name, parts, self.kind)
        is_flipped = choice != Choice()
        if is_flipped and (told := service.cannot()):
            raise Unavailable(self._redactor.redact_words(told))
        test = service.test if service.test is not None and not service.test.problem else None
        if not service.variable or (test is None and not is_flipped):
            return None
        delay = service.test.config.latency if service.test else 0.0
        for part in parts:
            if part.kind == Kind.NETWORK and part.place == ("link", service.name):
                delay = part.amount or 0.0
        sides = [side for side in (service.test, service.production) if side is not None]
        return Line(
            name=service.name,
            base=service.base,
            prefix=_prefix(setting.variables.get(service.variable, ""), service.base),
            test=test.source() if test else None,
            production=service.production.source() if is_flipped and service.production else None,
            choice=choice,
            delay=delay / 1000,
            origins=tuple(dict.fromkeys((o, side.base) for side in sides for o in side.origins)),
        )

    def _service(self, name: str) -> Service:
        return next(service for service in self._services if service.name == name)

    def _part(self, *place: str) -> Part:
        return Part(kind=self.kind, place=place)

    def _clean(self, difference: Difference) -> Difference:
        words = self._redactor.redact_words
        return replace(
            difference,
            place=tuple(words(one) for one in difference.place),
            test=words(difference.test),
            production=words(difference.production),
            summary=words(difference.summary),
            reasons=tuple(words(one) for one in difference.reasons),
            command=words(difference.command),
        )


def _remarks(service: Service) -> list[str]:
    return [
        f"{side.config.recording}: {told}"
        for side in (service.test, service.production)
        if side is not None and side.recording is not None
        for told in side.recording.problems
    ]


def _choice(name: str, parts: Collection[Part], kind: Kind) -> Choice:
    own = [part.place[1:] for part in parts if part.kind == kind and part.place[0] == name]
    return Choice(
        whole=() in own,
        endpoints=frozenset(place[0] for place in own if len(place) == 1),
        places=tuple((place[0], place[1]) for place in own if len(place) > 1),
    )


def _prefix(now: str, configured: str) -> str:
    """Return the path that the application puts before all of a service's own, by its own setting."""
    return urlsplit(now).path.rstrip("/") if now.startswith(("http://", "https://")) else configured


def _like(now: str, address: str) -> str:
    """Return an address written as the setting was: with a scheme and a final slash, or without."""
    if now and "://" not in now and ":" in now:
        return address.partition("://")[2]
    return f"{address}/" if now.endswith("/") else address
