"""Judging a trial: migrations were run up, down and up again on a disposable copy; what does that prove?

The copy is described by two things that can be compared: its catalog, one line an object, whatever order they
were made in, and its rows, as counts and digests. What ran is a list of attempts. Pure.
"""

from __future__ import annotations

import re

from andon.incident.words import Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Tables in which tools note what they ran: no part of the schema, and a made-up row would mislead them.
BOOKKEEPING = frozenset(
    (
        "alembic_version", "django_migrations", "schema_migrations", "ar_internal_metadata",
        "knex_migrations", "knex_migrations_lock", "_prisma_migrations", "goose_db_version",
        "flyway_schema_history", "pgmigrations", "databasechangelog", "databasechangeloglock",
        "sequelizemeta", "typeorm_metadata", "gorp_migrations", "_yoyo_migration", "_yoyo_log",
        "_yoyo_version", "yoyo_lock", "__drizzle_migrations",
    )
)  # fmt: skip
#: Differing lines of one migration that are listed.
_MOST_LINES = 20
_WORD = re.compile(r"\w+")


class Rows(Record):
    """What a table held."""

    table: str
    count: int
    #: Digest of all rows, whatever their order and the order of the columns.
    digest: str
    #: Column with the digest of its values.
    columns: tuple[tuple[str, str], ...] = ()


class Snapshot(Record):
    """The copy at one moment."""

    #: Sorted; `kind name: definition`.
    catalog: tuple[str, ...]
    rows: tuple[Rows, ...]
    #: Tables without any row, because none could be put in, with the reason.
    empty: tuple[tuple[str, str], ...] = ()


class Attempt(Record):
    """One migration as it went on the copy; what was not reached is None."""

    name: str
    #: Words of its scripts, lower case: which tables it may touch.
    words: frozenset[str] = frozenset()
    before: Snapshot | None = None
    up: Snapshot | None = None
    down: Snapshot | None = None
    second_up: Snapshot | None = None
    #: `up`, `down` or `second up`: where it ended; "" when it went through.
    failed_in: str = ""
    failure: str = ""
    #: True when it ended at a time limit: then nothing is proven either way.
    timed_out: bool = False
    has_down: bool = True
    seconds: float = 0.0


class Tried(Record):
    """What one migration's attempt proves."""

    name: str
    verdict: Verdict
    summary: str
    #: `- line` was there before and is not any more; `+ line` is there and was not.
    differences: tuple[str, ...] = ()
    seconds: float = 0.0


class TrialResult(Record):
    """What the trial of a whole range proves."""

    verdict: Verdict
    summary: str
    steps: tuple[Tried, ...] = ()
    seconds: float = 0.0

    @property
    def differences(self) -> tuple[str, ...]:
        """The differing lines of all steps."""
        return tuple(line for step in self.steps for line in step.differences)


def words_of(*texts: str) -> frozenset[str]:
    """Return the words of scripts, lower case."""
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))


def judge_attempt(attempt: Attempt) -> Tried:
    """Return what an attempt proves: passed only for a down that restored the schema and every row."""

    def tried(verdict: Verdict, summary: str, differences: Sequence[str] = ()) -> Tried:
        lines = tuple(differences[:_MOST_LINES])
        if len(differences) > _MOST_LINES:
            lines = (*lines, f"and {len(differences) - _MOST_LINES} more lines")
        return Tried(
            name=attempt.name, verdict=verdict, summary=summary, differences=lines, seconds=attempt.seconds
        )

    if attempt.failed_in and attempt.timed_out:
        return tried(Verdict.UNKNOWN, f"{attempt.failed_in} did not end in time: {attempt.failure}")
    if attempt.failed_in == "up" or attempt.before is None or attempt.up is None:
        return tried(Verdict.UNKNOWN, f"up fails on the copy: {attempt.failure or 'it was not run'}")
    if not attempt.has_down:
        return tried(Verdict.UNKNOWN, "it has no way down that could be tried")
    if attempt.failed_in == "down":
        return tried(Verdict.FAILED, f"down fails: {attempt.failure}")
    if attempt.down is None:
        return tried(Verdict.UNKNOWN, "down was not run")
    schema = catalog_differences(attempt.before.catalog, attempt.down.catalog)
    if schema:
        return tried(Verdict.FAILED, "down does not restore the schema", schema)
    lost = row_differences(attempt.before, attempt.down)
    if lost:
        return tried(Verdict.FAILED, "down does not restore the rows", lost)
    if attempt.failed_in == "second up":
        return tried(Verdict.FAILED, f"after down, up cannot be run again: {attempt.failure}")
    if attempt.second_up is None:
        return tried(Verdict.UNKNOWN, "up was not run again")
    again = catalog_differences(attempt.up.catalog, attempt.second_up.catalog)
    if again:
        return tried(Verdict.FAILED, "after down, up leads to another schema", again)
    unseen = _unseen(attempt)
    if unseen:
        return tried(Verdict.UNKNOWN, f"schema restored; rows not tried: {unseen}")
    return tried(Verdict.PASSED, "down restores schema and rows, and up can be run again")


