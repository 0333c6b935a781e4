"""andon gate harden, relax, violations: what a warning was not enough for, and who passed it."""

from __future__ import annotations

from andon.cli.output import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows
from andon.desk import hard_gates
from andon.desk.gate.answered import gate_record
from andon.errors import InvalidInput, NotFound
from andon.response.gates.hardening import proposal_told, proposals
from andon.response.gates.table import rule_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.incident.gate_record import Violation

#: Violations shown without --json; the newest are told.
_MOST = 40


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says; `arguments` has `point` (the verb), `first` (the rule) and `reason`."""
    rule = (arguments.first or "").strip()
    if arguments.point == "violations":
        return _violations(desk, rule, arguments)
    if not rule:
        raise InvalidInput(
            "the rule is missing",
            where=f"andon gate {arguments.point}",
            rule="usage",
            remedy="andon gate violations",
        )
    act = hard_gates.harden if arguments.point == "harden" else hard_gates.relax
    record = act(desk, rule, arguments.reason)
    if wants_json(arguments):
        print_json({"rule": rule, "hardened": list(record.hardened)})
        return 0
    is_hard = rule in record.hardened
    told = (
        "blocks from now on where it warned" if is_hard else "follows the table again; its count begins anew"
    )
    print(f"{rule} {told}")
    next_line("what blocks and what warns now", "andon gear")
    return 0


def _violations(desk: Desk, rule: str, arguments: argparse.Namespace) -> int:
    record = gate_record(desk)
    known = dict.fromkeys(violation.event.rule for violation in record.violations)
    if rule and rule_named(rule) is None and rule not in known:
        raise NotFound(f"no gate rule is called {rule[:40]!r}", remedy="andon gate violations")
    found = [violation for violation in record.violations if not rule or violation.event.rule == rule]
    wanted = [proposal for proposal in proposals(record) if not rule or proposal.rule == rule]
    if wants_json(arguments):
        print_json(
            {
                "violations": [{"at": v.at, "by": v.by, **whole(v.event)} for v in found],
                "hardened": list(record.hardened),
                "proposed": [{"rule": p.rule, "strikes": p.strikes} for p in wanted],
            }
        )
        return 0
    rows([_cells(violation) for violation in found[-_MOST:]])
    if not found:
        print("nobody violated a rule" + (f" called {rule}" if rule else ""))
    elif len(found) > _MOST:
        print(f"and {len(found) - _MOST} older ones: --json shows all")
    for proposal in wanted:
        print(f"proposed: {one_line(proposal_told(proposal))}")
    if wanted:
        next_line("a warning was not enough", wanted[0].command)
    else:
        next_line("what blocks and what warns now", "andon gear")
    return 0


def _cells(violation: Violation) -> tuple[str, ...]:
    event = violation.event
    about = event.subject.removeprefix("objection ")[:12]
    what = " ".join(part for part in (about, event.incident, event.summary) if part)
    when = f"{violation.at:%Y-%m-%d %H:%M}"
    return when, event.rule, event.effect, event.point, event.gear, violation.by, what
