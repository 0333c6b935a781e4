"""The table of gate rules: where each is asked, and in which gear it blocks, warns or is off.

One row per rule and group of points. docs/reference/gates.md shows the same table.
"""

from __future__ import annotations

from enum import StrEnum

from andon.incident.words import Gear
from andon.record import Record


class Point(StrEnum):
    """Where a gate stands."""

    PRE_COMMIT = "pre-commit"
    COMMIT_MSG = "commit-msg"
    PRE_PUSH = "pre-push"
    CI = "ci"
    PRE_RECEIVE = "pre-receive"
    #: Git's hook reference-transaction: any branch or tag that is about to move in a clone, by whatever.
    REFERENCES = "reference-transaction"
    #: `andon hotfix check` and `andon hotfix ship`.
    HOTFIX = "hotfix"
    #: `andon ship check` and `andon ship record`.
    SHIP = "ship"


class Level(StrEnum):
    """What follows when a rule says no, or cannot say."""

    BLOCKS = "blocks"
    WARNS = "warns"
    OFF = "off"


#: The points at which whole commits come by: the range is checked again, whatever was skipped before.
RANGE = (Point.PRE_PUSH, Point.CI, Point.PRE_RECEIVE)
COMMIT = (Point.PRE_COMMIT,)
EVERYWHERE = (Point.PRE_COMMIT, Point.COMMIT_MSG, *RANGE, Point.HOTFIX, Point.SHIP)

_GEARS = (Gear.EXPLORE, Gear.BUILD, Gear.SHIP, Gear.HOTFIX)
_LEVELS = {"b": Level.BLOCKS, "w": Level.WARNS, "-": Level.OFF}


class GateRule(Record):
    """One row: a rule at some points."""

    id: str
    #: What it asks, as a question that yes answers well.
    asks: str
    points: tuple[Point, ...]
    #: What follows from no, and from "cannot say", in EXPLORE, BUILD, SHIP, HOTFIX.
    no: tuple[Level, Level, Level, Level]
    undecided: tuple[Level, Level, Level, Level]
    #: True when nobody can waive or justify it.
    never_justified: bool = False
    #: True when its answer needs the journal.
    needs_journal: bool = False

    def level(self, gear: Gear, *, is_undecided: bool = False) -> Level:
        """Return what follows in a gear."""
        return (self.undecided if is_undecided else self.no)[_GEARS.index(gear)]

    @property
    def can_block(self) -> bool:
        """True when it blocks in any gear."""
        return Level.BLOCKS in (*self.no, *self.undecided)


def _row(
    rule: str,
    asks: str,
    points: tuple[Point, ...],
    no: str,
    undecided: str,
    *,
    never_justified: bool = False,
    needs_journal: bool = False,
) -> GateRule:
    return GateRule(
        id=rule,
        asks=asks,
        points=points,
        no=_levels(no),
        undecided=_levels(undecided),
        never_justified=never_justified,
        needs_journal=needs_journal,
    )


def _levels(letters: str) -> tuple[Level, Level, Level, Level]:
    explore, build, ship, hotfix = (_LEVELS[letter] for letter in letters)
    return explore, build, ship, hotfix


_PUSHED = RANGE
_GUARDED = (*RANGE, Point.HOTFIX)

