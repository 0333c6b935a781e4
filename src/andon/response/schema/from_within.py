"""Whether a program migrates from within, by a call of a library: looked for in the older release's files."""

from __future__ import annotations

import re

from andon.incident.words import Verdict
from andon.response.schema.layouts import Framework
from andon.response.schema.runners import RUNNERS, as_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: A call by which a program migrates from within, by framework; what it imports has to be there as well.
_CALLS: dict[Framework, tuple[str, re.Pattern[str]]] = {
    Framework.ALEMBIC: (
        "alembic",
        re.compile(
            r"\bcommand\.upgrade\s*\(|\balembic_config\.main\s*\(|\balembic\.config\.main\s*\(|"
            r"\bcommand\.upgrade\s*,|\balembic\b[^\n#]*\bupgrade\b[^\n]*\bheads?\b"
        ),
    ),
    Framework.KNEX: (
        "knex",
        re.compile(r"\bmigrate\s*\.\s*(latest|up)\s*\(|\bknex\b[^\n]*\bmigrate:(latest|up)\b"),
    ),
    Framework.GOLANG_MIGRATE: ("golang-migrate/migrate", re.compile(r"\bmigrate\.New\w*\s*\(")),
    Framework.SQL_MIGRATE: ("sql-migrate", re.compile(r"\bmigrate\.Exec\w*\s*\(")),
    Framework.FLYWAY: ("", re.compile(r"(?i)\bignoreMigrationPatterns\b|\bignore-migration-patterns\b")),
}
#: Flask-Migrate brings a function of its own, imported by name.
_FLASK = re.compile(r"(?m)^\s*from\s+flask_migrate\s+import\b[^\n]*\bupgrade\b(?:\s+as\s+(\w+))?")
#: What the files with such calls are found by, and how their names end.
WORDS_WITHIN = (
    *("command.upgrade", "alembic.config", "flask_migrate", "alembic upgrade", "upgrade', 'head"),
    *('upgrade", "head', "migrate.latest", "migrate.up", "migrate:latest", "golang-migrate/migrate"),
    *("sql-migrate", "ignoreMigrationPatterns", "ignore-migration-patterns"),
)
ENDINGS_WITHIN = (
    *(".py", ".js", ".ts", ".mjs", ".cjs", ".go", ".java", ".kt", ".properties", ".yml", ".yaml", ".conf"),
)
#: Files that are looked at for such calls; with more of them nobody knows.
FILES_WITHIN = 200
#: Files whose calls the running release does not make: tests, documents, the migrations themselves.
_NOT_RUNNING = re.compile(
    r"(?i)(^|/)(tests?|spec|specs|__tests__|docs?|examples?|versions|node_modules|vendor|\.github)/|"
    r"(^|/)(conftest\.py|test_[^/]*|[^/]*_test\.(go|py)|[^/]*\.(test|spec)\.\w+)$"
)
#: Files that a program begins with.
_BEGINS = re.compile(
    r"(?i)(^|/)(__main__|main|app|application|server|index|wsgi|asgi|startup|boot(strap)?|entrypoint|prestart)\.\w+$"
)

#: A command that stands in a text: it may be run, or only told to people.
_IN_WORDS = re.compile(r"\balembic\s[^\n]*\bupgrade\b|\bknex\s+migrate:")
#: Characters of a file that are looked at.
LENGTH_LIMIT = 200_000


def calls_within(framework: Framework, source: Mapping[str, str]) -> Iterator[tuple[Verdict, str]]:
    """Yield what speaks against the start because a program migrates from within: verdict and reason."""
    if framework not in _CALLS:
        return
    if len(source) > FILES_WITHIN:
        reason = f"more than {FILES_WITHIN} files of the older release may migrate from within"
        yield Verdict.UNKNOWN, reason
        return
    because = next((r.because for r in RUNNERS if r.framework is framework), "what it does is not known")
    for path in sorted(source, key=lambda p: (not _BEGINS.search(p), p)):
        line, call = (
            (0, "") if _NOT_RUNNING.search(path) else _call_in(framework, source[path][:LENGTH_LIMIT])
        )
        if not line:
            continue
        where = f"{path}:{line} has `{call}`"
        if _BEGINS.search(path) and framework is not Framework.FLYWAY and not _IN_WORDS.search(call):
            yield Verdict.FAILED, f"{where}, where the program begins; {because}"
        else:
            yield Verdict.UNKNOWN, f"{where}; whether it runs at the start is not known, and then {because}"


def _call_in(framework: Framework, text: str) -> tuple[int, str]:
    """Return the line and text of the first call by which a file migrates; 0 and "" when there is none."""
    named, call = _CALLS[framework]
    flask = _FLASK.search(text) if framework is Framework.ALEMBIC else None
    if named not in text and flask is None:
        return 0, ""
    own = re.compile(rf"(?<![\w.])(?<!def ){flask[1] or 'upgrade'}\s*\(") if flask else call
    for number, line in enumerate(text.splitlines(), 1):
        told = line.strip()[:2_000]
        meant = as_command(told)
        if not told.startswith(("#", "//", "*")) and (call.search(meant) or own.search(meant)):
            return number, " ".join(told.split())[:80]
    return 0, ""
