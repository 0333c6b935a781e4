"""What `andon gate reference-transaction` does: answers git's hook before branches and tags move."""

from __future__ import annotations

import sys

from andon.cli.as_json import print_json, wants_json
from andon.cli.terminal import one_line, style
from andon.desk.gate.moving import catch_up, moved
from andon.errors import InvalidInput
from andon.incident.words import Verdict
from andon.response.gates.judge import Effect
from andon.response.gates.moved import read_moves, that_matter
from andon.response.gates.pushed import read_pre_receive

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from andon.desk.gate.moving import Moved

#: Git's hook may still say no in this state alone.
_PREPARED = "prepared"
_MOST_PLACES = 10


def run(arguments: argparse.Namespace, given: str) -> int:
    """Judge what moves and say what must not; return 0, 1 (refused) or 3 (undecided)."""
    from andon.wiring.opening import open_reference_desk

    updates = that_matter(read_pre_receive(read_moves(given)))
    if not updates:
        return 0
    with open_reference_desk(arguments) as desk:
        answers = (*catch_up(desk, _tell), *moved(desk, updates, _tell))
    if wants_json(arguments):
        print_json({"point": "reference-transaction", "moves": [_plain(one) for one in answers]})
    else:
        for one in answers:
            _show(one)
    verdicts = {one.verdict for one in answers if one.is_stopped}
    return 1 if Verdict.FAILED in verdicts else 3 if verdicts else 0


def _tell(text: str) -> None:
    print(f"andon: {text}", file=sys.stderr, flush=True)


def is_asked(arguments: argparse.Namespace) -> bool:
    """True in the one state of a transaction that can be refused; raises InvalidInput for none of git's."""
    state = arguments.first or ""
    if state not in ("preparing", _PREPARED, "committed", "aborted"):
        raise InvalidInput(
            f"{state[:40]!r} is no state of a transaction",
            where="andon gate reference-transaction",
            rule="usage",
            remedy="it is called by git's hook; by hand: andon gate ci --base origin/main",
        )
    return state == _PREPARED


def _show(one: Moved) -> None:
    """Say on standard error which reference does not move, why, and the way out; nothing of a clean move."""
    if one.verdict is Verdict.PASSED:
        return
    names = ", ".join(one_line(ref, 120) for ref in one.refs[:3])
    lines = []
    if one.is_only_told:
        if one.verdict is Verdict.FAILED:
            told = "brings a secret from elsewhere; it moves, and no branch here will get that commit"
            lines.append(style(f"andon: {names} {told}", "yellow"))
        else:
            lines.append(f"andon: {names} moves; what it brings could not be judged")
    elif one.verdict is Verdict.FAILED:
        lines.append(style(f"andon: {names} is not moved to {one.new[:10]}", "red"))
    else:
        lines.append(f"andon: {names} is not moved to {one.new[:10]}: nothing could be decided about it")
    for row in one.judgement.rows:
        if row.effect is Effect.PASSES:
            continue
        result = row.result
        lines.append(f"  {result.rule}: {one_line(result.evidence, 400)}")
        lines += [
            f"    {one_line(objection.place, 120) or '-'}  {one_line(objection.text, 200)}"
            for objection in result.objections[:_MOST_PLACES]
        ]
        if len(result.objections) > _MOST_PLACES:
            lines.append(f"    and {len(result.objections) - _MOST_PLACES} more")
        lines.append(f"  way out: {one_line(_way_out(one, row.result.rule, result.remedy), 400)}")
    if one.is_stopped and one.verdict is Verdict.FAILED:
        lines.append("  --no-verify does not change this: the hook reference-transaction sees every move")
    print("\n".join(lines), file=sys.stderr)


def _way_out(one: Moved, rule: str, remedy: str) -> str:
    if rule != "secrets" or one.verdict is not Verdict.FAILED or one.tainted:
        return remedy
    if one.is_only_told:
        return "tell whoever pushed it, and: andon leak start"
    if one.commits == 1 and "HEAD" in one.refs:
        return "take it out of the file, git add it, and commit again; then replace the secret by a new one"
    return remedy


def _plain(one: Moved) -> dict[str, Any]:
    from andon.cli.gate_table import plain_rows

    return {
        "refs": list(one.refs),
        "new": one.new,
        "verdict": one.verdict.value,
        "stopped": one.is_stopped,
        "commits": one.commits,
        "tainted": list(one.tainted),
        "rows": plain_rows(one.judgement),
    }
