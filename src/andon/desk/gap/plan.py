"""What a search would do, before it does anything: experiments in order, hosts, loads, what is missing."""

from __future__ import annotations

from andon.desk.gap.consent import PACE, asked, missing
from andon.desk.gap.failure import in_words
from andon.gaps.beliefs import plain
from andon.gaps.trials import CONTROL, TIMES
from andon.gaps.words import Kind
from andon.incident.words import counted
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from andon.config.model import Config
    from andon.config.model_gap import GapDependencyConfig
    from andon.desk.gap.consent import Asked, Consents
    from andon.gaps.beliefs import Beliefs
    from andon.gaps.coverage import Coverage
    from andon.gaps.failure import Failure

#: Seconds an application takes to start and to be stopped, where nothing is known of it.
_START = 1.0
#: Requests of one bounded load, at most (production/gap/load.py holds to it).
LOAD = 20_000
#: Replays that narrowing takes, by kind: what the benchmark's pairs took, rounded up.
_NARROWING = {
    Kind.ENVIRONMENT: 15,
    Kind.DATA: 60,
    Kind.DEPENDENCY: 15,
    Kind.SCALE: 12,
    Kind.NETWORK: 12,
}


class Step(Record):
    """One thing that would be done."""

    #: `read`, `control`, `coverage`, `observe`, `production`, `flip`, `restore`, `narrow`.
    name: str
    what: str
    #: Seconds it takes, roughly; 0 for next to nothing.
    seconds: float = 0.0


class Plan(Record):
    """What would run."""

    failure: str
    suite: str
    journey: tuple[str, ...]
    steps: tuple[Step, ...]
    hosts: tuple[Asked, ...]
    #: Kinds of which nothing differs in the description, or that cannot be flipped, and why.
    not_flipped: tuple[str, ...]
    #: How often others are asked, and how much load goes where.
    loads: tuple[str, ...]
    #: Hosts that nobody consented to.
    consents_missing: tuple[str, ...]
    #: What keeps it from running at all, with the way out.
    problems: tuple[str, ...]
    minutes: float
    experiments: bool
    #: What the artefacts of the suite say (gaps.beliefs.plain).
    artefacts: dict[str, Any]


def plan(
    config: Config,
    failure: Failure,
    beliefs: Beliefs,
    coverage: Coverage,
    journey: Sequence[str],
    *,
    kinds: Sequence[Kind],
    minutes: float,
    experiments: bool,
    may: Consents,
    problems: Sequence[str],
) -> Plan:
    """Return what a search would do; nothing but the configuration and the artefacts is looked at."""
    hosts = asked(config, may)
    differs = {kind: why for kind in kinds if (why := _differs(config, kind))}
    flips = tuple(kind for kind in kinds if kind in differs)
    once = _once(beliefs, journey)
    steps = [
        Step(name="read", what=_reading(beliefs)),
        Step(name="coverage", what=coverage.told),
        *(Step(name="observe", what=f"{kind}: {_LOOKS[kind]}", seconds=2.0) for kind in kinds),
    ]
    if experiments:
        way = in_words(failure) if failure.can_be_sent else "the journey's tests"
        steps += [
            Step(
                name="control",
                what=f"{CONTROL} times in the tests' own world: {way}",
                seconds=_START + 8 * once,
            ),
            Step(
                name="production",
                what="a world with all that differs as in production",
                seconds=_START + TIMES * once,
            ),
            *(
                Step(
                    name="flip",
                    what=f"{kind} alone as in production ({differs[kind]})",
                    seconds=_START + TIMES * once,
                )
                for kind in flips
            ),
            Step(
                name="restore",
                what="production's world without the kind that fails",
                seconds=_START + TIMES * once,
            ),
            Step(
                name="narrow",
                what="down to the key, row, field or amount: at most "
                + ", ".join(f"{_NARROWING[kind]} worlds for {kind}" for kind in flips),
                seconds=max((_NARROWING[kind] for kind in flips), default=0) / 2 * (_START + once),
            ),
        ]
    return Plan(
        failure=in_words(failure),
        suite=" ".join(config.gap.suite),
        journey=tuple(journey),
        steps=tuple(steps),
        hosts=hosts,
        not_flipped=tuple(
            f"{kind}: nothing of it differs in andon.toml ({_HOW[kind]})"
            for kind in kinds
            if kind not in differs
        ),
        loads=(*_reads(hosts), *(_loads(config) if experiments else ())),
        consents_missing=missing(hosts),
        problems=tuple(problems),
        minutes=minutes,
        experiments=experiments,
        artefacts=plain(beliefs),
    )


