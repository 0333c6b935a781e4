"""Hard gates: when a rule that only warns should block, who may say so, and what a gear asks with them."""

from __future__ import annotations

from andon.errors import NotFound, Refused
from andon.incident.gate_record import STRIKES
from andon.incident.words import Gear
from andon.record import Record
from andon.response.gates.table import COMMIT, RANGE, RULES, Level, Point, rule_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from andon.incident.gate_record import GateRecord

#: Where a rule is asked, as a person says it.
PLACES: tuple[tuple[str, tuple[Point, ...]], ...] = (
    ("commit", (*COMMIT, Point.COMMIT_MSG)),
    ("push", RANGE),
    ("hotfix check", (Point.HOTFIX,)),
    ("ship check", (Point.SHIP,)),
)


class Proposal(Record):
    """A rule that was violated so often that it should block."""

    rule: str
    strikes: int

    @property
    def command(self) -> str:
        """What makes it block."""
        return f'andon gate harden {self.rule} --reason "violated {self.strikes} times"'


class Asked(Record):
    """What follows in a gear at one place."""

    place: str
    level: Level
    rules: tuple[str, ...]


def levels_of(rule: str, gear: Gear) -> frozenset[Level]:
    """Return what follows from a no of a rule in a gear, over all points."""
    return frozenset(row.level(gear) for row in RULES if row.id == rule)


def can_harden(rule: str) -> bool:
    """True when a rule warns in some gear; what blocks or is off everywhere cannot become harder."""
    return any(Level.WARNS in levels_of(rule, gear) for gear in Gear)


def proposals(record: GateRecord) -> tuple[Proposal, ...]:
    """Return the rules for which the third violation proposes a hard gate, most often violated first.

    A subject (a commit, or a tree that was to be committed) counts once for each rule; hardening or
    relaxing ends the count (`incident.gate_record`).
    """
    rules = dict.fromkeys(violation.event.rule for violation in record.violations)
    found = [
        Proposal(rule=rule, strikes=record.strikes(rule))
        for rule in rules
        if record.proposes_hard_gate(rule) and can_harden(rule)
    ]
    return tuple(sorted(found, key=lambda proposal: -proposal.strikes))


def proposal_told(proposal: Proposal) -> str:
    """Return a proposal as a sentence."""
    return f"{proposal.rule} was violated {proposal.strikes} times ({STRIKES} propose a hard gate)"


def refuse_hardening(record: GateRecord, rule: str, gear: Gear, reason: str) -> None:
    """Raise NotFound or Refused unless a rule can be made to block; `gear` is the one that is active."""
    _demand_known(rule)
    levels = levels_of(rule, gear)
    if rule in record.hardened:
        raise _refused(f"{rule} is hardened already", "harden-once", f"andon gate violations {rule}")
    if Level.WARNS not in levels and Level.BLOCKS in levels:
        raise _refused(f"{rule} blocks already in {gear}", "harden-what-warns", "andon gear")
    if not can_harden(rule):
        raise _refused(f"{rule} warns in no gear", "harden-what-warns", "andon gear")
    _demand_reason(reason, f'andon gate harden {rule} --reason "why a warning is not enough"')


def refuse_relaxing(record: GateRecord, rule: str, reason: str) -> None:
    """Raise NotFound or Refused unless a rule was hardened and somebody says why it need not be."""
    _demand_known(rule)
    if rule not in record.hardened:
        raise _refused(f"{rule} is not hardened", "relax-what-is-hard", "andon gate violations")
    _demand_reason(reason, f'andon gate relax {rule} --reason "why a warning is enough"')


def asked_in(gear: Gear, hardened: Collection[str] = ()) -> tuple[Asked, ...]:
    """Return what blocks and what warns in a gear at each place; the places of other gears are left out."""
    found = []
    for place, points in PLACES:
        if (place == "hotfix check") > (gear is Gear.HOTFIX) or (place == "ship check") > (gear is Gear.SHIP):
            continue
        for level in (Level.BLOCKS, Level.WARNS):
            rules = [
                row.id
                for row in RULES
                if any(point in points for point in row.points)
                and _level(row.level(gear), row.id, hardened) is level
            ]
            if rules:
                found.append(Asked(place=place, level=level, rules=tuple(dict.fromkeys(rules))))
    return tuple(found)


def _level(level: Level, rule: str, hardened: Collection[str]) -> Level:
    return Level.BLOCKS if level is Level.WARNS and rule in hardened else level


def _demand_known(rule: str) -> None:
    if rule_named(rule) is None:
        known = ", ".join(dict.fromkeys(row.id for row in RULES))
        raise NotFound(f"no gate rule is called {rule[:40]!r}", remedy=f"one of: {known}")


def _demand_reason(reason: str, remedy: str) -> None:
    if not reason.strip():
        raise _refused("this needs a reason", "evidence-or-a-name", remedy)


def _refused(what: str, rule: str, remedy: str) -> Refused:
    return Refused(what, rule=rule, remedy=remedy)
