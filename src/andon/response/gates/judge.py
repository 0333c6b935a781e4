"""What follows from the answers of the rules at one point, in one gear: through, stopped, or undecided."""

from __future__ import annotations

from enum import StrEnum

from andon.incident.words import Gear, Verdict
from andon.record import Record, replace
from andon.response.gates.table import Level, Point, rules_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from andon.response.gates.results import Objection, RuleResult
    from andon.response.gates.table import GateRule


class Effect(StrEnum):
    """What follows from one answer."""

    PASSES = "passes"
    BLOCKS = "blocks"
    WARNS = "warns"
    #: It would have blocked or warned, and somebody answers for it.
    WAIVED = "waived"


class Waived(Record):
    """Something that somebody answers for: a whole rule, or one objection by its fingerprint."""

    rule: str
    #: A fingerprint; "" for the whole rule.
    subject: str = ""
    by: str = ""
    reason: str = ""
    #: The last day on which it holds, "" where it does not end by itself.
    until: str = ""

    @property
    def told(self) -> str:
        """Who, why, and until when."""
        return f"{self.by}: {self.reason}" + (f", until {self.until}" if self.until else "")


class GateRow(Record):
    """One line of a gate's table."""

    result: RuleResult
    effect: Effect
    #: True when a rule that warns by the table was made to block.
    is_hardened: bool = False
    #: Who answers for it, why, and until when; "" unless it is waived.
    waived_by: str = ""


class Judgement(Record):
    """What a gate says."""

    point: Point
    gear: Gear
    rows: tuple[GateRow, ...]

    @property
    def verdict(self) -> Verdict:
        """Failed when a rule said no and blocks; unknown when only one that could not say blocks."""
        blocking = [row.result.verdict for row in self.rows if row.effect is Effect.BLOCKS]
        if not blocking:
            return Verdict.PASSED
        return Verdict.FAILED if Verdict.FAILED in blocking else Verdict.UNKNOWN


def is_asked(rule: GateRule, gear: Gear) -> bool:
    """True when the answer of a rule can matter in a gear."""
    return not (rule.level(gear) is Level.OFF and rule.level(gear, is_undecided=True) is Level.OFF)


def judge(
    point: Point,
    gear: Gear,
    results: Iterable[RuleResult],
    *,
    hardened: Collection[str] = (),
    waivers: Collection[Waived] = (),
) -> Judgement:
    """Return the rows in the order of the table; a rule at this point without an answer is unknown.

    A waiver counts for a rule that can be justified, never for one of the others. A single objection that is
    waived is taken out; a rule passes by that only when nothing else speaks against it. What only hints say
    warns, also where the rule blocks and where it was made hard.
    """
    from andon.response.gates.results import unknown

    given = {result.rule: result for result in results}
    rows = []
    for rule in rules_at(point):
        if not is_asked(rule, gear):
            continue
        result = given.get(rule.id) or unknown(rule.id, "nobody answered this rule", "andon doctor")
        rows.append(_row(rule, gear, result, rule.id in hardened, [w for w in waivers if w.rule == rule.id]))
    return Judgement(point=point, gear=gear, rows=tuple(rows))


def _row(rule: GateRule, gear: Gear, result: RuleResult, hardened: bool, waivers: list[Waived]) -> GateRow:
    if result.verdict is Verdict.PASSED:
        return GateRow(result=result, effect=Effect.PASSES)
    level = rule.level(gear, is_undecided=result.verdict is Verdict.UNKNOWN)
    if level is Level.OFF:
        return GateRow(result=result, effect=Effect.PASSES)
    is_hardened = hardened and level is Level.WARNS and not result.is_only_hints
    if is_hardened:
        level = Level.BLOCKS
    if waivers and not rule.never_justified:
        left = tuple(o for o in result.objections if not _waiver(o, waivers))
        whole = next((w for w in waivers if not w.subject), None)
        if whole is not None or (result.objections and not left):
            by = "; ".join(dict.fromkeys(w.told for w in ([whole] if whole else waivers)))
            return GateRow(result=result, effect=Effect.WAIVED, is_hardened=is_hardened, waived_by=by)
        result = replace(result, objections=left)
    is_hardened = is_hardened and not result.is_only_hints  # what is left may be hints alone
    is_blocking = level is Level.BLOCKS and not result.is_only_hints
    effect = Effect.BLOCKS if is_blocking else Effect.WARNS
    return GateRow(result=result, effect=effect, is_hardened=is_hardened)


def _waiver(objection: Objection, waivers: list[Waived]) -> Waived | None:
    return next((w for w in waivers if w.subject and w.subject == objection.fingerprint), None)
