"""Which files of a range are migrations, of which framework, and where their way up and way down are written.

Reading stops here at text: what a statement does is judged by the other modules of this package.
"""

from __future__ import annotations

import re
from enum import StrEnum

from andon.record import Record
from andon.response.schema.sections import has_lone_return, split_sections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


class Framework(StrEnum):
    """What runs the migrations; the value is its name for people."""

    ALEMBIC = "Alembic"
    DJANGO = "Django"
    RAILS = "Rails"
    PRISMA = "Prisma"
    KNEX = "Knex"
    TYPEORM = "TypeORM"
    SEQUELIZE = "Sequelize"
    NODE_PG_MIGRATE = "node-pg-migrate"
    DRIZZLE = "Drizzle"
    FLYWAY = "Flyway"
    LIQUIBASE = "Liquibase"
    GOLANG_MIGRATE = "golang-migrate"
    GOOSE = "goose"
    DBMATE = "dbmate"
    SQL_MIGRATE = "sql-migrate"
    YOYO = "yoyo"
    SUPABASE = "Supabase"
    #: A directory of SQL files that something else applies.
    SQL = "raw SQL"
    UNKNOWN = "unknown"


class Language(StrEnum):
    """What a script is written in."""

    SQL = "SQL"
    PYTHON = "Python"
    JAVASCRIPT = "JavaScript"
    RUBY = "Ruby"
    OTHER = "other"


class Script(Record):
    """Text that changes the schema."""

    path: str
    text: str
    language: Language
    #: Line of the file on which `text` begins; 1 for a whole file.
    line: int = 1


class Migration(Record):
    """One step of the schema."""

    framework: Framework
    #: The file that names it: the way up, or the one file with both ways.
    path: str
    #: What orders it among its neighbours, as the framework writes it; the file's name where that is all.
    version: str
    #: The way up. Where one program file holds both ways (`is_program`), it is that whole file.
    up: Script
    #: The way down where the layout keeps it apart or in a section; None where it has none.
    down: Script | None = None

    @property
    def is_program(self) -> bool:
        """True when both ways are functions of one program file, so that `down` is not a text of its own."""
        return self.up.language is not Language.SQL and self.down is None


class Layout(Record):
    """What the files of a range are; every candidate is in exactly one of the three."""

    #: By place and version, oldest first.
    migrations: tuple[Migration, ...]
    #: Descriptions of the whole schema (`schema.rb`, `schema.prisma`): they follow from migrations.
    snapshots: tuple[str, ...] = ()
    #: Files of the framework that change nothing by themselves (`env.py`, a journal, a lock file).
    bystanders: tuple[str, ...] = ()


_DIRECTORIES = frozenset(("migrations", "migrate", "migration", "alembic", "drizzle", "changelog"))
#: Words that a directory's name may hold among others: `post_migrate`, `db-migrations`.
_DIRECTORY_WORDS = frozenset(("migrations", "migrate", "migration", "changelog", "flyway", "liquibase"))
#: Ends of the names of files that hold SQL, or describe a schema.
_ENDS = (".sql", ".psql", ".pgsql", ".ddl", ".cql", ".sql.gz", ".prisma")
_SNAPSHOTS = frozenset(("schema.rb", "structure.sql", "schema.prisma", "schema.sql"))
_BYSTANDERS = frozenset(
    (
        "env.py",
        "__init__.py",
        "script.py.mako",
        "alembic.ini",
        "migration_lock.toml",
        "_journal.json",
        "readme",
    )
)
_HARMLESS = re.compile(
    r"(?i)(^|/)(\.git(keep|ignore|attributes)|readme(\.txt)?|[^/]+\.(md|rst|mako)|meta/\d+_snapshot\.json)$"
)
#: A program that is called after migrations, and is no test of them, and words that change a schema.
_MODULE = re.compile(
    r"(?i)^(?!.*(^|/)(tests?|specs?|docs?)/)(?!(.*/)?test_)(.*/)?(\w+[_-])?migrations?(?!\w*[._-](test|spec))"
    r"\.(py|rb|[mc]?[jt]s|go|java|kt|php|cs|exs?|rs|scala)$"
)
_CHANGES = re.compile(
    r"(?i)\b(create|alter|drop|truncate|rename)\s+(table|index|column|type|view|schema|unique)\b"
    r"|\b(add|drop|rename|create|alter)_?(column|table|field)\b|\b(insert\s+into|delete\s+from)\b"
)
_LANGUAGES = {
    "sql": Language.SQL,
    "py": Language.PYTHON,
    "rb": Language.RUBY,
    **dict.fromkeys(("js", "ts", "mjs", "cjs", "mts", "cts"), Language.JAVASCRIPT),
}
#: A file name that holds one way of a pair: golang-migrate, yoyo and those who name them alike.
_WAY_DOWN = re.compile(r"(?i)^(?:(.+?)[._-](?:down|rollback|undo|revert)|down|rollback)\.sql$")
_WAY_UP = re.compile(r"(?i)^(?:(.+?)[._-]up|up|migration)\.sql$")
_FLYWAY = re.compile(r"^([VUR])([\d._]*)__.+\.sql$")
_NUMBERED = re.compile(r"^[A-Za-z]?(\d[\d._]*)")


