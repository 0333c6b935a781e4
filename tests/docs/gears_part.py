"""The tables of docs/reference/gears.md, made from the rule that decides and from the table of the gates."""

from __future__ import annotations

from andon.incident.gears import DECLARABLE, Declared, Move, move
from andon.incident.words import Gear
from andon.protocol.gate_words import RULE_OF_CHECK
from andon.response.gates.hardening import can_harden
from andon.response.gates.table import RULES
from tests.docs.marked import table

_STANDS = (
    ("`EXPLORE`", Declared(gear=Gear.EXPLORE), False),
    ("`BUILD`", Declared(gear=Gear.BUILD), False),
    ("`SHIP`, committed", Declared(gear=Gear.SHIP), False),
    ("`SHIP`, recorded or given up", Declared(gear=Gear.SHIP, settled="recorded"), False),
    ("`HOTFIX`", Declared(), True),
)


def moves() -> str:
    """Return what is said to each declaration, from each standing."""
    rows = [
        (name, *(move(declared, wanted, is_hotfix=is_hotfix).value for wanted in (*DECLARABLE, Gear.HOTFIX)))
        for name, declared, is_hotfix in _STANDS
    ]
    assert {cell for row in rows for cell in row[1:]} == {m.value for m in Move}
    return table(("it is", *(f"declare `{gear}`" for gear in (*DECLARABLE, Gear.HOTFIX))), rows)


def answered() -> str:
    """Return the checks of the catalogue that a gate rule answers for."""
    return table(("check", "gate rule"), ((f"`{c}`", f"`{rule}`") for c, rule in RULE_OF_CHECK.items()))


def hardenable() -> str:
    """Return the rules that can be made to block."""
    rules = dict.fromkeys(row.id for row in RULES if can_harden(row.id))
    return f"\n{', '.join(f'`{rule}`' for rule in rules)}\n\n"
