"""The table of what can be wrong with a flag, made from the rules that the lint reads."""

from __future__ import annotations

from andon.flags.hygiene.finding import RULES
from tests.docs.marked import table


def rules() -> str:
    """Return one row for each rule: what it asks, and whether no stops anybody."""
    rows = [(f"`{rule.id}`", rule.asks, "a sign" if rule.is_sign else "a finding") for rule in RULES]
    return table(("rule", "asks", "no is"), rows)