#: In EXPLORE, BUILD, SHIP, HOTFIX: b blocks, w warns, - is not asked. First for no, then for "cannot say".
RULES: tuple[GateRule, ...] = (
    _row("configuration", "Can andon.toml be read?", EVERYWHERE, "bbbb", "bbbb"),
    # What was not seen must not pass: a shallow clone, a git that does not answer.
    _row("range-known", "Is it known what is to be judged?", (Point.PRE_COMMIT, *RANGE), "bbbb", "bbbb"),
    _row(
        "gear-known",
        "Is it known which gear is active?",
        (Point.PRE_COMMIT, Point.COMMIT_MSG, Point.PRE_PUSH, Point.CI),
        "wwww",
        "wwww",
        needs_journal=True,
    ),
    _row(
        "gear-known",
        "Is it known which gear is active?",
        (Point.PRE_RECEIVE, Point.HOTFIX, Point.SHIP),
        "bbbb",
        "bbbb",
        needs_journal=True,
    ),
    _row(
        "readable",
        "Could everything that changed be read?",
        (Point.PRE_COMMIT, *_GUARDED),
        "wwww",
        "wwwb",
    ),
    # Before the secrets: who pushes an old history gets the way out of that, not of each secret in it.
    _row(
        "banned",
        "Does nothing come back that was purged and banned?",
        (Point.REFERENCES, *_PUSHED),
        "bbbb",
        "bbbb",
        never_justified=True,
    ),
    _row(
        "secrets",
        "Is it free of secrets?",
        (Point.PRE_COMMIT, Point.COMMIT_MSG, Point.REFERENCES, *_GUARDED, Point.SHIP),
        "bbbb",
        "bbbb",
        never_justified=True,
    ),
    # Also about what was committed before there was a gate: a person can answer for each of these.
    _row(
        "environment-files",
        "Is no environment or key file committed, and would git ignore one?",
        (Point.CI,),
        "wwbw",
        "wwww",
    ),
    _row(
        "environment-files",
        "Is no environment or key file committed, and would git ignore one?",
        (Point.SHIP,),
        "bbbb",
        "bbbb",
    ),
    _row(
        "conflict-markers", "Is every merge conflict resolved?", (Point.PRE_COMMIT, *_PUSHED), "wbbb", "wwww"
    ),
    _row(
        "links-inside",
        "Do all links lead inside the repository?",
        (Point.PRE_COMMIT, *_PUSHED),
        "wwbb",
        "wwww",
    ),
    _row(
        "regression-tests",
        "Does every test that the regression log names still exist, and run?",
        (Point.PRE_COMMIT, *_PUSHED),
        "wbbw",
        "wwbw",
    ),
    _row(
        "regression-tests",
        "Does every test that the regression log names still exist, and run?",
        (Point.SHIP,),
        "bbbb",
        "bbbb",
    ),
    _row("tests-kept", "Is every test still there, and run?", COMMIT, "-wwb", "-www"),
    _row("tests-kept", "Is every test still there, and run?", _GUARDED, "-wbb", "-wwb"),
    _row(
        "names-incident",
        "Does the message name the incident of the hotfix?",
        (Point.COMMIT_MSG, *_PUSHED),
        "---b",
        "---w",
        needs_journal=True,
    ),
    _row(
        "only-the-hotfix",
        "Does nothing but the hotfix reach the protected branches?",
        COMMIT,
        "---w",
        "---w",
        needs_journal=True,
    ),
    # A hotfix branch that nobody has here must not let everything else through: cannot say blocks too.
    _row(
        "only-the-hotfix",
        "Does nothing but the hotfix reach the protected branches?",
        _PUSHED,
        "---b",
        "---b",
        needs_journal=True,
    ),
    _row("minimal", "Is the hotfix small: few files, few lines?", COMMIT, "---w", "---w"),
    _row("minimal", "Is the hotfix small: few files, few lines?", _GUARDED, "---b", "---b"),
    _row("no-feature", "Does the hotfix add nothing new?", COMMIT, "---w", "---w"),
    _row("no-feature", "Does the hotfix add nothing new?", _GUARDED, "---b", "---b"),
    _row("no-refactoring", "Does the hotfix leave other code as it is?", COMMIT, "---w", "---w"),
    _row("no-refactoring", "Does the hotfix leave other code as it is?", _GUARDED, "---b", "---b"),
    _row("connected", "Do all its parts belong to one fix?", COMMIT, "---w", "---w"),
    _row("connected", "Do all its parts belong to one fix?", _GUARDED, "---b", "---b"),
    _row("loose-ends", "Does nothing in it look like a second thing?", (*COMMIT, *_GUARDED), "---w", "---w"),
    _row(
        "no-new-finding",
        "Do the scanners find nothing that they did not find before?",
        _GUARDED,
        "-wbb",
        "-wwb",
        never_justified=True,
    ),
    # Nobody can waive it: if "cannot say" blocked, a project whose language has no scanner could never ship.
    _row(
        "no-new-finding",
        "Do the scanners find nothing that they did not find before?",
        (Point.SHIP,),
        "bbbb",
        "wwwb",
        never_justified=True,
    ),
    _row(
        "red-then-green",
        "Does a smoke test that failed pass with it, and does every critical path work?",
        (Point.HOTFIX,),
        "---b",
        "---b",
        never_justified=True,
        needs_journal=True,
    ),
    _row(
        "ship-recorded",
        "Has somebody recorded the decision to ship what is being released?",
        (Point.PRE_PUSH, Point.PRE_RECEIVE),
        "--b-",
        "--b-",
        needs_journal=True,
    ),
    _row(
        "tests-green",
        "Did the whole test command pass on this commit?",
        (Point.SHIP,),
        "bbbb",
        "bbbb",
        needs_journal=True,
    ),
    _row(
        "rollback-plan",
        "Is there a safe way back from it?",
        (Point.SHIP,),
        "bbbb",
        "bbbb",
        needs_journal=True,
    ),
    _row(
        "audit-fresh",
        "Is there a recent audit of what it depends on, without anything severe?",
        (Point.SHIP,),
        "bbbb",
        "bbbb",
        needs_journal=True,
    ),
    _row("staging-smoke", "Do the smoke tests pass on staging?", (Point.SHIP,), "bbbb", "bbbb"),
    _row(
        "flags-off",
        "Are the flags of new features off by default, with an owner and a purpose?",
        (Point.SHIP,),
        "bbbb",
        "bbbb",
        needs_journal=True,
    ),
    _row(
        "flags-tested",
        "Did tests run with every state of the flags that are new or rolled out in part?",
        (Point.SHIP,),
        "bbbb",
        "bbbb",
        needs_journal=True,
    ),
    _row("no-open-incident", "Is no P0 or P1 open?", (Point.SHIP,), "bbbb", "bbbb", needs_journal=True),
    _row("no-late-postmortem", "Is no postmortem late?", (Point.SHIP,), "bbbb", "bbbb", needs_journal=True),
    _row(
        "no-overdue-action",
        "Is no follow-up of a P0 or P1 overdue?",
        (Point.SHIP,),
        "bbbb",
        "bbbb",
        needs_journal=True,
    ),
    _row(
        "hotfix-merged",
        "Has every hotfix reached the main line?",
        (Point.SHIP,),
        "bbbb",
        "bbbb",
        needs_journal=True,
    ),
)


def rules_at(point: Point) -> tuple[GateRule, ...]:
    """Return the rows for a point, in the order in which they are asked and shown."""
    return tuple(rule for rule in RULES if point in rule.points)


def rule_named(rule: str) -> GateRule | None:
    """Return the last row of a rule, the strictest of its points; None for an unknown id."""
    return next((row for row in reversed(RULES) if row.id == rule), None)
