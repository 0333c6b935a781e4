"""Is every merge conflict resolved? Looks for the three markers git writes, in the lines that are added."""

from __future__ import annotations

from andon.response.gates.results import Objection, failed, passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult

_OPENING, _CLOSING = "<<<<<<< ", ">>>>>>> "


def check(context: GateContext) -> RuleResult:
    """Object to every added line that begins or ends a conflict."""
    found = []
    for file in context.change.files:
        for hunk in file.hunks:
            for offset, line in enumerate(hunk.added):
                if line.startswith((_OPENING, _CLOSING)):
                    at = hunk.new_start + offset
                    found.append(_objection(file.path, at, line))
    if not found:
        return passed("conflict-markers", "none in what is added")
    places = ", ".join(o.place for o in found[:3])
    return failed("conflict-markers", f"markers at {places}", "resolve them, then: git add", tuple(found))


def _objection(path: str, line: int, text: str) -> Objection:
    told = f"a conflict marker: {text[:40]}"
    return Objection(
        rule="conflict-markers", path=path, line=line, end_line=line, text=told, snippet=f"{line} {text}"
    )
