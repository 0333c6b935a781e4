"""The rule table: rollback, hotfix, kill switch or workaround. The first row that holds decides.

Each row names its rule; the answer carries every fact for and against, whichever row decided.
"""

from __future__ import annotations

from andon.incident.events import Fact
from andon.incident.words import Choice, Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.incident.events import AssessmentMade


class Thresholds(Record):
    """Minutes; from the configuration."""

    #: A fix below this is quick.
    quick_fix: float = 30.0
    #: A fix above this is too slow.
    slow_fix: float = 60.0


class Rule(Record):
    """One row of the table."""

    name: str
    choice: Choice
    #: Said to the person when the row decides.
    because: str
    holds: Callable[[AssessmentMade, Thresholds], bool]


class Recommendation(Record):
    """What the table says."""

    choice: Choice
    rule: str
    because: str
    facts: tuple[Fact, ...]


def _outside(a: AssessmentMade, _: Thresholds) -> bool:
    return a.suspect == "dependency"


def _no_way_back(a: AssessmentMade, _: Thresholds) -> bool:
    return not a.last_known_good


def _unsafe_way_back(a: AssessmentMade, _: Thresholds) -> bool:
    return a.migrations is not Verdict.PASSED


def _quick(a: AssessmentMade, t: Thresholds) -> bool:
    if not a.cause or a.minutes_to_fix is None or a.fix_is_risky or a.minutes_to_fix >= t.quick_fix:
        return False
    if a.suspect != "deployment":
        return True
    return a.minutes_to_roll_back is not None and a.minutes_to_fix < a.minutes_to_roll_back


def _recent(a: AssessmentMade, _: Thresholds) -> bool:
    return a.suspect == "deployment"


def _slow(a: AssessmentMade, t: Thresholds) -> bool:
    return a.minutes_to_fix is not None and a.minutes_to_fix > t.slow_fix


def _risky(a: AssessmentMade, _: Thresholds) -> bool:
    return a.fix_is_risky


def _unchanged(a: AssessmentMade, _: Thresholds) -> bool:
    return a.suspect in ("nothing-found", "latent") and a.running_is_good


def _known(a: AssessmentMade, t: Thresholds) -> bool:
    return bool(a.cause) and a.minutes_to_fix is not None and a.minutes_to_fix <= t.slow_fix


def _always(_a: AssessmentMade, _t: Thresholds) -> bool:
    return True


#: Read from the top. docs/reference/decision.md shows it with the reasons.
RULES: tuple[Rule, ...] = (
    Rule(
        name="outside-cause",
        choice=Choice.WORKAROUND,
        because="a dependency is down and nothing was deployed near the break: a rollback would not help",
        holds=_outside,
    ),
    Rule(
        name="rollback-impossible",
        choice=Choice.HOTFIX,
        because="there is no release that is known to be good and can still be deployed",
        holds=_no_way_back,
    ),
    Rule(
        name="rollback-unsafe",
        choice=Choice.HOTFIX,
        because="old code would run on a changed database, and nobody has shown that this is safe",
        holds=_unsafe_way_back,
    ),
    Rule(
        name="known-quick-fix",
        choice=Choice.HOTFIX,
        because="the cause is known and the fix is quick and simple",
        holds=_quick,
    ),
    Rule(
        name="recent-deployment",
        choice=Choice.ROLLBACK,
        because="it broke right after a deployment",
        holds=_recent,
    ),
    Rule(
        name="fix-too-slow",
        choice=Choice.ROLLBACK,
        because="a fix would take too long",
        holds=_slow,
    ),
    Rule(
        name="fix-too-risky",
        choice=Choice.ROLLBACK,
        because="the fix could break more",
        holds=_risky,
    ),
    Rule(
        name="no-change-found",
        choice=Choice.HOTFIX,
        because="the running release was good and nothing changed near the break: going back changes nothing",
        holds=_unchanged,
    ),
    Rule(
        name="cause-known",
        choice=Choice.HOTFIX,
        because="the cause is known and the fix takes acceptable time",
        holds=_known,
    ),
    Rule(
        name="cause-unclear",
        choice=Choice.ROLLBACK,
        because="the cause is unclear, and unclear means rollback: it is the safer mistake",
        holds=_always,
    ),
)


def recommend(assessment: AssessmentMade, thresholds: Thresholds) -> Recommendation:
    """Return the first rule that holds, with all facts."""
    rule = next(r for r in RULES if r.holds(assessment, thresholds))
    gate = Fact(
        text=f"migrations: {assessment.migrations_reason or assessment.migrations}",
        against="" if assessment.migrations is Verdict.PASSED else "rollback",
    )
    facts = (*assessment.facts, gate) if assessment.last_known_good else assessment.facts
    return Recommendation(choice=rule.choice, rule=rule.name, because=rule.because, facts=facts)
