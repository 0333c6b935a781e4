"""The table of the gates, made from the rows that the gates themselves read."""

from __future__ import annotations

from andon.incident.words import Gear
from andon.response.gates.table import RULES, GateRule, Level, Point
from tests.docs.marked import table

_GEARS = (Gear.EXPLORE, Gear.BUILD, Gear.SHIP, Gear.HOTFIX)
_SHOWN = {Level.BLOCKS: "**blocks**", Level.WARNS: "warns", Level.OFF: "off"}
_YES = {True: "yes", False: ""}


def rules() -> str:
    """Return one row for each rule and group of points: what follows from no, and from cannot say."""
    head = (
        "rule", "asks", "at", *_GEARS, "never justified", "needs the journal",
    )  # fmt: skip
    return table(head, [_row(rule) for rule in RULES])


def _row(rule: GateRule) -> tuple[str, ...]:
    levels = (_cell(rule, gear) for gear in _GEARS)
    at = ", ".join(f"`{point}`" for point in Point if point in rule.points)
    return (
        f"`{rule.id}`", rule.asks, at, *levels, _YES[rule.never_justified], _YES[rule.needs_journal],
    )  # fmt: skip


def _cell(rule: GateRule, gear: Gear) -> str:
    no, undecided = rule.level(gear), rule.level(gear, is_undecided=True)
    return _SHOWN[no] if no is undecided else f"{_SHOWN[no]} / {_SHOWN[undecided]}"