def is_candidate(path: str, configured: Sequence[str] = ()) -> bool:
    """True when `path` could be a schema change by its name, or lies in one of the configured places."""
    if any(lies_in(path, place) for place in configured):
        return True
    parts = path.lower().split("/")
    name = parts[-1]
    words = {word for part in parts[:-1] for word in re.split(r"[-_.]", part)}
    if _DIRECTORIES.intersection(parts[:-1]) or _DIRECTORY_WORDS & words:
        return True
    if name in _SNAPSHOTS or name.endswith(_ENDS) or _MODULE.match(path):
        return True
    return "versions" in parts[:-1] and name.endswith(".py")


def lies_in(path: str, place: str) -> bool:
    """True when `path` is the configured place or below it; both begin at the root of the repository."""
    steps = [step for step in place.split("/") if step not in ("", ".")]
    return bool(place) and path.split("/")[: len(steps)] == steps


def read_layout(files: Mapping[str, str], beside: Collection[str] = ()) -> Layout:
    """Sort candidate files (path to text) into migrations, snapshots and bystanders.

    `beside` are paths that exist in the same commit and may tell the layout, such as `meta/_journal.json`.
    """
    found: list[Migration] = []
    snapshots: list[str] = []
    bystanders: list[str] = []
    known = {*files, *beside}
    answers = {path: _answers(path, known) for path in files}
    downs = {up: path for path, up in answers.items() if up}
    for path, text in sorted(files.items()):
        name = path.rpartition("/")[2].lower()
        if (name in _SNAPSHOTS or name.endswith(".prisma")) and not (
            path.lower().endswith(".sql") and _is_numbered(path)
        ):
            snapshots.append(path)
        elif _is_bystander(path, text):
            bystanders.append(path)
        elif answers[path] is None:
            down = downs.get(path)
            found.append(_migration(path, text, known, (down, files[down]) if down else None))
        elif answers[path] not in files:  # the way down alone was touched: its way up is not in the range
            found.append(_alone(path, text))
    return Layout(
        migrations=tuple(sorted(found, key=_order)),
        snapshots=tuple(snapshots),
        bystanders=tuple(bystanders),
    )


def _order(migration: Migration) -> tuple[str, list[tuple[int, str]], str]:
    place = migration.path.rpartition("/")[0]
    if migration.up.path.endswith(("/migration.sql", "/up.sql")):
        place = place.rpartition("/")[0]
    pieces = re.split(r"\D+", migration.version)
    return place, [(int(p[:40]), "") for p in pieces if p], migration.path


def _is_numbered(path: str) -> bool:
    return bool(_NUMBERED.match(path.rpartition("/")[2]))


