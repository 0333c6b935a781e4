"""The environment as one of the five kinds: the settings of both worlds, looked at and flipped key by key."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from functools import cached_property

from andon.desk.gap.consent import is_here
from andon.errors import AndonError, Unavailable
from andon.gaps.environment.comparing import BOTH_READ, Mentions, difference, differing
from andon.gaps.environment.keys import is_machines_own
from andon.gaps.environment.outside import Flip, flip
from andon.gaps.environment.values import facts, hidden_parts
from andon.gaps.experiment import Difference, Held, Observed, Part
from andon.gaps.words import Kind
from andon.production.gap.pace import Pace
from andon.production.gap.settings_files import ABSENT, mixed, value_at, write
from andon.production.gap.settings_sources import Settings, read_settings
from andon.production.gap.source_mentions import mentions
from andon.production.gap.surroundings import Around, look_around

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from andon.config.model_gap import GapConfig, GapDependencyConfig, WorldConfig
    from andon.desk.ports_journal import Redactor
    from andon.gaps.beliefs import Beliefs
    from andon.gaps.environment.values import Facts
    from andon.gaps.experiment import Ran, Setting
    from andon.gaps.failure import Failure

#: The place of the part that is production's way of starting.
START = ("start command",)
_UNKNOWN = "nothing says what production's settings are: env or set under [gap.prod] in andon.toml"


class EnvironmentDimension:
    """Variables, settings in files, the start command: `gaps.experiment.Dimension`."""

    kind = Kind.ENVIRONMENT

    def __init__(
        self,
        gap: GapConfig,
        test: WorldConfig,
        prod: WorldConfig,
        dependencies: Sequence[GapDependencyConfig],
        root: str,
        redactor: Redactor,
        consent: Callable[[str], bool] = is_here,
        pace: Pace | None = None,
    ) -> None:
        """Take both worlds; nothing is read before it is asked for."""
        self._gap, self._test, self._prod = gap, test, prod
        self._dependencies = tuple(dependencies)
        self._root = root
        self._redactor = redactor
        self._consent, self._pace = consent, pace or Pace()
        self._key = bytearray(secrets.token_bytes(32))

    def forget(self) -> None:
        """Destroy the key by which values were compared, and the values: nothing can be compared any more."""
        for at in range(len(self._key)):
            self._key[at] = 0
        for name in ("_worlds", "_differing", "_flips"):
            self.__dict__.pop(name, None)
        self.__dict__["_failure_to_read"] = "the search is over: the key for comparing settings is destroyed"

    # -- what is known -----------------------------------------------------------------------------

    @cached_property
    def _worlds(self) -> tuple[Settings, Settings]:
        """Settings of both worlds; of one that names no source, what the other has counts as equal."""
        test, production = read_settings(self._test, self._root), read_settings(self._prod, self._root)
        if test.source and not production.source:
            production = _on_top(production, test)
        elif production.source and not test.source:
            test = _on_top(test, production)
        # An application that prints its surroundings, or answers with them, must not give these away.
        self._redactor.know(tuple(v.encode() for v in never_shown((test, production))))
        return test, production

    @cached_property
    def _failure_to_read(self) -> str:
        try:
            self._worlds  # noqa: B018 - reads
        except AndonError as problem:
            remedy = f": {problem.remedy}" if problem.remedy else ""
            return self._redactor.redact_words(f"the settings cannot be read: {problem}{remedy}")
        return ""

    @property
    def _owned(self) -> frozenset[str]:
        """Variables that other dimensions set: no parts of this one."""
        names = {self._test.port_variable, self._prod.port_variable, self._gap.url_variable}
        if self._test.database or self._prod.database:
            names |= {self._test.database_variable, self._prod.database_variable}
        if not self._failure_to_read:
            # A whole file of production would bring its hosts and credentials with it.
            names |= {one.file_variable for one in self._worlds}
        names |= {one.variable for one in self._dependencies if one.variable}
        return frozenset(names)

    @property
    def _stood_in(self) -> frozenset[str]:
        """Variables of the tests' world that an experiment sets to something on this machine."""
        live = {one.variable for one in self._dependencies if one.world == "test" and not one.recording}
        return self._owned - live

    def _facts(self, settings: Settings) -> dict[str, Facts]:
        every = settings.inside | settings.variables
        return {k: facts(k, v, self._key) for k, v in every.items() if k not in self._owned}

    @cached_property
    def _differing(self) -> tuple[str, ...]:
        if self._failure_to_read or not self._is_told:
            return ()
        test, production = self._worlds
        return differing(self._facts(test), self._facts(production))

    @property
    def _is_told(self) -> bool:
        return bool(self._prod.env or self._prod.set)

    @cached_property
    def _flips(self) -> dict[str, Flip]:
        """What each key that differs would be flipped to."""
        test, production = self._worlds
        recorded = {one.name for one in self._dependencies if one.recording}
        settings = {key: value for key, value in test.variables.items() if key not in self._stood_in}
        return {
            key: flip(key, _value(test, key), _value(production, key), settings, recorded)
            for key in self._differing
            if not is_machines_own(key) and self._can_be_given(key)
        }

    def _can_be_given(self, key: str) -> bool:
        """True when there is a way to give the application a key: as a variable, or in the file it reads."""
        test, production = self._worlds
        return key in test.variables or key in production.variables or _reads_a_file(test, production)

    @property
    def _starts_otherwise(self) -> bool:
        ours = (self._test.start, self._test.directory)
        return bool(self._prod.start) and (self._prod.start, self._prod.directory) != ours

    # -- the port ----------------------------------------------------------------------------------

    def observe(self, beliefs: Beliefs, failure: Failure) -> Observed:  # noqa: ARG002 - the port's
        """Look at the settings of both worlds, and at what else their environments show."""
        began = time.monotonic()
        problems = [self._failure_to_read] if self._failure_to_read else []
        found: list[Difference] = []
        if not self._failure_to_read:
            test, production = self._worlds
            problems += [*test.problems, *production.problems]
            found = self._differences(failure)
            problems += [one.held for one in self._flips.values() if one.held]
        if not self._is_told:
            problems.append(_UNKNOWN)
        around = self._around(failure)
        looked = [BOTH_READ] if not self._failure_to_read and self._is_told else []
        return Observed(
            kind=self.kind,
            differences=tuple(
                sorted((*found, *around.differences), key=lambda one: (-one.weight, one.place))
            ),
            looked=", ".join((*looked, *around.looked)),
            problems=(*problems, *around.problems),
            requests=around.requests,
            seconds=time.monotonic() - began,
        )

    def _around(self, failure: Failure) -> Around:
        variables = {} if self._failure_to_read else self._worlds[0].variables
        return look_around(
            self._test, self._prod, variables, failure, self._root,
            consent=self._consent, redact=self._redactor.redact_words, pace=self._pace,
        )  # fmt: skip

    def _differences(self, failure: Failure) -> list[Difference]:
        test, production = self._worlds
        ours, theirs = self._facts(test), self._facts(production)
        source = self._mentions(failure)
        command = " ; ".join(dict.fromkeys(one for one in (test.command, production.command) if one))
        found = [
            difference(
                key, ours.get(key), theirs.get(key), failure, source,
                held=self._flips[key].held if key in self._flips else "", command=command,
            )
            for key in self._differing
        ]  # fmt: skip
        if self._starts_otherwise:
            found.append(
                Difference(
                    kind=self.kind, place=START, test="the tests' start command", production="another one",
                    weight=2, reasons=("it is started in another way",), probe="settings",
                    summary="production starts the application with another command",
                )
            )  # fmt: skip
        return found

    def _mentions(self, failure: Failure) -> Mentions:
        directory = os.path.join(self._root, self._test.directory)
        return mentions(directory, self._differing, failure.endpoint)

    def parts(self) -> tuple[Part, ...]:
        """Return a part for each key that can be flipped, and one for another start command."""
        keys = [key for key, one in self._flips.items() if not one.is_same] if self._differing else []
        found = [Part(kind=self.kind, place=(key,)) for key in keys]
        if self._starts_otherwise:
            found.append(Part(kind=self.kind, place=START))
        return tuple(found)

    def cannot(self) -> str:
        """Return why no setting can be flipped; "" when some can, or none differs."""
        if self.parts():
            return ""
        if self._failure_to_read:
            return self._failure_to_read
        if not self._is_told:
            return _UNKNOWN
        return next((one.held for one in self._flips.values() if one.held), "")

    def split(self, part: Part) -> tuple[Part, ...]:  # noqa: ARG002 - the port's
        """Return nothing: a key is the finest."""
        return ()

    @contextlib.contextmanager
    def prepare(self, setting: Setting, parts: Collection[Part]) -> Iterator[None]:
        """Give the setting the tests' variables, with the keys of these parts as in production."""
        if self._failure_to_read:
            raise Unavailable(self._failure_to_read)
        test, _ = self._worlds
        setting.variables.update(test.variables)
        keys = [part.place[0] for part in parts if part.kind is self.kind and part.place != START]
        if any(part.kind is self.kind and part.place == START for part in parts):
            setting.start, setting.directory = self._prod.start, self._prod.directory
        for key in keys:
            self._flip(setting, key)
        inside = [key for key in keys if self._is_inside(key)]
        if inside:
            self._mix(setting, inside)
        yield

    def _is_inside(self, key: str) -> bool:
        """True for a key of the file that the application reads itself."""
        test, production = self._worlds
        return key not in test.variables and key not in production.variables

    def _mix(self, setting: Setting, keys: Sequence[str]) -> None:
        """Give the application the tests' file with some keys as in production."""
        test, production = self._worlds
        changes: dict[str, object] = {}
        for key in keys:
            one = self._flips[key]
            theirs = value_at(production.document, key)
            changes[key] = ABSENT if one.value is None else one.value if one.held else theirs
        place = write(mixed(test.document, changes), test.kind, test.file, setting.home)
        setting.variables[test.file_variable] = place

    def _flip(self, setting: Setting, key: str) -> None:
        one = self._flips.get(key)
        if one is None or one.is_same:
            raise Unavailable(one.held if one else f"{key} is nothing that can be as in production here")
        if one.held:
            setting.remarks.append(one.held)
        if self._is_inside(key):
            return
        if one.value is None:
            setting.variables.pop(key, None)
            setting.absent.add(key)
        else:
            setting.variables[key] = one.value
            setting.absent.discard(key)

    def took_hold(self, parts: Collection[Part], ran: Ran) -> Held | None:
        """Compare the variables of the running process with what it was given."""
        keys = [one.place[0] for one in parts if one.kind is self.kind and one.place != START]
        if not keys:
            is_started = any(one.kind is self.kind for one in parts)
            told = "it was started with production's command"
            return Held(kind=self.kind, holds=True, told=told) if is_started else None
        if not ran.environment:
            told = ran.ended or "the variables of the running application cannot be read on this system"
            return Held(kind=self.kind, holds=None, told=told)
        has = dict(ran.environment)
        wrong = [key for key in keys if not self._is_as_wanted(key, has)]
        if wrong:
            told = f"{wrong[0]} is not as in production in the running application: what starts it sets it"
            return Held(kind=self.kind, holds=False, told=told)
        told = f"read back from the process: {', '.join(keys[:5])}" + (" and more" if len(keys) > 5 else "")
        return Held(kind=self.kind, holds=True, told=told)

    def _is_as_wanted(self, key: str, has: Mapping[str, str]) -> bool:
        test, _ = self._worlds
        if self._is_inside(key):
            return has.get(test.file_variable, "") not in ("", test.variables.get(test.file_variable))
        return key in self._flips and has.get(key) == self._flips[key].value


def _reads_a_file(test: Settings, production: Settings) -> bool:
    """True when both worlds have a file of settings, and the tests' application is told where its own is."""
    return bool(test.file_variable and production.file)


def _value(settings: Settings, key: str) -> str | None:
    return settings.variables.get(key, settings.inside.get(key))


def _on_top(upper: Settings, lower: Settings) -> Settings:
    """Return settings of a world that names no source: the other's, with its own on top."""
    return Settings(
        variables=lower.variables | upper.variables, inside=lower.inside, source="", problems=upper.problems
    )


def never_shown(worlds: Collection[Settings]) -> tuple[str, ...]:
    """Return what of the settings of worlds must not be seen in anything that is said or kept."""
    every = ((key, value) for one in worlds for key, value in (one.inside | one.variables).items())
    return tuple(dict.fromkeys(part for key, value in every for part in hidden_parts(key, value)))
