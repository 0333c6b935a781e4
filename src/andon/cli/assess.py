"""andon assess: find out what broke, since when, and what speaks for which response."""

from __future__ import annotations

from andon.cli.amounts import minutes
from andon.cli.output import finish, print_json, summary, wants_json, whole
from andon.cli.terminal import one_line, rows, style
from andon.desk.assess import run_assessment
from andon.desk.casefile import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.incident.events import AssessmentMade, Fact


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("--cause", default="", help="what broke it, if you know")
    parser.add_argument("--fix-minutes", type=minutes, metavar="N", help="how long a fix would take")
    parser.add_argument("--risky", action="store_true", help="the fix could break more")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Look at production, print and record what is known."""
    state = load(desk, getattr(arguments, "incident", None))
    if not wants_json(arguments):
        print(style("looking at smoke tests, dependencies, logs and the ledger ...", "dim"), flush=True)
    done = run_assessment(
        desk,
        state,
        cause=arguments.cause,
        minutes_to_fix=arguments.fix_minutes,
        fix_is_risky=arguments.risky,
    )
    now = desk.clock.now()
    if wants_json(arguments):
        print_json({**summary(done.incident, now), "assessment": whole(done.assessment)})
        return 0
    _show(done.assessment)
    return finish(arguments, done.incident, now)


def _show(found: AssessmentMade) -> None:
    print(style("what broke", "bold"))
    rows((f.component, f.source, f.symptom) for f in found.broken)
    if not found.broken:
        print("  nothing found broken; a report or a smoke test would show it")
    print(style("when", "bold"))
    when = f"{found.broke_at:%Y-%m-%d %H:%M:%S UTC}" if found.broke_at else "unknown"
    print(f"  {when}  ({one_line(found.broke_at_source)})")
    print(style("why, as far as facts go", "bold"))
    suspect = found.suspect + (f": {found.suspect_version}" if found.suspect_version else "")
    print(f"  suspect: {one_line(suspect)}")
    show_facts(found.facts)
    print(style("the way back", "bold"))
    print(
        f"  running {one_line(found.running_version) or 'unknown'}, last known good "
        f"{one_line(found.last_known_good) or 'none'}"
    )
    for text in found.passed_over[:5]:
        print(f"  passed over {one_line(text)}")
    back = "unknown" if found.minutes_to_roll_back is None else f"{found.minutes_to_roll_back:.1f} min"
    fix = "unknown (--fix-minutes N)" if found.minutes_to_fix is None else f"{found.minutes_to_fix:.0f} min"
    print(f"  rollback {back}, fix {fix}; migrations: {one_line(found.migrations_reason) or 'not looked at'}")
    if found.migrations_found:
        print(f"  as far as the database goes: {one_line(found.migrations_route)}")
    for finding in found.migrations_found[:3]:
        print(f"    {one_line(finding)}")


def show_facts(facts: tuple[Fact, ...]) -> None:
    """Print facts with what they speak for and against."""
    for fact in facts:
        sides = []
        if fact.speaks_for:
            sides.append(style(f"+{fact.speaks_for}", "green"))
        if fact.against:
            sides.append(style(f"-{fact.against}", "yellow"))
        print(f"  {one_line(fact.text)}" + (f"  {' '.join(sides)}" if sides else ""))