def judge_trial(
    tried: Sequence[Tried], whole: Tried | None, missing: str = "", *, is_whole: bool = False
) -> TrialResult:
    """Return the verdict of the range: the worst of its migrations and of the whole way back at once.

    `is_whole` says that the way back of the only migration, tried already, is the whole way back.
    """
    steps = (*tried, *((whole,) if whole is not None else ()))
    seconds = sum(step.seconds for step in steps)
    worst = next((v for v in (Verdict.FAILED, Verdict.UNKNOWN) if any(s.verdict is v for s in steps)), None)
    if worst is None and (missing or not tried or (whole is None and not is_whole)):
        return TrialResult(
            verdict=Verdict.UNKNOWN, summary=missing or "nothing was tried", steps=steps, seconds=seconds
        )
    if worst is not None:
        first = next(step for step in steps if step.verdict is worst)
        summary = f"{first.name}: {first.summary}"
        return TrialResult(verdict=worst, summary=summary, steps=steps, seconds=seconds)
    what = "migration" if len(tried) == 1 else "migrations"
    summary = f"{len(tried)} {what} tried on a copy: down restores schema and rows"
    return TrialResult(verdict=Verdict.PASSED, summary=summary, steps=steps, seconds=seconds)


def catalog_differences(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return what is missing (`- `) and what is new (`+ `), in the order of the objects."""
    was, now = set(before), set(after)
    lines = [(line, "- ") for line in was - now] + [(line, "+ ") for line in now - was]
    return [sign + line for line, sign in sorted(lines)]


def row_differences(before: Snapshot, after: Snapshot) -> list[str]:
    """Return the tables that were there before and hold something else now, with the columns."""
    now = {rows.table: rows for rows in after.rows}
    found = []
    for was in before.rows:
        then = now.get(was.table)
        if then is None:
            found.append(f"- rows {was.table}: {was.count} rows and the table are gone")
        elif then.count != was.count:
            found.append(f"- rows {was.table}: {was.count} rows before, {then.count} after")
        elif then.digest != was.digest:
            told = dict(then.columns)
            columns = [name for name, digest in was.columns if told.get(name) != digest]
            found.append(f"- rows {was.table}: other values in {', '.join(columns) or 'some column'}")
    return found


def _unseen(attempt: Attempt) -> str:
    """Return the tables the migration may touch in which no row showed what happens to rows."""
    if attempt.before is None or attempt.up is None:
        return "no table"
    changed = " ".join(catalog_differences(attempt.before.catalog, attempt.up.catalog))
    touched = attempt.words | words_of(changed)
    found = [
        f"{table} ({why})"
        for table, why in attempt.before.empty
        if words_of(table.rpartition(".")[2]) <= touched
    ]
    return ", ".join(found[:3])


def told(result: TrialResult) -> Iterator[str]:
    """Return the result in lines, for evidence."""
    yield f"{result.verdict}: {result.summary} ({result.seconds:.1f} s)"
    for step in result.steps:
        yield ""
        yield f"{step.name}: {step.verdict}: {step.summary} ({step.seconds:.1f} s)"
        yield from (f"  {line}" for line in step.differences)
