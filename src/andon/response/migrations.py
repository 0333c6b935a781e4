"""The migration gate, first form: a range without schema changes passes, any other is unknown.

Unknown is never safe: a person who checked may sign `migrations-reversible`.
"""

from __future__ import annotations

from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_DIRECTORIES = frozenset(("migrations", "migrate", "migration", "alembic", "drizzle", "changelog"))
_FILES = frozenset(("schema.rb", "structure.sql", "schema.prisma", "schema.sql"))


def is_migration(path: str, configured: Sequence[str] = ()) -> bool:
    """True when `path` looks like a schema change, or lies in one of the configured places."""
    if any(path == place or path.startswith(place.rstrip("/") + "/") for place in configured if place):
        return True
    parts = path.lower().split("/")
    return bool(_DIRECTORIES.intersection(parts[:-1])) or parts[-1] in _FILES or parts[-1].endswith(".sql")


def judge_migrations(changed: Sequence[str] | None, configured: Sequence[str] = ()) -> tuple[Verdict, str]:
    """Return whether going back over `changed` leaves the database alone; None means the range is unknown."""
    if changed is None:
        return Verdict.UNKNOWN, "which files changed between the two releases is not known"
    found = [path for path in changed if is_migration(path, configured)]
    if not found:
        return Verdict.PASSED, f"no schema change among {len(changed)} changed files"
    shown = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    return Verdict.UNKNOWN, f"the range changes the schema ({shown}); whether that can be undone is not known"
