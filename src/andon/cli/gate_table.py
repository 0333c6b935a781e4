"""How a gate is shown: a headline, one table, the places below their rule, and what to do when it blocks."""

from __future__ import annotations

from andon.cli.terminal import next_line, one_line, style
from andon.cli.terminal import rows as show_rows
from andon.incident.words import Gear, Verdict, counted
from andon.record import Record
from andon.response.gates.judge import Effect
from andon.response.gates.table import Point, rule_named, rules_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from andon.response.gates.judge import GateRow, Judgement
    from andon.response.gates.results import Objection

CODES = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 3}
_SHOWN = {
    Effect.PASSES: ("passes", "green"),
    Effect.BLOCKS: ("blocks", "red"),
    Effect.WARNS: ("warns", "yellow"),
    Effect.WAIVED: ("waived", "cyan"),
}
#: Places that are shown below a rule; the others are counted.
_MOST = 10


class Judged(Record):
    """A judgement with what it is about."""

    judgement: Judgement
    #: Why this gear, and the incident that makes it HOTFIX.
    why: str = ""
    incident: str = ""
    #: What is judged: the reference that is written to, the branch, and the commits.
    target: str = ""
    branch: str = ""
    base: str = ""
    head: str = ""
    #: Which words the team uses, as `words` in andon.toml.
    words: str = "gears"


def verdict_of(judged: tuple[Judged, ...]) -> Verdict:
    """Return what follows from several judgements: one refusal refuses all, then one that is undecided."""
    verdicts = {one.judgement.verdict for one in judged}
    for verdict in (Verdict.FAILED, Verdict.UNKNOWN):
        if verdict in verdicts:
            return verdict
    return Verdict.PASSED


def show(judged: tuple[Judged, ...], *, is_quiet: bool = False) -> None:
    """Print a table for each judgement, one for those that say the same; then the way out.

    `is_quiet`: one line alone when everything passes; else only the rules that do not, and how many do.
    """
    if is_quiet and all(passes(one) for one in judged):
        for one in judged[:1]:
            more = f" and {len(judged) - 1} more" if len(judged) > 1 else ""
            rules = counted(len(one.judgement.rows), "rule") + " pass"
            print(f"{headline((one,))}{more}: {style(rules, 'green')}")
        return
    for group in _alike(judged):
        if not (is_quiet and len(judged) > 1 and passes(group[0])):
            print(headline(group))
            show_table(group[0].judgement, is_quiet=is_quiet)
    _show_way_out(judged)


def passes(one: Judged) -> bool:
    """True when every rule passes."""
    return all(row.effect is Effect.PASSES for row in one.judgement.rows)


def _alike(judged: tuple[Judged, ...]) -> list[list[Judged]]:
    """Return the judgements in groups that say the same: a branch and the tag on it, pushed together."""
    groups: list[list[Judged]] = []
    for one in judged:
        for group in groups:
            if group[0].judgement == one.judgement and group[0].why == one.why:
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def headline(group: Sequence[Judged]) -> str:
    """Return in one line where the gate stands, which gear is active and why, and which incident."""
    one, judgement = group[0], group[0].judgement
    names = [n.target.removeprefix("refs/heads/").removeprefix("refs/") or n.branch for n in group]
    where = ", ".join(one_line(name, 80) for name in names[:3] if name)
    about = f" {where}" if where else ""
    about += f" and {len(names) - 3} more" if len(names) > 3 else ""
    why = f" ({one_line(one.why, 160)})" if one.why else ""
    named = f" for {one.incident}" if one.incident and one.incident not in one.why else ""
    gear = style(judgement.gear.told(one.words), "bold")
    return f"gate {judgement.point.value}{about}: gear {gear}{why}{named}"


def show_table(
    judgement: Judgement,
    is_justified: Callable[[Objection], bool] = lambda _: False,
    *,
    is_quiet: bool = False,
) -> None:
    """Print rule, what follows, evidence and way out, with the places of a rule below it.

    `is_justified` knows of an objection whether somebody answers for it, where that is known one by one.
    `is_quiet`: leave out the rules that pass, and count them.
    """
    shown = [row for row in judgement.rows if not (is_quiet and row.effect is Effect.PASSES)]
    width = max((len(row.result.rule) for row in shown), default=0)
    said: dict[tuple[str, str], str] = {}
    for row in shown:
        word, colour = _SHOWN[row.effect]
        cells = (row.result.rule, style(word, colour), _told(row, said))
        show_rows([cells], least=(width, len("passes")))
        if row.effect is not Effect.PASSES:
            _show_places(row, is_justified)
    if left := len(judgement.rows) - len(shown):
        print(f"  {style(counted(left, 'other rule') + ' pass', 'green')}")


