"""The judgement on one migration: old code on the new schema, and the way down; by framework and language."""

from __future__ import annotations

from andon.incident.words import Verdict
from andon.record import Record
from andon.response.schema.effects import opaque
from andon.response.schema.layouts import Framework, Language
from andon.response.schema.old_code import not_for_old_code
from andon.response.schema.types import with_types_made_anew
from andon.response.schema.ways import Finding, not_taken_back

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.schema.effects import Effect
    from andon.response.schema.layouts import Migration

    Ways = tuple[tuple[Effect, ...], tuple[Effect, ...] | None]


class Judgement(Record):
    """What is known of one migration."""

    path: str
    framework: Framework
    version: str
    #: Does the code of the older release run on the schema after it?
    old_code: Verdict
    #: Does its way down restore schema and rows?
    reversible: Verdict
    #: True when it changes rows that were there before, or may.
    changes_data: bool
    #: Why not, in the order of the file: for the old code, and for the way down.
    for_old_code: tuple[Finding, ...] = ()
    for_way_down: tuple[Finding, ...] = ()
    #: The file with the way down, "" when there is none.
    down_path: str = ""

    @property
    def is_unknown(self) -> bool:
        """True when a part of it was not understood."""
        return any(f.verdict is Verdict.UNKNOWN for f in (*self.for_old_code, *self.for_way_down))


def judge(migration: Migration, earlier: Sequence[str] = (), dialect: str = "") -> Judgement:
    """Judge one migration; `earlier` are the texts of its older neighbours, oldest first. Never raises."""
    try:
        up, down = _ways(migration, earlier, dialect)
        up, down = with_types_made_anew(up), None if down is None else with_types_made_anew(down)
    except RecursionError:
        up, down = (opaque(1, "it is nested too deep to be read"),), None
    against_code, against_down = not_for_old_code(up), not_taken_back(up, down)
    found = (*against_code, *against_down)
    return Judgement(
        path=migration.path,
        framework=migration.framework,
        version=migration.version,
        old_code=_worst(against_code),
        reversible=_worst(against_down),
        changes_data=any(f.is_data for f in found),
        for_old_code=against_code,
        for_way_down=against_down,
        down_path="" if down is None else migration.down.path if migration.down else migration.path,
    )


def _worst(found: Sequence[Finding]) -> Verdict:
    verdicts = {f.verdict for f in found}
    return next((v for v in (Verdict.FAILED, Verdict.UNKNOWN) if v in verdicts), Verdict.PASSED)


def _ways(migration: Migration, earlier: Sequence[str], dialect: str) -> Ways:
    # Each reader is loaded when it is needed: the SQL parser alone takes longer than a whole `andon status`.
    script = migration.up
    if script.language is Language.SQL:
        from andon.response.schema.sql import sql_effects

        down = migration.down
        return (
            sql_effects(script.text, first_line=script.line, dialect=dialect),
            None if down is None else sql_effects(down.text, first_line=down.line, dialect=dialect),
        )
    if migration.framework is Framework.ALEMBIC:
        from andon.response.schema.alembic import alembic_ways

        return alembic_ways(script.text, dialect)
    if migration.framework is Framework.DJANGO:
        from andon.response.schema.django import django_ways

        return django_ways(script.text, earlier, dialect)
    if script.language in (Language.JAVASCRIPT, Language.RUBY):
        from andon.response.schema.javascript import javascript_ways
        from andon.response.schema.ruby import ruby_ways

        read = ruby_ways if script.language is Language.RUBY else javascript_ways
        return read(script.text, dialect)
    return (opaque(1, f"a migration of {migration.framework} in {script.language} is not read"),), None
