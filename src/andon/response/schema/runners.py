"""The commands that bring a database to the newest migration, and what each does on one that is newer."""

from __future__ import annotations

import re

from andon.incident.words import Verdict
from andon.record import Record
from andon.response.schema.layouts import Framework


class Runner(Record):
    """A command that brings a database to the newest migration it has files for."""

    framework: Framework
    #: Does it end well on a database that is newer than its files?
    on_newer: Verdict
    #: What was seen, for people.
    because: str
    command: re.Pattern[str]


def _runner(framework: Framework, on_newer: Verdict, because: str, command: str) -> Runner:
    return Runner(framework=framework, on_newer=on_newer, because=because, command=re.compile(command))


_PASSED, _FAILED, _UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN

#: Run against a newer PostgreSQL schema: Alembic, Knex, Django, umzug, node-pg-migrate, TypeORM, Drizzle,
#: dbmate, yoyo. From their issues and documentation: golang-migrate, Prisma, Flyway, goose, Liquibase, Rails.
RUNNERS: tuple[Runner, ...] = (
    _runner(
        Framework.ALEMBIC,
        _FAILED,
        "it cannot find the newer revision and exits with an error",
        r"\balembic\b[^\n;&|]*\bupgrade\b|\bflask\b[^\n;&|]*\bdb\s+upgrade\b|manage\.py\s+db\s+upgrade\b",
    ),
    _runner(
        Framework.KNEX,
        _FAILED,
        "it calls the migration directory corrupt and exits with an error",
        r"\bknex\b[^\n;&|]*\bmigrate:(latest|up)\b",
    ),
    _runner(
        Framework.GOLANG_MIGRATE,
        _FAILED,
        "it finds no migration for the newer version and exits with an error",
        r"(?<![\w:.-])(?:\S*/)?migrate\s+(?=[^\n;&|]*-(?:path|source|database)\b)[^\n;&|]*\bup\b",
    ),
    _runner(
        Framework.DJANGO,
        _PASSED,
        "it leaves newer migrations alone",
        r"\b(manage\.py|django-admin)\s+migrate\b",
    ),
    _runner(Framework.PRISMA, _PASSED, "it leaves newer migrations alone", r"\bprisma\s+migrate\s+deploy\b"),
    _runner(
        Framework.PRISMA,
        _UNKNOWN,
        "it makes the schema what the older description says, and may drop what is new",
        r"\bprisma\s+(db\s+push|migrate\s+(dev|reset))\b",
    ),
    _runner(
        Framework.TYPEORM,
        _PASSED,
        "it leaves newer migrations alone",
        r"\btypeorm\S*\b[^\n;&|]*\bmigrations?:run\b",
    ),
    _runner(
        Framework.SEQUELIZE,
        _PASSED,
        "it leaves newer migrations alone",
        r"\bsequelize(-cli)?\b[^\n;&|]*\bdb:migrate\b",
    ),
    _runner(
        Framework.NODE_PG_MIGRATE,
        _PASSED,
        "it leaves newer migrations alone",
        r"\bnode-pg-migrate\b[^\n;&|]*\bup\b",
    ),
    _runner(Framework.DRIZZLE, _PASSED, "it leaves newer migrations alone", r"\bdrizzle-kit\s+migrate\b"),
    _runner(
        Framework.DRIZZLE,
        _UNKNOWN,
        "it makes the schema what the older code says, and may drop what is new",
        r"\bdrizzle-kit\s+push\b",
    ),
    _runner(
        Framework.FLYWAY,
        _UNKNOWN,
        "it accepts newer migrations unless its patterns of ignored migrations are set otherwise",
        r"\bflyway\b[^\n]*ignoreMigrationPatterns",
    ),
    _runner(
        Framework.FLYWAY,
        _PASSED,
        "it leaves newer migrations alone by default",
        r"\bflyway\b[^\n;&|]*\bmigrate\b",
    ),
    _runner(
        Framework.LIQUIBASE, _PASSED, "it leaves newer changesets alone", r"\bliquibase\b[^\n;&|]*\bupdate\b"
    ),
    _runner(Framework.GOOSE, _PASSED, "it leaves newer migrations alone", r"\bgoose\b[^\n;&|]*\bup\b"),
    _runner(
        Framework.DBMATE, _PASSED, "it leaves newer migrations alone", r"\bdbmate\b[^\n;&|]*\b(up|migrate)\b"
    ),
    _runner(Framework.YOYO, _PASSED, "it leaves newer migrations alone", r"\byoyo\s+apply\b"),
    _runner(
        Framework.RAILS,
        _PASSED,
        "it leaves newer migrations alone",
        r"\b(rails|rake)\s+db:(migrate|prepare)\b",
    ),
)


def as_command(line: str) -> str:
    """Return a line with a list of words (`["alembic", "upgrade"]`) written as a command."""
    return re.sub(r"""["'],\s*["']""", " ", line)