def _is_bystander(path: str, text: str) -> bool:
    name = path.rpartition("/")[2].lower()
    if name == "__init__.py":
        return not [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if name == "env.py" and any(sign.search(text) for _, sign in _PYTHON_SIGNS):
        return False
    if name in _BYSTANDERS or _HARMLESS.search(path):
        return True
    parts = path.lower().split("/")[:-1]
    words = {word for part in parts for word in re.split(r"[-_.]", part)}
    in_place = _DIRECTORIES.intersection(parts) or _DIRECTORY_WORDS & words
    return bool(not in_place and _MODULE.match(path) and not _CHANGES.search(text))


def _answers(path: str, known: Collection[str]) -> str | None:
    """Return the way up that `path` is the way down of; None when it is a way up or a file of its own."""
    place, slash, name = path.rpartition("/")
    flyway = _FLYWAY.match(name)
    if flyway and flyway[1] == "U":
        ups = [p for p in known if p.startswith(f"{place}{slash}V{flyway[2]}__") and p.endswith(".sql")]
        return min(ups) if ups else ""
    match = _WAY_DOWN.match(name)
    if match is None:
        return None
    stem = match[1] or ""
    ups = [f"{stem}.up.sql", f"{stem}_up.sql", f"{stem}-up.sql", f"{stem}.sql", f"{stem}.py"] if stem else []
    for candidate in (*ups, "up.sql", "migration.sql"):
        if (not stem or candidate.startswith(stem)) and f"{place}{slash}{candidate}" in known:
            return f"{place}{slash}{candidate}"
    return ""


def _migration(path: str, text: str, known: Collection[str], down: tuple[str, str] | None) -> Migration:
    language = _LANGUAGES.get(path.rpartition(".")[2].lower(), Language.OTHER)
    if language is not Language.SQL:
        return Migration(
            framework=_framework_of_program(text, language),
            path=path,
            version=_version(path),
            up=Script(path=path, text=text, language=language),
        )
    sections = None if has_lone_return(text) else split_sections(text)
    if sections is not None:
        ways = [
            Script(path=path, text=part.text, language=Language.SQL, line=part.line) if part else None
            for part in (sections.up, sections.down)
        ]
        up = ways[0] or Script(path=path, text="", language=Language.SQL)
        return Migration(
            framework=Framework(sections.framework), path=path, version=_version(path), up=up, down=ways[1]
        )
    return Migration(
        framework=_framework_of_sql(path, text, known),
        path=path,
        version=_version(path),
        up=Script(path=path, text=text, language=Language.SQL),
        down=Script(path=down[0], text=down[1], language=Language.SQL) if down else None,
    )


def _alone(path: str, text: str) -> Migration:
    """A way down without its way up in the range: what it takes back is not known, so nothing is."""
    script = Script(path=path, text=text, language=Language.OTHER)
    return Migration(framework=Framework.UNKNOWN, path=path, version=_version(path), up=script)


def _version(path: str) -> str:
    place, _, name = path.rpartition("/")
    if name.lower() in ("migration.sql", "up.sql", "down.sql"):
        name = place.rpartition("/")[2]
    numbered = _NUMBERED.match(name)
    return numbered[1].rstrip("._") if numbered else name.partition(".")[0]


def _framework_of_sql(path: str, text: str, known: Collection[str]) -> Framework:
    place, _, name = path.rpartition("/")
    parts = path.lower().split("/")
    above = place.rpartition("/")[0]
    if name == "migration.sql" and ("prisma" in parts or parts[-3:-2] == ["migrations"]):
        return Framework.PRISMA
    if parts[-3:-1] == ["supabase", "migrations"]:
        return Framework.SUPABASE
    if _FLYWAY.match(name):
        return Framework.FLYWAY
    if (
        f"{place}/meta/_journal.json".lstrip("/") in known
        or f"{above}/meta/_journal.json".lstrip("/") in known
    ):
        return Framework.DRIZZLE
    if "drizzle" in parts[:-1] or "--> statement-breakpoint" in text:
        return Framework.DRIZZLE
    if re.match(r"(?i)^\d+_.+\.up\.sql$", name):
        return Framework.GOLANG_MIGRATE
    stem = path[: -len(".sql")]
    if f"{stem}.rollback.sql" in known or re.search(r"(?m)^--\s*depends:", text):
        return Framework.YOYO
    return Framework.SQL


_PYTHON_SIGNS = (
    (Framework.DJANGO, re.compile(r"(?m)^class Migration\(\s*(?:\w+\.)*Migration\s*\)\s*:")),
    (Framework.ALEMBIC, re.compile(r"(?m)^down_revision\b")),
    (Framework.YOYO, re.compile(r"(?m)^from yoyo\b|^import yoyo\b|^(?:__depends__|steps)\s*=")),
)
_SCRIPT_SIGNS = (
    (Framework.TYPEORM, re.compile(r"\bMigrationInterface\b|\bqueryRunner\b")),
    (Framework.SEQUELIZE, re.compile(r"\bqueryInterface\b|\bQueryInterface\b")),
    (Framework.NODE_PG_MIGRATE, re.compile(r"\bnode-pg-migrate\b|\bpgm\b")),
    (Framework.KNEX, re.compile(r"\b[Kk]nex\b")),
)
_RUBY_SIGNS = ((Framework.RAILS, re.compile(r"\bActiveRecord::Migration\b")),)
_SIGNS = {
    Language.PYTHON: _PYTHON_SIGNS,
    Language.JAVASCRIPT: _SCRIPT_SIGNS,
    Language.RUBY: _RUBY_SIGNS,
}
_CHANGELOG = re.compile(r"<databaseChangeLog\b|^\s*databaseChangeLog\s*:|\"databaseChangeLog\"", re.MULTILINE)


def _framework_of_program(text: str, language: Language) -> Framework:
    for framework, sign in _SIGNS.get(language, ()):
        if sign.search(text):
            return framework
    if language is Language.OTHER and _CHANGELOG.search(text):
        return Framework.LIQUIBASE
    return Framework.UNKNOWN