_LOOKS = {
    Kind.ENVIRONMENT: "settings of both worlds, versions, headers; values are compared by a keyed hash",
    Kind.DATA: "schemas, and facts about columns, by read-only queries of aggregates",
    Kind.DEPENDENCY: "what the tests believed of outside services against what they answer",
    Kind.SCALE: "how many use it, how many rows there are, a bounded load on the tests' world",
    Kind.NETWORK: "connections of browsers, distances to database and services",
}
_HOW = {
    Kind.ENVIRONMENT: "[gap.prod] env, set, start",
    Kind.DATA: "[gap.prod] database",
    Kind.DEPENDENCY: "[[gap.prod.dependency]]",
    Kind.SCALE: "[gap.prod] users, database",
    Kind.NETWORK: "[gap.prod] network, database_latency, a dependency's latency",
}


def not_described(config: Config) -> dict[Kind, str]:
    """Return the kinds of which nothing differs in the description, with the settings that would say so."""
    return {kind: _HOW[kind] for kind in Kind if not _differs(config, kind)}


def _differs(config: Config, kind: Kind) -> str:
    """Return what of a kind is described otherwise for production; "" for nothing."""
    test, prod = config.gap_test, config.gap_prod
    found: list[str] = []
    match kind:
        case Kind.ENVIRONMENT:
            found += [prod.env] if prod.env and prod.env != test.env else []
            found += ["set"] if prod.set and prod.set != test.set else []
            found += ["start"] if prod.start and prod.start != test.start else []
        case Kind.DATA:
            found += [_safe(prod.database)] if prod.database and prod.database != test.database else []
        case Kind.DEPENDENCY:
            found += [one.name for one in _changed(config.gap_dependencies)]
        case Kind.SCALE:
            found += [f"{prod.users} users against {test.users}"] if prod.users > test.users else []
            found += ["rows"] if prod.database and prod.database != test.database else []
        case Kind.NETWORK:
            found += [prod.network] if prod.network not in ("none", test.network) else []
            found += ["database_latency"] if prod.database_latency > test.database_latency else []
            found += [one.name for one in config.gap_dependencies if one.world == "prod" and one.latency]
    return ", ".join(found)


def _changed(dependencies: Sequence[GapDependencyConfig]) -> tuple[GapDependencyConfig, ...]:
    """Return production's services that are described otherwise than the tests', or not at all there."""
    tests = {one.name: (one.url, one.recording) for one in dependencies if one.world == "test"}
    return tuple(
        one for one in dependencies if one.world == "prod" and tests.get(one.name) != (one.url, one.recording)
    )


def _safe(database: str) -> str:
    """Return a database's place without what a URL may hold of user and password."""
    if "://" not in database:
        return database
    scheme, _, rest = database.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _once(beliefs: Beliefs, journey: Sequence[str]) -> float:
    """Return how many seconds the journey takes once, by the artefacts."""
    wanted = [test for test in beliefs.tests if not journey or test.id in journey]
    return sum(test.seconds for test in wanted) or 1.0


def _reading(beliefs: Beliefs) -> str:
    if not beliefs.tests:
        return "no artefacts of the suite could be read"
    where = counted(len(beliefs.by_endpoint()), "endpoint")
    made_up = sum(1 for e in beliefs.exchanges if e.is_mocked)
    told = [
        f"{counted(len(beliefs.tests), 'test')} ({beliefs.flavour})",
        f"{counted(len(beliefs.exchanges), 'request')} to {where}, {made_up} of them made up",
        counted(sum(len(test.assertions) for test in beliefs.tests), "assertion"),
    ]
    if beliefs.slowest:
        told.append(f"slowest answer {beliefs.slowest * 1000:.0f} ms ({beliefs.slowest_endpoint})")
    if beliefs.console_errors:
        told.append(f"{counted(len(beliefs.console_errors), 'error')} on the console that failed no test")
    if beliefs.viewport:
        told.append(f"viewport {beliefs.viewport}")
    return "; ".join(told)


def _reads(hosts: Sequence[Asked]) -> tuple[str, ...]:
    """Return how sparingly the hosts of others are asked; empty where none is."""
    if not any(one.needs_consent for one in hosts):
        return ()
    return (f"other hosts: read only, with consent, at most {PACE} requests a second",)


def _loads(config: Config) -> tuple[str, ...]:
    hosts = ", ".join(config.gap.load_hosts)
    return (
        f"at most {LOAD} requests to the disposable world on 127.0.0.1; hosts that may get load: {hosts}",
        f"at most {min(config.gap_prod.users, 64)} at once, going the failing way",
    )
