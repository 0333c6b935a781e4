"""Is a hotfix one thing? `connected` blocks where it plainly is not, `loose-ends` warns where it may not."""

from __future__ import annotations

from andon.incident.words import counted
from andon.response.gates.results import failed, passed, unknown
from andon.response.guard.links import compare, separate, too_large_to_compare
from andon.response.guard.weights import MAYBE_TWO_THINGS, TWO_THINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.gates.results import RuleResult
    from andon.response.guard.context import IncidentContext
    from andon.response.guard.reading import Sides

CONNECTED = "connected"
#: Asked with a lower bar; its table says that it warns.
LOOSE_ENDS = "loose-ends"


def judge_connection(sides: Sequence[Sides], context: IncidentContext) -> tuple[RuleResult, RuleResult]:
    """Return the answers of `connected` and `loose-ends`; the second speaks only when the first has not."""
    too_large = too_large_to_compare([side.file for side in sides])
    if too_large:
        remedy = "split the change, or ship it through the SHIP gate"
        return unknown(CONNECTED, too_large, remedy), unknown(LOOSE_ENDS, too_large, remedy)
    compared = compare(sides, context)
    known = "" if compared.has_context else "; no stack frame or failing probe of the incident was known"
    seen = f"{counted(len(compared.pieces), 'hunk')} compared{known}"
    remedy = "take out what is not part of the fix, or `andon skip` the rule with a reason"
    apart = separate(compared, CONNECTED, TWO_THINGS)
    if apart:
        said = f"{counted(len(apart), 'hunk')} of {len(compared.pieces)} do not belong to the fix{known}"
        return failed(CONNECTED, said, remedy, apart), passed(LOOSE_ENDS, "the rule `connected` has spoken")
    maybe = separate(compared, LOOSE_ENDS, MAYBE_TWO_THINGS)
    if maybe:
        said = f"{counted(len(maybe), 'hunk')} of {len(compared.pieces)} may not belong to the fix{known}"
        return passed(CONNECTED, seen), failed(LOOSE_ENDS, said, remedy, maybe)
    return passed(CONNECTED, seen), passed(LOOSE_ENDS, seen)
