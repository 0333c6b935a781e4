"""Whether the tests ran with every state of the flags that a release brings or is still rolling out."""

from __future__ import annotations

from andon.incident.words import counted
from andon.record import Record
from andon.response.gates.results import Objection, failed, passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.response.gates.results import RuleResult

RULE = "flags-tested"
REMEDY = "andon ship test, whose command runs pytest with andon; then: andon flags tests"


class FlagStates(Record):
    """A flag whose states must all work, and those that no test ran with."""

    name: str
    #: Why it is asked about: `new`, or `rolled out in part`.
    why: str
    untested: tuple[str, ...] = ()
    #: How many states it has.
    states: int = 0
    #: The file that defines it.
    path: str = ""


def judge_tested(
    flags: Iterable[FlagStates],
    commit: str,
    reported: str,
    *,
    is_clean: bool,
    problem: str = "",
    unseen: str = "",
) -> RuleResult:
    """Say whether tests ran with every state of `flags`, by a report made at `commit` without other changes.

    `reported` is the report's commit. `problem` says why there is no report that can be read, `unseen` why
    nobody knows which flags are being rolled out.
    """
    flags = tuple(flags)
    blind = f"which flags are rolled out in part cannot be seen: {unseen}" if unseen else ""
    if not flags:
        if blind:
            return unknown(RULE, blind, "andon flags")
        return passed(RULE, "no flag of a release or an experiment is new or rolled out in part")
    names = _named([flag.name for flag in flags])
    if problem:
        return unknown(RULE, f"{problem}; it has to show both states of {names}", REMEDY)
    if reported != commit:
        told = f"the report is of {reported[:10]}" if reported else "the report names no commit"
        return unknown(RULE, f"{told}, not of {commit[:10]}; it has to show both states of {names}", REMEDY)
    if not is_clean:
        told = f"the report was made at {commit[:10]} with changes that are in no commit"
        return unknown(RULE, told, REMEDY)
    found = tuple(_objection(flag) for flag in flags if flag.untested or flag.states < 2)
    if not found and blind:
        return unknown(RULE, blind, "andon flags")
    if not found:
        return passed(RULE, f"tests ran with every state of {names}")
    told = f"{counted(len(found), 'flag')}: {'; '.join(o.text for o in found[:3])}"
    mark = f'@pytest.mark.flag_states("{found[0].snippet}") on a test that asks for it; then: andon ship test'
    return failed(RULE, told, mark, found)


def _objection(flag: FlagStates) -> Objection:
    if flag.states < 2:
        text = f"flag {flag.name} ({flag.why}) has no two states: it cannot be switched off"
    else:
        text = f"flag {flag.name} ({flag.why}): no test ran with {_named(flag.untested)}"
    return Objection(rule=RULE, path=flag.path, text=text, snippet=flag.name)


def _named(names: Iterable[str], most: int = 5) -> str:
    names = list(names)
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
