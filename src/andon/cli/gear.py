"""andon gear: which gates apply now, why, and what that means."""

from __future__ import annotations

from andon.cli.output import print_json, wants_json
from andon.cli.terminal import next_line, one_line, style
from andon.desk.casefile import open_incidents, service_stream
from andon.desk.declare import compiled_protocol
from andon.desk.deployments import read_ledger
from andon.errors import InvalidInput, Refused
from andon.incident.events import GearDeclared
from andon.incident.policy import derived_gear
from andon.incident.words import Gear

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("gear", nargs="?", help="EXPLORE, BUILD or SHIP (or L0, L1, L2): declare it")
    parser.add_argument("--reason", default="", help="why")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Show the active gear, or declare one."""
    ledger = read_ledger(desk)
    if arguments.gear:
        _declare(desk, arguments.gear, arguments.reason, ledger.gear)
        ledger = read_ledger(desk)
    open_now = open_incidents(desk)
    gear, why = derived_gear(open_now, ledger.gear)
    if gear is ledger.gear and ledger.gear_reason:
        why = ledger.gear_reason
    protocol = compiled_protocol(desk)
    if wants_json(arguments):
        print_json(
            {
                "gear": gear.value,
                "level": gear.level,
                "why": why,
                "declared": ledger.gear.value,
                "allowed": list(protocol.allowed) if gear is Gear.HOTFIX else [],
                "required": list(protocol.required) if gear is Gear.HOTFIX else [],
                "forbidden": list(protocol.forbidden) if gear is Gear.HOTFIX else [],
            }
        )
        return 0
    shown = f"{gear.level} {gear.value}" if desk.config.words == "levels" else gear.value
    colour = "red" if gear is Gear.HOTFIX else "green"
    print(f"{one_line(desk.config.service)}: {style(shown, 'bold', colour)}  ({one_line(why)})")
    if gear is Gear.HOTFIX:
        for title, lines in (
            ("allowed", protocol.allowed),
            ("required", protocol.required),
            ("forbidden", protocol.forbidden),
        ):
            print(style(title, "bold"))
            for line in lines:
                print(f"  {one_line(line)}")
        next_line("resolve the incident; the gear follows from it", "andon status")
    else:
        next_line("EXPLORE, BUILD or SHIP can be declared", f"andon gear {_other(gear)}")
    return 0


def _other(gear: Gear) -> str:
    """Return the gear that usually comes next: a prototype is built, what is built is shipped."""
    return {Gear.EXPLORE: "BUILD", Gear.BUILD: "SHIP"}.get(gear, "BUILD")


def _declare(desk: Desk, word: str, reason: str, current: Gear) -> None:
    gear = Gear.named(word)
    if gear is None:
        raise InvalidInput(
            f"{word!r} is not a gear", rule="gear", remedy="EXPLORE (L0), BUILD (L1) or SHIP (L2)"
        )
    if gear is Gear.HOTFIX:
        raise Refused(
            "HOTFIX is never declared; it follows from an open P0 or P1",
            rule="hotfix-is-derived",
            remedy='andon declare "what is broken" --severity P0',
        )
    if current is Gear.SHIP and gear is Gear.EXPLORE and not reason.strip():
        raise Refused(
            "what is committed to ship does not become a prototype again",
            rule="ship-cannot-relax",
            remedy="andon gear BUILD",
        )
    if gear is not current:
        desk.append(service_stream(desk), (GearDeclared(gear=gear.value, reason=reason),))
