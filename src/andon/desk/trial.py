"""Trial mode: run the migrations of a range on a disposable copy, up, down and up again, and compare.

The copy is made by an adapter, what the comparison proves is judged in `response.trial`; this is the order of
the steps. The production database is never part of it.
"""

from __future__ import annotations

from andon.desk.migration_range import named_steps, ordered, steps_back, with_history
from andon.desk.redacting import redacted
from andon.desk.values import TrialFailed
from andon.incident.words import Verdict
from andon.record import replace
from andon.response.schema.layouts import Framework, Language
from andon.response.sql_statements import reaching_out
from andon.response.trial import (
    Attempt,
    TrialResult,
    judge_attempt,
    judge_trial,
    words_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.desk.migration_range import MigrationRange
    from andon.desk.ports import Desk
    from andon.desk.ports_trial import MigrationRunner, SchemaCopy, SchemaTrial
    from andon.desk.values import MigrationStep
    from andon.response.schema.layouts import Migration
    from andon.response.trial import Snapshot, Tried

#: What the way back of the whole range is called among its steps.
WHOLE = "the whole way back"


def try_range(
    desk: Desk,
    found: MigrationRange,
    trial: SchemaTrial,
    tell: Callable[[str], None] = lambda _: None,
) -> TrialResult:
    """Return what running the range on a copy proves; raises Refused for a database that is not disposable.

    `tell` hears what is being done. Whatever fails on the copy is a result with its reason, not an error.
    """
    if found.obstacle or not found.migrations:
        return _unknown(found.obstacle or "there is no migration between the two releases")
    obstacle = _obstacle(desk, found.migrations)
    if obstacle:
        return _unknown(obstacle)
    try:
        tell(f"making a copy: {trial.place}")
        with trial.copy() as copy:
            return _clean(desk, _on_copy(desk, found, copy, tell))
    except TrialFailed as problem:
        return _clean(desk, _unknown(f"no copy to try it on: {problem.reason}"))


def _unknown(why: str) -> TrialResult:
    return TrialResult(verdict=Verdict.UNKNOWN, summary=why)


def _on_copy(desk: Desk, found: MigrationRange, copy: SchemaCopy, tell: Callable[[str], None]) -> TrialResult:
    began_empty = copy.is_empty
    if began_empty:
        found = with_history(desk, found)
        if found.obstacle:
            return _unknown(found.obstacle)
    ways = _Ways(desk, copy, named_steps(ordered((*found.before, *found.migrations))))
    obstacle = _obstacle(desk, found.before)
    if obstacle:
        return _unknown(obstacle)
    if found.before:
        tell(f"building the older schema: {len(found.before)} migrations")
        try:
            ways.run_all("up", found.before)
        except TrialFailed as problem:
            return _unknown(f"the older schema cannot be built from its migrations: {problem.reason}")
    try:
        return _try_each(desk, found, copy, ways, tell)
    except TrialFailed as problem:
        return _unknown(f"the copy cannot be read any more: {problem.reason}")


def _try_each(
    desk: Desk, found: MigrationRange, copy: SchemaCopy, ways: _Ways, tell: Callable[[str], None]
) -> TrialResult:
    copy.seed()
    first = before = copy.snapshot()
    tried: list[Tried] = []
    last: Snapshot | None = None
    for migration in found.migrations:
        tell(f"trying {migration.path}")
        attempt = _attempt(desk, migration, before, copy, ways)
        tried.append(judge_attempt(attempt))
        if attempt.second_up is None:
            left = len(found.migrations) - len(tried)
            why = f"{left} more migrations were not reached" if left else ""
            return judge_trial(tried, None, why)
        copy.seed()  # the next one meets rows in the tables that this one made
        before, last = copy.snapshot(), attempt.second_up
    if any(step.verdict is Verdict.FAILED for step in tried):
        return judge_trial(tried, None)  # and the copy is not what it would be
    if len(found.migrations) == 1 and before == last:
        return judge_trial(tried, None, is_whole=True)  # it would be run on the very same rows again
    tell("trying the whole way back")
    return judge_trial(tried, judge_attempt(_whole(desk, found, first, before, copy, ways)))


def _attempt(desk: Desk, migration: Migration, before: Snapshot, copy: SchemaCopy, ways: _Ways) -> Attempt:
    """Run one migration up, down and up again, as far as it goes."""
    began = desk.clock.monotonic()
    texts = (migration.up.text, migration.down.text if migration.down else "")
    attempt = Attempt(
        name=migration.path,
        words=words_of(*texts),
        before=before,
        has_down=migration.down is not None or migration.is_program,
    )
    for stage, way, field in (("up", "up", "up"), ("down", "down", "down"), ("second up", "up", "second_up")):
        if stage == "down" and not attempt.has_down:
            break
        try:
            ways.run_all(way, (migration,))
        except TrialFailed as problem:
            attempt = replace(attempt, failed_in=stage, failure=problem.reason, timed_out=problem.timed_out)
            break
        attempt = replace(attempt, **{field: copy.snapshot()})
    return replace(attempt, seconds=desk.clock.monotonic() - began)


def _whole(
    desk: Desk,
    found: MigrationRange,
    first: Snapshot,
    last: Snapshot,
    copy: SchemaCopy,
    ways: _Ways,
) -> Attempt:
    """Take everything back at once, with rows in every table, as a rollback would meet them."""
    began = desk.clock.monotonic()
    attempt = Attempt(name=WHOLE, before=first, up=last)
    try:
        ways.run_all("down", steps_back(found.migrations))
    except TrialFailed as problem:
        attempt = replace(attempt, failed_in="down", failure=problem.reason, timed_out=problem.timed_out)
    else:  # what a second up gives was seen step by step
        attempt = replace(attempt, down=copy.snapshot(), second_up=last)
    return replace(attempt, seconds=desk.clock.monotonic() - began)


def _obstacle(desk: Desk, migrations: Sequence[Migration]) -> str:
    """Return why one of the migrations cannot be run on a copy; "" when all can."""
    for migration in migrations:
        if migration.up.language is not Language.SQL:
            if desk.runner(migration.framework) is None:
                what = f"{migration.path} is a program of {migration.framework.value}"
                return f"{what}, and nothing here runs it: up and down under [trial] in andon.toml"
            continue
        for script in (migration.up, migration.down):
            reaching = reaching_out(script.text) if script else ""
            if reaching:
                return f"{migration.path} would change more than the copy, and was not run: {reaching}"
    return ""


class _Ways:
    """How migrations are run on the copy: SQL by ourselves, programs by the team's tool or the framework."""

    def __init__(self, desk: Desk, copy: SchemaCopy, steps: dict[str, MigrationStep]) -> None:
        self._desk = desk
        self._copy = copy
        self._steps = steps
        self._runners: dict[Framework, MigrationRunner | None] = {}

    def run_all(self, way: str, migrations: Sequence[Migration]) -> None:
        """Run migrations in the given order; raises TrialFailed naming the one that failed."""
        batch: list[Migration] = []
        for migration in migrations:
            if migration.up.language is not Language.SQL:
                if batch and batch[0].framework is not migration.framework:
                    self._run(way, batch)
                    batch = []
                batch.append(migration)
                continue
            self._run(way, batch)
            batch = []
            script = migration.up if way == "up" else migration.down
            if script is None:
                raise TrialFailed(f"{migration.path} has no way down")
            try:
                self._copy.apply(script.text)
            except TrialFailed as problem:
                named = f"{script.path}: {problem.reason}"
                raise TrialFailed(named, timed_out=problem.timed_out) from problem
        self._run(way, batch)

    def _run(self, way: str, batch: Sequence[Migration]) -> None:
        if not batch:
            return
        runner = self._runner(batch[0])
        if runner is None:
            raise TrialFailed(f"nothing runs {batch[0].path}")
        runner.run(way, [self._steps[m.path] for m in batch], self._copy.url)

    def _runner(self, migration: Migration) -> MigrationRunner | None:
        kind = migration.framework
        if kind not in self._runners:
            self._runners[kind] = self._desk.runner(kind)
        return self._runners[kind]


def _clean(desk: Desk, result: TrialResult) -> TrialResult:
    """Return the result without the secrets that a tool or a row may have printed."""
    steps = tuple(
        replace(
            step,
            summary=redacted(desk, step.summary),
            differences=tuple(redacted(desk, line) for line in step.differences),
        )
        for step in result.steps
    )
    return replace(result, summary=redacted(desk, result.summary), steps=steps)