def _told(row: GateRow, said: dict[tuple[str, str], str]) -> str:
    """Return evidence and way out; what rules before could not decide for the same reason is told once."""
    if row.effect is not Effect.PASSES and row.result.verdict is Verdict.UNKNOWN and not row.waived_by:
        first = said.setdefault((row.result.evidence, row.result.remedy), row.result.rule)
        if first != row.result.rule:
            return f"as {first}" + ("  (a hard gate)" if row.is_hardened else "")
    told = one_line(row.result.evidence)
    if row.waived_by:
        told += f"  (waived by {one_line(row.waived_by, 200)})"
    if row.is_hardened:
        told += "  (a hard gate)"
    if row.result.remedy and row.effect in (Effect.BLOCKS, Effect.WARNS):
        told += f"  ->  {one_line(row.result.remedy)}"
    return told


def _show_places(row: GateRow, is_justified: Callable[[Objection], bool]) -> None:
    shown = row.result.objections[:_MOST]
    told = [_objected(one, is_justified(one)) for one in shown]
    show_rows(
        [
            (f"{one.rule}:{one.fingerprint}", one_line(one.place, 120) or "-", text)
            for one, text in zip(shown, told, strict=True)
        ],
        indent="      ",
    )
    if len(row.result.objections) > len(shown):
        print(f"      and {len(row.result.objections) - len(shown)} more: --json has them all")


def _objected(one: Objection, is_justified: bool) -> str:
    text = f"hint: {one.text}" if one.is_hint else one.text
    return f"{text}  (justified)" if is_justified else text


def _show_way_out(judged: tuple[Judged, ...]) -> None:
    blocking = [(one, row) for one in judged for row in one.judgement.rows if row.effect is Effect.BLOCKS]
    if not blocking:
        return
    failed = [(one, row) for one, row in blocking if row.result.verdict is Verdict.FAILED]
    old = [(one, row) for one, row in failed if row.result.rule == "banned"]  # nothing else helps then
    one, row = (old or failed or blocking)[0]
    word = "blocked by" if failed else "could not decide:"
    names = ", ".join(dict.fromkeys(r.result.rule for _, r in (failed or blocking)))
    if objection := _justifiable(row):
        subject = f"{objection.rule}:{objection.fingerprint}"
        guards = {rule.id for rule in rules_at(Point.HOTFIX)} if one.judgement.gear is Gear.HOTFIX else set()
        command = "andon skip" if objection.rule in guards else "andon ship waive"
        print(f'  if you answer for it: {command} {subject} --reason "why"')
    next_line(f"{word} {names}", row.result.remedy)


def _justifiable(row: GateRow) -> Objection | None:
    rule = rule_named(row.result.rule)
    if rule is None or rule.never_justified or not row.result.objections:
        return None
    return min(row.result.objections, key=lambda objection: objection.is_hint)


def plain(judged: tuple[Judged, ...]) -> dict[str, Any]:
    """Return the judgements for programs; docs/reference/gates.md lists the keys."""
    first = judged[0] if judged else None
    return {
        "point": first.judgement.point.value if first else None,
        "gear": first.judgement.gear.value if first else None,
        "verdict": verdict_of(judged).value,
        "changes": [_plain_change(one) for one in judged],
    }


def _plain_change(one: Judged) -> dict[str, Any]:
    return {
        "target": one.target or None,
        "branch": one.branch or None,
        "base": one.base or None,
        "head": one.head or None,
        "gear": one.judgement.gear.value,
        "why": one.why,
        "incident": one.incident or None,
        "verdict": one.judgement.verdict.value,
        "rows": plain_rows(one.judgement),
    }


def plain_rows(judgement: Judgement) -> list[dict[str, Any]]:
    """Return the rows of a judgement for programs."""
    return [
        {
            "rule": row.result.rule,
            "verdict": row.result.verdict.value,
            "effect": row.effect.value,
            "evidence": row.result.evidence,
            "remedy": row.result.remedy,
            "hardened": row.is_hardened,
            "waived_by": row.waived_by or None,
            "objections": [
                {
                    "path": o.path or None,
                    "line": o.line or None,
                    "end_line": o.end_line or None,
                    "text": o.text,
                    "fingerprint": o.fingerprint,
                    "hint": o.is_hint,
                }
                for o in row.result.objections
            ],
        }
        for row in judgement.rows
    ]
