"""andon hotfix check: the guard's table, what may be justified, and what it did not see."""

from __future__ import annotations

from andon.cli.gate_table import CODES as CODES
from andon.cli.gate_table import show_table
from andon.cli.output import print_json, summary, wants_json, whole
from andon.cli.terminal import next_line, one_line, style
from andon.desk.hotfix_check import check_hotfix
from andon.incident.next_step import next_step
from andon.incident.policy import NEVER_JUSTIFIED_RULES
from andon.incident.shortcut_words import is_justified
from andon.incident.words import Verdict
from andon.response.gates.judge import Effect

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from andon.desk.hotfix_check import Guarded
    from andon.desk.ports import Desk
    from andon.incident.state import Incident
    from andon.response.gates.judge import GateRow

_COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.UNKNOWN: "yellow"}


def run_check(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    """Ask the guard, show its table, and return 0, 1 (it objects) or 3 (it could not decide)."""
    told = not wants_json(arguments)
    guarded = check_hotfix(desk, state, telling(told=told), arguments.test or ())
    if not told:
        print_json({**summary(guarded.incident, desk.clock.now()), **plain(guarded)})
        return CODES[guarded.judgement.verdict]
    show_guard(guarded)
    step = next_step(guarded.incident)
    next_line(step.text, step.command)
    return CODES[guarded.judgement.verdict]


def telling(*, told: bool) -> Callable[[str], None]:
    """Return what says how far something is: on the terminal, or to nobody."""

    def tell(line: str) -> None:
        if told:
            print(style(f"  {one_line(line, 200)}", "dim"), flush=True)

    return tell


def show_guard(guarded: Guarded) -> None:
    """Print the guard's table, how an objection is justified, and the files that nobody looked at."""
    hotfix, judgement = guarded.hotfix, guarded.judgement
    verdict = style(judgement.verdict.value, "bold", _COLOURS[judgement.verdict])
    span = f"{one_line(hotfix.base_version)} ({hotfix.base_commit[:10]}) .. {guarded.commit[:10]}"
    print(f"guard {verdict}  {one_line(hotfix.branch)}  {span}")
    show_table(judgement, lambda one: is_justified(guarded.incident, one.rule, one.fingerprint))
    _show_way_out(guarded)
    if guarded.uncommitted:
        names = ", ".join(one_line(name) for name in guarded.uncommitted[:5])
        more = f" and {len(guarded.uncommitted) - 5} more" if len(guarded.uncommitted) > 5 else ""
        print(f"  not committed, so nobody looked at it: {names}{more}")


def _show_way_out(guarded: Guarded) -> None:
    """Say once how an objection that stops the hotfix is justified; its name stands in the table."""
    for row in guarded.judgement.rows:
        if row.effect is not Effect.BLOCKS or row.result.rule in NEVER_JUSTIFIED_RULES:
            continue
        left = [o for o in row.result.objections if not is_justified(guarded.incident, o.rule, o.fingerprint)]
        if left := sorted(left, key=lambda o: o.is_hint):
            name = f"{left[0].rule}:{left[0].fingerprint}"
            print(style(f'  if you answer for it: andon skip {name} --reason "why"', "dim"))
            return


def plain(guarded: Guarded) -> dict[str, object]:
    """Return the guard's answer for programs."""
    return {
        "branch": guarded.hotfix.branch,
        "base_version": guarded.hotfix.base_version,
        "base": guarded.hotfix.base_commit,
        "commit": guarded.commit,
        "verdict": guarded.judgement.verdict.value,
        "uncommitted": list(guarded.uncommitted),
        "rows": [_plain_row(guarded, row) for row in guarded.judgement.rows],
    }


def _plain_row(guarded: Guarded, row: GateRow) -> dict[str, object]:
    return {
        "rule": row.result.rule,
        "verdict": row.result.verdict.value,
        "effect": row.effect.value,
        "evidence": row.result.evidence,
        "remedy": row.result.remedy,
        "waived_by": row.waived_by,
        "objections": [
            {
                **whole(one),
                "fingerprint": one.fingerprint,
                "is_justified": is_justified(guarded.incident, one.rule, one.fingerprint),
            }
            for one in row.result.objections
        ],
    }
