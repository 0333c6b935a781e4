"""andon gear: which gear holds, why, what the team's protocol says about it, and which gates it closes."""

from __future__ import annotations

from andon.cli.output import print_json, wants_json
from andon.cli.terminal import next_line, one_line, rows, style, width
from andon.desk.gate.answered import gate_record
from andon.desk.gear import declare, gear_now, gear_policy
from andon.incident.words import Gear
from andon.response.gates.hardening import asked_in, levels_of, proposal_told, proposals
from andon.response.gates.table import Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.gear import GearPolicy
    from andon.desk.ports import Desk
    from andon.incident.gate_record import GateRecord
    from andon.incident.gears import ActiveGear
    from andon.protocol.compiled import PolicyLine

_COLOURS = {Gear.EXPLORE: "cyan", Gear.BUILD: "green", Gear.SHIP: "yellow", Gear.HOTFIX: "red"}
_KINDS = ("allowed", "required", "forbidden")
#: Checks that an incident's history answers; they mean nothing outside of one.
_SIGNED = "signed by a person"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("gear", nargs="?", help="EXPLORE, BUILD or SHIP (or L0, L1, L2): declare it")
    parser.add_argument("--reason", default="", help="why; going back to EXPLORE needs one")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Show the active gear, or declare one and show it."""
    if arguments.gear:
        active, _ = declare(desk, arguments.gear, arguments.reason)
    else:
        active = gear_now(desk)
    record, policy = gate_record(desk), gear_policy(desk, active.gear)
    if wants_json(arguments):
        print_json(_plain(active, policy, record))
        return 0
    _show_gear(desk, active)
    _show_policy(active.gear, policy)
    _show_gates(active.gear, record)
    _show_next(active, record)
    return 0


def answered_by(line: PolicyLine, gear: Gear) -> str:
    """Return what answers for a line of policy: a rule that is asked in the gear, a check, or a person."""
    if line.kind == "allowed":
        return ""
    if line.rule and levels_of(line.rule, gear) - {Level.OFF}:
        return f"checked by: {line.rule}"
    if line.check and line.gear == Gear.HOTFIX.value and _is_machine(line.check):
        return f"checked by: {line.check} (incident)"
    return _SIGNED if line.kind == "required" else ""


def _is_machine(check: str) -> bool:
    from andon.protocol.catalogue import CATALOGUE

    return check in CATALOGUE and CATALOGUE[check].kind == "machine"


def _show_gear(desk: Desk, active: ActiveGear) -> None:
    gear = style(active.gear.told(desk.config.words), "bold", _COLOURS[active.gear])
    print(f"{one_line(desk.config.service)}: {gear}  ({one_line(active.why)})")
    since = f"since {active.since:%Y-%m-%d %H:%M} UTC" if active.since else "nobody declared another"
    who = f"by {active.by}" if active.by else ""
    told = [("since", one_line(f"{since.removeprefix('since ')} {who}".strip()))]
    told += [
        ("incident", one_line(f"{i.id} {i.severity} {i.status} {i.title}", 120)) for i in active.incidents
    ]
    if active.gear is Gear.HOTFIX:
        told.append(("afterwards", active.declared.gear.told(desk.config.words)))
    if active.declared.settled:
        declared = active.declared
        told.append(
            ("shipping", one_line(f"{declared.settled} by {declared.settled_by}: {declared.settled_what}"))
        )
    rows(told)


#: Columns of a table of three that hold no text.
_MARGINS = 6


def _show_policy(gear: Gear, policy: GearPolicy) -> None:
    if policy.silent:
        print(f"{one_line(policy.silent)} has no list for {gear}; these are the built-in ones")
    for kind in _KINDS:
        lines = [line for line in policy.lines if line.kind == kind]
        if not lines:
            continue
        print(style(kind, "bold"))
        told = [(f"{policy.source}:{line.line}", line.text, answered_by(line, gear)) for line in lines]
        if sum(max(len(row[i]) for row in told) for i in range(3)) + _MARGINS <= width():
            rows(told)
        else:
            rows([(place, f"{text} ({answer})" if answer else text) for place, text, answer in told])


def _show_gates(gear: Gear, record: GateRecord) -> None:
    print(style("gates", "bold"))
    told = []
    for asked in asked_in(gear, record.hardened):
        names = [f"{rule} (hardened)" if _is_hard(rule, gear, record) else rule for rule in asked.rules]
        told.append((f"{asked.place} {asked.level.value}", ", ".join(names)))
    rows(told)


def _is_hard(rule: str, gear: Gear, record: GateRecord) -> bool:
    return rule in record.hardened and Level.WARNS in levels_of(rule, gear)


def _show_next(active: ActiveGear, record: GateRecord) -> None:
    found = proposals(record)
    for proposal in found:
        print(f"{style('proposed', 'bold')}: {one_line(proposal_told(proposal))}")
    if active.gear is Gear.HOTFIX:
        next_line("a hotfix resolves; then what was declared holds again", "andon status")
    elif found:
        next_line("a warning was not enough", found[0].command)
    elif active.declared.is_committed:
        next_line("ship it, or give it up", "andon ship check")
    else:
        usual = {Gear.EXPLORE: Gear.BUILD, Gear.BUILD: Gear.SHIP}.get(active.gear, Gear.BUILD)
        next_line("another gear can be declared", f"andon gear {usual}")


def _plain(active: ActiveGear, policy: GearPolicy, record: GateRecord) -> dict[str, object]:
    gear = active.gear
    lines = {kind: [line for line in policy.lines if line.kind == kind] for kind in _KINDS}
    return {
        "gear": gear.value,
        "level": gear.level,
        "why": active.why,
        "since": active.since,
        "by": active.by,
        "incidents": [i.id for i in active.incidents],
        "declared": active.declared.gear.value,
        "committed": active.declared.is_committed,
        "shipping": active.declared.settled,
        **{kind: [line.text for line in found] for kind, found in lines.items()},
        "source": policy.source,
        "built_in": policy.source == "built-in",
        "lines": [
            {"kind": line.kind, "text": line.text, "line": line.line, "answered_by": answered_by(line, gear)}
            for line in policy.lines
        ],
        "gates": [
            {"place": asked.place, "level": asked.level.value, "rules": list(asked.rules)}
            for asked in asked_in(gear, record.hardened)
        ],
        "hardened": list(record.hardened),
        "proposed": [{"rule": p.rule, "strikes": p.strikes} for p in proposals(record)],
    }
