"""What the tests' world has at one place, without a look at production: for the parity check in CI."""

from __future__ import annotations

import secrets

from andon.errors import AndonError
from andon.gaps.data.facts import Fact, Sort
from andon.gaps.environment.values import facts
from andon.gaps.words import Kind
from andon.production.gap.data import row_counts
from andon.production.gap.databases import source_of
from andon.production.gap.network_profiles import PROFILES
from andon.production.gap.settings_sources import read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.config.model import Config

#: Facts that one column's values show by themselves, without what the tests' values were like.
_BY_ITSELF = frozenset(
    (
        Sort.NULL,
        Sort.EMPTY,
        Sort.UNTRIMMED,
        Sort.ASTRAL,
        Sort.BEYOND_LATIN,
        Sort.BEYOND_ASCII,
        Sort.CONTROL,
        Sort.MARKUP,
        Sort.NEGATIVE,
        Sort.ZERO,
        Sort.BEYOND_INT32,
        Sort.FRACTION,
        Sort.ANCIENT,
    )
)


def tests_have(
    config: Config, kind: Kind, place: Sequence[str], production: str, *, in_number: bool
) -> str | None:
    """Return what the tests' world has, in the words that production's was told in; a number if `in_number`.

    None when it cannot be read, or cannot be told from one world alone.
    """
    try:
        match kind:
            case Kind.ENVIRONMENT:
                return _setting(config, place[0])
            case Kind.SCALE:
                return _amount(config, place)
            case Kind.NETWORK:
                return _network(config, place, in_number)
            case Kind.DATA:
                return _data(config, place, production)
            case Kind.DEPENDENCY:
                return None  # answers are compared with answers
    except (AndonError, IndexError):
        return None


def _setting(config: Config, key: str) -> str:
    found = read_settings(config.gap_test, config.root)
    value = found.variables.get(key, found.inside.get(key))
    return "missing" if value is None else facts(key, value, secrets.token_bytes(32)).words


def _amount(config: Config, place: Sequence[str]) -> str | None:
    if place[0] == "users":
        return str(config.gap_test.users)
    if not config.gap_test.database:
        return None
    rows = row_counts(config.gap_test.database, config.root).get(place[1])
    return None if rows is None else str(rows)


def _network(config: Config, place: Sequence[str], in_number: bool) -> str | None:
    if place[0] == "browser":
        profile = PROFILES[config.gap_test.network]
        return f"{profile.latency:g}" if in_number else profile.told
    if place[0] != "link" or not in_number:
        return None
    if place[1] == "database":
        return f"{config.gap_test.database_latency:g}"
    services = (d for d in config.gap_dependencies if d.world == "test" and d.name == place[1])
    return next((f"{d.latency:g}" for d in services), None)


def _data(config: Config, place: Sequence[str], production: str) -> str | None:
    """Return production's own words where a row of the tests shows the same fact, "never" where none does."""
    try:
        sort = Sort(production.partition(":")[0])
    except ValueError:
        return None
    if sort not in _BY_ITSELF or not config.gap_test.database:
        return None
    source = source_of(config.gap_test.database, config.root)
    tables, _ = source.tables()
    if place[0] not in tables:
        return None
    fact = Fact(table=place[0], column=place[1], sort=sort)
    _, counted, problems = source.count(tables[place[0]], (fact,), {}, tables)
    if problems:
        return None
    return production if any(one.rows for one in counted) else "never"
