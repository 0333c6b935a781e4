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
    #: What the row looked at in this incident, for whoever asks why it holds or does not.
    saw: Callable[[AssessmentMade, Thresholds], str]


class Recommendation(Record):
    """What the table says."""

    choice: Choice
    rule: str
    because: str
    facts: tuple[Fact, ...]
    #: For a kill switch: the flag, and the argument list that turns it off.
    flag: str = ""
    flag_off: tuple[str, ...] = ()


class Row(Record):
    """A row of the table as it stands in one incident."""

    rule: Rule
    holds: bool
    #: What the row looked at.
    saw: str
    #: True for the first row that holds.
    decides: bool


def _outside(a: AssessmentMade, _: Thresholds) -> bool:
    return a.suspect == "dependency"


def _expired(a: AssessmentMade, _: Thresholds) -> bool:
    return a.suspect == "certificate"


def _switchable(a: AssessmentMade, _: Thresholds) -> bool:
    return bool(a.flag)


def _flag_turned(a: AssessmentMade, _: Thresholds) -> bool:
    return a.suspect == "flag"


def _setting_changed(a: AssessmentMade, _: Thresholds) -> bool:
    return a.suspect == "configuration"


def _overrun(a: AssessmentMade, _: Thresholds) -> bool:
    return a.suspect == "traffic"


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


# ---- what a row looked at


def _saw_suspect(a: AssessmentMade, _: Thresholds) -> str:
    return f"the suspect is {a.suspect}" + (f" {a.suspect_version}" if a.suspect_version else "")


def _saw_flag(a: AssessmentMade, _: Thresholds) -> str:
    return f"the flag {a.flag} covers what is broken" if a.flag else "no single flag covers what is broken"


def _saw_way_back(a: AssessmentMade, _: Thresholds) -> str:
    return f"last known good is {a.last_known_good}" if a.last_known_good else "there is no last known good"


def _saw_migrations(a: AssessmentMade, _: Thresholds) -> str:
    return f"migrations {a.migrations}: {a.migrations_reason or 'nobody looked'}"


def _saw_fix(a: AssessmentMade, t: Thresholds) -> str:
    cause = "the cause is known" if a.cause else "the cause is not known"
    fix = f"a fix takes {a.minutes_to_fix:g} min" if a.minutes_to_fix is not None else "nobody knows how long"
    risk = ", and is risky" if a.fix_is_risky else ""
    back = f"{a.minutes_to_roll_back:.1f} min" if a.minutes_to_roll_back is not None else "unknown"
    limits = f"quick is below {t.quick_fix:g} min, too slow above {t.slow_fix:g}"
    return f"{cause}; {fix}{risk}; a rollback: {back}; {limits}"


def _saw_running(a: AssessmentMade, t: Thresholds) -> str:
    judged = (
        "was good before it broke" if a.running_is_good else "is not known to have been good before it broke"
    )
    return f"{_saw_suspect(a, t)}; what runs {judged}"


def _saw_nothing(_a: AssessmentMade, _t: Thresholds) -> str:
    return "it always holds"


#: Read from the top. docs/reference/decision.md shows it with the reasons.
RULES: tuple[Rule, ...] = (
    Rule(
        name="outside-cause",
        choice=Choice.WORKAROUND,
        because="the cause lies outside and nothing was deployed near the break: a rollback would not help",
        holds=_outside,
        saw=_saw_suspect,
    ),
    Rule(
        name="certificate-expired",
        choice=Choice.WORKAROUND,
        because="a certificate has expired: renew it; no release, old or new, changes that",
        holds=_expired,
        saw=_saw_suspect,
    ),
    Rule(
        name="flag-covers",
        choice=Choice.KILL_SWITCH,
        because="one flag covers everything that is broken, and turning it off is the smallest step there is",
        holds=_switchable,
        saw=_saw_flag,
    ),
    Rule(
        name="flag-changed",
        choice=Choice.KILL_SWITCH,
        because="a flag was changed right before it broke, and nothing was deployed: turn it back",
        holds=_flag_turned,
        saw=_saw_suspect,
    ),
    Rule(
        name="setting-changed",
        choice=Choice.HOTFIX,
        because="a setting was changed right before it broke, and nothing was deployed: put the setting back",
        holds=_setting_changed,
        saw=_saw_suspect,
    ),
    Rule(
        name="traffic-jumped",
        choice=Choice.WORKAROUND,
        because="there is several times the usual traffic: shed or carry it; an older release meets it too",
        holds=_overrun,
        saw=_saw_suspect,
    ),
    Rule(
        name="rollback-impossible",
        choice=Choice.HOTFIX,
        because="there is no release that is known to be good and can still be deployed",
        holds=_no_way_back,
        saw=_saw_way_back,
    ),
    Rule(
        name="rollback-unsafe",
        choice=Choice.HOTFIX,
        because="old code would run on a changed database, and nobody has shown that this is safe",
        holds=_unsafe_way_back,
        saw=_saw_migrations,
    ),
    Rule(
        name="known-quick-fix",
        choice=Choice.HOTFIX,
        because="the cause is known and the fix is quick and simple",
        holds=_quick,
        saw=_saw_fix,
    ),
    Rule(
        name="recent-deployment",
        choice=Choice.ROLLBACK,
        because="it broke right after a deployment",
        holds=_recent,
        saw=_saw_suspect,
    ),
    Rule(
        name="fix-too-slow",
        choice=Choice.ROLLBACK,
        because="a fix would take too long",
        holds=_slow,
        saw=_saw_fix,
    ),
    Rule(
        name="fix-too-risky",
        choice=Choice.ROLLBACK,
        because="the fix could break more",
        holds=_risky,
        saw=_saw_fix,
    ),
    Rule(
        name="no-change-found",
        choice=Choice.HOTFIX,
        because="the running release was good and nothing changed near the break: going back changes nothing",
        holds=_unchanged,
        saw=_saw_running,
    ),
    Rule(
        name="cause-known",
        choice=Choice.HOTFIX,
        because="the cause is known and the fix takes acceptable time",
        holds=_known,
        saw=_saw_fix,
    ),
    Rule(
        name="cause-unclear",
        choice=Choice.ROLLBACK,
        because="the cause is unclear, and unclear means rollback: it is the safer mistake",
        holds=_always,
        saw=_saw_nothing,
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
    return Recommendation(
        choice=rule.choice,
        rule=rule.name,
        because=_because(rule, assessment),
        facts=facts,
        flag=assessment.flag,
        flag_off=assessment.flag_off,
    )


def _because(rule: Rule, assessment: AssessmentMade) -> str:
    """Return why the row decides; when the database is in the way, with the first step of the way out."""
    said, _, first = assessment.migrations_reason.partition("; first: ")
    if rule.holds is not _unsafe_way_back or not said:
        return rule.because
    return f"{rule.because}: {said}" + (f". To roll back nevertheless, first: {first}" if first else "")


def explain(assessment: AssessmentMade, thresholds: Thresholds) -> tuple[Row, ...]:
    """Return every row of the table with whether it holds here, and what it looked at."""
    held = [rule.holds(assessment, thresholds) for rule in RULES]
    return tuple(
        Row(rule=rule, holds=holds, saw=rule.saw(assessment, thresholds), decides=place == held.index(True))
        for place, (rule, holds) in enumerate(zip(RULES, held, strict=True))
    )
