"""The suite that passes and the two worlds it is compared in: `[gap]`, `[gap.test]`, `[gap.prod]`."""

from __future__ import annotations

from andon.config.model_gap import GapConfig, GapDependencyConfig, WorldConfig
from andon.config.table import refuse_twins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.config.table import Table


def read_gap(table: Table) -> GapConfig:
    """Return the suite; raises InvalidInput for a setting that is none."""
    found = GapConfig(
        suite=table.argv("suite"),
        flavour=table.word("flavour", ("playwright", "pytest", "junit"), ""),
        directory=table.string("directory", "").removeprefix("./"),
        artefacts=table.strings("artefacts"),
        url_variable=table.name("url_variable", "BASE_URL"),
        journey=table.strings("journey"),
        minutes=table.number("minutes", 10.0, least=0.1),
        load_hosts=table.strings("load_hosts", ("127.0.0.1", "::1", "localhost")),
        safe=table.strings("safe"),
    )
    _refuse_outside(table, "directory", found.directory)
    if any(len(one.split()) != 2 or not one.split()[1].startswith("/") for one in found.safe):
        raise table.wrong("safe", 'a list of method and path, as in ["POST /search"]')
    if any(test.startswith("-") for test in found.journey):
        raise table.wrong("journey", "a list of tests; one that starts with - would be an option")
    table.finish()
    return found


def read_world(table: Table) -> WorldConfig:
    """Return one world; raises InvalidInput for a setting that is none."""
    found = WorldConfig(
        start=table.argv("start"),
        directory=table.string("directory", "").removeprefix("./"),
        port_variable=table.name("port_variable", "PORT"),
        health=table.string("health", "/"),
        url=table.string("url", "").rstrip("/"),
        env=table.string("env", ""),
        set=table.pairs("set"),
        database=table.string("database", ""),
        database_variable=table.name("database_variable", "DATABASE_URL"),
        users=table.whole("users", 1, least=1, most=1_000_000),
        network=table.word("network", ("none", "slow-3g", "fast-3g", "slow-4g", "fast-4g"), "none"),
        database_latency=table.number("database_latency", 0.0),
        release=table.string("release", ""),
    )
    _refuse_outside(table, "directory", found.directory)
    if not found.health.startswith("/"):
        raise table.wrong("health", "a path that starts with /")
    if found.url and not found.url.startswith(("http://", "https://")):
        raise table.wrong("url", "an http:// or https:// address")
    if found.database and not found.database.startswith(("sqlite:", "postgresql://", "postgres://", "$")):
        raise table.wrong("database", "sqlite:PATH, a postgresql:// address, or $NAME of a variable with one")
    table.finish()
    return found


def read_gap_dependencies(table: Table, world: str) -> tuple[GapDependencyConfig, ...]:
    """Return the outside services of a world; raises InvalidInput as well for a name given twice."""
    tables = table.tables("dependency")
    found = tuple(_gap_dependency(one, world) for one in tables)
    refuse_twins(tables, [one.name for one in found])
    return found


def _gap_dependency(table: Table, world: str) -> GapDependencyConfig:
    found = GapDependencyConfig(
        world=world,
        name=table.named("name"),
        variable=table.name("variable"),
        url=table.string("url", "").rstrip("/"),
        recording=table.string("recording", "").removeprefix("./"),
        latency=table.number("latency", 0.0),
    )
    if found.url and not found.url.startswith(("http://", "https://")):
        raise table.wrong("url", "an http:// or https:// address")
    _refuse_outside(table, "recording", found.recording)
    if not (found.url or found.recording):
        raise table.wrong("url", "given, or recording: a HAR, a cassette, or Andon's own JSON")
    table.finish()
    return found


def _refuse_outside(table: Table, key: str, place: str) -> None:
    if place.startswith("/") or ".." in place.split("/"):
        raise table.wrong(key, "a place in the repository")
