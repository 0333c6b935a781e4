"""The migrations between two commits, and those before them from which the older schema can be built."""

from __future__ import annotations

import re

from andon.desk.values import MigrationStep
from andon.record import Record, replace
from andon.response.schema.layouts import Framework, Script, is_candidate, read_layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from andon.desk.ports import Desk
    from andon.response.schema.layouts import Migration

#: Migrations before the range from which a schema is built; a longer history needs a copy to begin with.
MOST_BEFORE = 2000
_REVISION = re.compile(r"""^(revision|down_revision)\b[^=\n]{0,60}=\s*(.{0,400})$""", re.MULTILINE)
_ID = re.compile(r"""["']([^"'\n]{1,100})["']""")


class MigrationRange(Record):
    """What a trial of going back from `head` to `base` has to run."""

    base: str
    head: str
    #: New since `base`, oldest first.
    migrations: tuple[Migration, ...] = ()
    #: Those in the same places that `base` has already, oldest first.
    before: tuple[Migration, ...] = ()
    #: Why the range cannot be tried as it is; "" when it can.
    obstacle: str = ""


def read_range(desk: Desk, base: str, head: str) -> MigrationRange:
    """Return the migrations between two commits; raises NotFound, Unavailable."""
    repository, places = desk.repository, desk.config.migrations
    changes = [c for c in repository.changes(base, head) if is_candidate(c.path, places)]
    if not changes:
        return MigrationRange(base=base, head=head)
    beside = repository.files(head)
    texts = {c.path: _text(desk, head, c.path) for c in changes if c.kind != "removed"}
    migrations = ordered(read_layout(texts, beside).migrations)
    kinds = {c.path: c.kind for c in changes}
    removed = [c.path for c in changes if c.kind == "removed"]
    removed_texts = {path: _text(desk, base, path) for path in removed}
    lost = [m.path for m in read_layout(removed_texts, repository.files(base)).migrations]
    edited = [m.path for m in migrations if kinds.get(m.path) == "changed"]
    obstacle = ""
    if lost:
        obstacle = f"{lost[0]} is not there any more: what the databases ran, the newer release does not have"
    elif edited:
        obstacle = f"{edited[0]} was edited after it was released: which form a database ran is not known"
    return MigrationRange(base=base, head=head, migrations=migrations, obstacle=obstacle)


def with_history(desk: Desk, found: MigrationRange) -> MigrationRange:
    """Add the migrations that come before the range, for a copy that begins empty."""
    here = {place(m) for m in found.migrations}
    paths = [p for p in desk.repository.files(found.base) if is_candidate(p, desk.config.migrations)]
    near = [p for p in paths if any(p.startswith(f"{directory}/") or not directory for directory in here)]
    if len(near) > MOST_BEFORE:
        return replace(found, obstacle=f"{len(near)} migrations come before it: give a copy of the schema")
    texts = {path: _text(desk, found.base, path) for path in near}
    known = {m.path for m in found.migrations}
    before = [m for m in read_layout(texts, paths).migrations if m.path not in known and place(m) in here]
    return replace(found, before=ordered(before))


def place(migration: Migration) -> str:
    """Return the directory whose migrations follow one another."""
    directory, _, name = migration.path.rpartition("/")
    if name in ("migration.sql", "up.sql"):
        return directory.rpartition("/")[0]
    return directory


def _text(desk: Desk, commit: str, path: str) -> str:
    return (desk.repository.content(commit, path) or b"").decode("utf-8", "replace")


def revision(migration: Migration) -> str:
    """Return what the framework's commands call it: Alembic's revision, Django's name, else the version."""
    if migration.framework is Framework.ALEMBIC:
        return _alembic(migration.up)[0] or migration.version
    if migration.framework in (Framework.KNEX, Framework.SEQUELIZE, Framework.YOYO):
        return migration.path.rpartition("/")[2]
    if migration.framework is Framework.DJANGO:
        return migration.path.rpartition("/")[2].removesuffix(".py")
    return migration.version


def named_steps(migrations: Sequence[Migration]) -> dict[str, MigrationStep]:
    """Return, by path, what each migration and the one before it are called by the framework."""
    found: dict[str, MigrationStep] = {}
    last: dict[str, str] = {}
    for migration in migrations:
        own, directory = revision(migration), place(migration)
        first = {Framework.ALEMBIC: "base", Framework.DJANGO: "zero"}.get(migration.framework, "")
        previous = last.get(directory, first)
        if migration.framework is Framework.ALEMBIC:
            previous = next(iter(_alembic(migration.up)[1]), "base")
        app = directory.removesuffix("/migrations").rpartition("/")[2]
        found[migration.path] = MigrationStep(
            path=migration.path,
            text=migration.up.text,
            revision=own,
            previous=previous,
            app=app if migration.framework is Framework.DJANGO else "",
        )
        last[directory] = own
    return found


def _alembic(script: Script) -> tuple[str, tuple[str, ...]]:
    """Return a migration's own revision and those it follows."""
    found = {match[1]: _ID.findall(match[2]) for match in _REVISION.finditer(script.text)}
    own = found.get("revision") or [""]
    return own[0], tuple(found.get("down_revision", ()))


def ordered(migrations: Iterable[Migration]) -> tuple[Migration, ...]:
    """Return migrations as they are run: Alembic's by what follows what, any other by place and version."""
    listed = list(migrations)
    follows = {m.path: _alembic(m.up) for m in listed if m.framework is Framework.ALEMBIC}
    if not follows:
        return tuple(listed)
    by_id = {follows[m.path][0]: m for m in listed if m.path in follows}
    done: dict[str, Migration] = {}
    for first in listed:
        waiting = [first]
        while waiting:
            current = waiting[-1]
            parents = follows.get(current.path, ("", ()))[1]
            owed = [by_id[p] for p in parents if p in by_id and by_id[p].path not in done]
            owed = [m for m in owed if m not in waiting]  # a circle has no order; it fails when it is run
            if owed:
                waiting.append(owed[0])
            else:
                waiting.pop()
                done.setdefault(current.path, current)
    return tuple(done.values())


def steps_back(migrations: Sequence[Migration]) -> tuple[Migration, ...]:
    """Return the migrations in the order in which they are taken back."""
    return tuple(reversed(migrations))
