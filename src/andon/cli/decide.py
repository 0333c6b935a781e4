"""andon decide: choose the response, by rule and authority."""

from __future__ import annotations

import shlex

from andon.cli.assess import show_facts
from andon.cli.output import finish, print_json, summary, wants_json, whole
from andon.cli.terminal import confirm, is_interactive, next_line, one_line, style
from andon.desk.casefile import load
from andon.desk.decide import decide_on, explanation, recommendation
from andon.errors import Refused
from andon.incident.policy import authority
from andon.incident.words import Choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.response.choice import Recommendation, Row


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    choices = [c.value for c in Choice]
    parser.add_argument("choice", nargs="?", choices=choices, help="default: what the rule recommends")
    parser.add_argument("--reason", "-r", default="", help="why: needed alone, and to overrule the rule")
    parser.add_argument("--explain", action="store_true", help="show the rule table and decide nothing")
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Show what the rule table says and record who decided what."""
    state = load(desk, getattr(arguments, "incident", None))
    recommended = recommendation(desk, state)
    choice = Choice(arguments.choice) if arguments.choice else recommended.choice
    if not wants_json(arguments):
        print(style(f"rule {recommended.rule} recommends {recommended.choice}", "bold"))
        print(f"  because {recommended.because}")
        _show_flag(recommended)
        show_facts(recommended.facts)
    if arguments.explain:
        return _explain(arguments, explanation(desk, state), recommended)
    reason = _reason(desk, arguments, choice, recommended.choice)
    if not arguments.choice:
        confirm(f"decide {choice}?", yes=arguments.yes)
    state = decide_on(desk, state, recommended, choice, reason)
    if wants_json(arguments):
        decided = whole(state.decision) if state.decision else None
        print_json({**summary(state, desk.clock.now()), "decided": decided})
        return 0
    told = f"decided {choice}"
    if state.decision is not None:
        told += f" by {state.decision.decided_by} ({state.decision.authority})"
    return finish(arguments, state, desk.clock.now(), told)


def _reason(desk: Desk, arguments: argparse.Namespace, choice: Choice, recommended: Choice) -> str:
    """Return the reason: the given one, or the answer of the person who has to give one."""
    reason = str(arguments.reason)
    try:
        authority(desk.people, desk.actor, reason)
        needed = choice is not recommended and not reason.strip()
    except Refused:
        if not is_interactive() or wants_json(arguments):
            raise
        needed = True
    if needed and is_interactive() and not wants_json(arguments):
        print("  whoever decides alone, for somebody else or against the rule writes down why")
        reason = input("why? ").strip()
        authority(desk.people, desk.actor, reason)  # refuse an empty answer before the next question
    return reason


def _explain(arguments: argparse.Namespace, table: tuple[Row, ...], recommended: Recommendation) -> int:
    if wants_json(arguments):
        rows = [
            {
                "rule": row.rule.name,
                "choice": row.rule.choice.value,
                "because": row.rule.because,
                "holds": row.holds,
                "saw": row.saw,
                "decides": row.decides,
            }
            for row in table
        ]
        print_json({"rules": rows, "facts": [whole(fact) for fact in recommended.facts]})
        return 0
    print(style("the rule table, read from the top; the first that holds decides", "bold"))
    for row in table:
        mark = "->" if row.decides else "  "
        holds = style("holds", "green") if row.holds else "does not hold"
        print(f"{mark} {row.rule.name:<20} {row.rule.choice.value:<12} {row.rule.because}")
        print(f"     {holds}: {one_line(row.saw, 300)}")
    next_line("decide", "andon decide")
    return 0


def _show_flag(recommended: Recommendation) -> None:
    """Say how the flag is turned off: by Andon where its flag system has it, else by the team's own way."""
    if recommended.choice is not Choice.KILL_SWITCH or not recommended.flag:
        return
    how = (
        shlex.join(recommended.flag_off)
        if recommended.flag_off
        else "as your team does; no `off` is configured"
    )
    who = "" if recommended.flag_off[:3] == ("andon", "flags", "kill") else " yourself"
    print(f"  turn {one_line(recommended.flag)} off{who}: {one_line(how, 300)}")
