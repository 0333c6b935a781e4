"""Scale as one of the five kinds: how many use the application at once, and how many rows there are.

Users are set as a condition of the replay, which then goes the failing way with a crowd. Rows are counted
here; the copies that have them are made by the data dimension, which minds `("rows", TABLE)` too.
"""

from __future__ import annotations

import contextlib
import os
import time

from andon.desk.gap.consent import is_here
from andon.errors import AndonError
from andon.gaps.experiment import Held, Load, Observed
from andon.gaps.scale.differing import MOST_USERS, rows_differ, rows_parts, users_differ, users_part
from andon.gaps.scale.levels import Judged, curves, judge
from andon.gaps.words import Kind
from andon.production.gap.databases import host_asked
from andon.production.gap.load import MOST_REQUESTS, Bounds, levels_for, ramp
from andon.production.gap.source_mentions import mentions
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from andon.config.model_gap import GapConfig, WorldConfig
    from andon.gaps.beliefs import Beliefs, Exchange
    from andon.gaps.experiment import Curve, Difference, Part, Ran, Setting
    from andon.gaps.failure import Failure

#: Share of the users asked for that must have been under way at once.
_REACHED = 0.8


class Curved(Record):
    """A ramp against a disposable world, for the report."""

    judged: Judged
    curves: tuple[Curve, ...] = ()
    requests: int = 0
    #: Why there is none; "" when there is.
    problem: str = ""


class ScaleDimension:
    """Users at once and rows of tables."""

    kind = Kind.SCALE

    def __init__(
        self,
        gap: GapConfig,
        test: WorldConfig,
        prod: WorldConfig,
        beliefs: Beliefs,
        root: str,
        *,
        counts: Callable[[str], Mapping[str, int]] | None = None,
        consent: Callable[[str], bool] = is_here,
    ) -> None:
        """Take the two worlds; `counts` answers with the rows of each table of a database, read-only.

        It gets an address as it is in the configuration and may raise Unavailable, InvalidInput or NotFound.
        """
        self._gap = gap
        self._test = test
        self._prod = prod
        self._beliefs = beliefs
        self._root = root
        self._counts = counts
        self._consent = consent
        self._rows: tuple[Mapping[str, int], Mapping[str, int]] | None = None
        self._problems: tuple[str, ...] = ()

    def observe(self, beliefs: Beliefs, failure: Failure) -> Observed:  # noqa: ARG002
        """Compare users and rows; what cannot be counted is told."""
        began = time.monotonic()
        test, prod = self._counted()
        found: list[Difference] = list(rows_differ(failure, test, prod, self._beside(failure, test)))
        users = users_differ(failure, self._test.users, self._prod.users)
        if users is not None:
            found.insert(0, users)
        problems = list(self._problems)
        if self._prod.users > MOST_USERS:
            problems.append(
                f"production has {self._prod.users} users at once; experiments have {MOST_USERS} at most"
            )
        looked = "users at once in both worlds"
        if test and prod:
            looked += f", rows of {len(set(test) & set(prod))} tables"
        return Observed(
            kind=self.kind,
            differences=tuple(found),
            looked=looked,
            problems=tuple(problems),
            seconds=time.monotonic() - began,
        )

    def _beside(self, failure: Failure, tables: Collection[str]) -> Collection[str]:
        """Return the tables that the source names where it answers the failing endpoint."""
        directory = os.path.join(self._root, self._test.directory)
        return mentions(directory, tables, failure.endpoint).beside_endpoint if failure.endpoint else ()

    def parts(self) -> tuple[Part, ...]:
        """Return users, if production has more, and the tables that are far larger there."""
        test, prod = self._counted()
        return (*users_part(self._test.users, self._prod.users), *rows_parts(test, prod))

    def cannot(self) -> str:
        """Return why rows were not counted where no part can be flipped; "" else."""
        return "" if self.parts() else "; ".join(self._problems)

    def split(self, part: Part) -> tuple[Part, ...]:  # noqa: ARG002
        """Return nothing: users and rows are quantities, and amounts are bisected."""
        return ()

    @contextlib.contextmanager
    def prepare(self, setting: Setting, parts: Collection[Part]) -> Iterator[None]:
        """Write how many users the replay has; rows are in the copy of the database already."""
        asked = self._users(parts)
        users = asked if asked is not None else min(self._test.users, MOST_USERS)
        setting.conditions = replace(setting.conditions, users=users)
        if asked is not None and self._prod.users > MOST_USERS and asked == MOST_USERS:
            setting.remarks.append(f"{MOST_USERS} users at once stood for production's {self._prod.users}")
        yield

    def took_hold(self, parts: Collection[Part], ran: Ran) -> Held | None:
        """Say whether so many requests were really under way at once; of rows the data dimension speaks."""
        users = self._users(parts)
        if users is None:
            return None
        if not ran.most_at_once:
            return Held(kind=self.kind, holds=None, told="how many were under way at once is not known")
        holds = ran.most_at_once >= _REACHED * users
        told = f"{ran.most_at_once} of {users} requests were under way at once"
        return Held(kind=self.kind, holds=holds, told=told if holds else f"{told}: too few to tell anything")

    def _users(self, parts: Collection[Part]) -> int | None:
        return next(
            (
                int(part.amount)
                for part in parts
                if part.kind is self.kind and part.place == ("users",) and part.amount is not None
            ),
            None,
        )

    def curve(
        self,
        url: str,
        requests: Sequence[Exchange],
        name: str = "test world",
        *,
        most: int = MOST_REQUESTS,
    ) -> Curved:
        """Send a ramp of `most` requests to a disposable world and say what it showed; never raises."""
        bounds = Bounds(
            levels=levels_for(self._prod.users),
            requests=min(most, MOST_REQUESTS),
            hosts=self._gap.load_hosts,
            safe=self._gap.safe,
        )
        try:
            found = ramp(url, requests, bounds)
        except AndonError as problem:
            return Curved(judged=Judged(inconclusive=str(problem)), problem=str(problem))
        return Curved(judged=judge(found), curves=curves(name, found.levels), requests=found.requests)

    def load(self, url: str, requests: Sequence[Exchange], *, most: int = MOST_REQUESTS) -> Load:
        """Send a ramp of `most` requests, and return what it comes to in words and curves; never raises."""
        found = self.curve(url, requests, most=most)
        told = found.problem or found.judged.told
        return Load(curves=found.curves, told=told, requests=found.requests)

    # -- counting ----------------------------------------------------------------------------------

    def _counted(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        if self._rows is None:
            problems: list[str] = []
            test = self._count("the tests' world", self._test, problems)
            prod = self._count("production", self._prod, problems)
            self._rows, self._problems = (test, prod), tuple(problems)
        return self._rows

    def _count(self, whose: str, world: WorldConfig, problems: list[str]) -> Mapping[str, int]:
        if not world.database or self._counts is None:
            return {}
        host = host_asked(world.database)
        if host and not self._consent(host):
            problems.append(f"{host} was not asked for rows: give --i-own-this {host}")
            return {}
        try:
            return dict(self._counts(world.database))
        except AndonError as problem:
            problems.append(f"rows of {whose} were not counted: {problem}")
            return {}
