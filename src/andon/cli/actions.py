"""andon actions: the follow-up work of an incident."""

from __future__ import annotations

from andon.cli.output import finish, headline, print_json, summary, wants_json
from andon.cli.terminal import next_line, rows
from andon.desk import actions as desk_actions
from andon.desk.casefile import load
from andon.incident.next_step import next_step
from andon.review.actions import overdue, plain_rows, unfinished

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from datetime import datetime
    from typing import Any

    from andon.desk.ports import Desk
    from andon.incident.state import ActionItem, Incident

EPILOG = """\
examples:
  andon actions
  andon actions add "alarm when no order arrives for ten minutes" --owner bob --due 2w
  andon actions done A1 --proof "commit 4f3c2a1, tests/test_orders.py"
  andon actions drop A2 --reason "the module is removed next week\""""


KIND = "tests, cleanup, memory, verification, regressions, monitoring, other (default: by its words)"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    verbs.add_parser("list", help="all action items with where they stand")
    add = verbs.add_parser("add", help="open an action item")
    add.add_argument("title", nargs="+", help="what is to be done")
    add.add_argument("--origin", default="", help="where it comes from: shortcut:ITEM, section:NAME, person")
    add.add_argument("--kind", default="", help=KIND)
    assign = verbs.add_parser("assign", help="hand it on, or move its day")
    for parser_of in (add, assign):
        parser_of.add_argument("--owner", default="", help="who does it (default: you)")
        parser_of.add_argument("--due", default="", metavar="WHEN", help="2026-05-01, 5d, 2w")
    done = verbs.add_parser("done", help="the work is done")
    done.add_argument("--proof", "-p", default="", help="where that can be seen: a commit, a test, a link")
    drop = verbs.add_parser("drop", help="nobody will do it")
    drop.add_argument("--reason", "-r", default="", help="why")
    for parser_of in (assign, done, drop):
        parser_of.add_argument("action", help="its id, such as A1")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says; without one, list."""
    state = load(desk, getattr(arguments, "incident", None), closed_too=True)
    match arguments.verb:
        case "add":
            state, action = desk_actions.add(
                desk,
                state,
                title=" ".join(arguments.title),
                owner=arguments.owner,
                due=arguments.due,
                origin=arguments.origin,
                kind=arguments.kind,
            )
            told = f"opened {action}: {_described(state, action)}"
        case "assign":
            state = desk_actions.assign(desk, state, arguments.action, arguments.owner, arguments.due)
            told = f"handed on: {_described(state, arguments.action.upper())}"
        case "done":
            state = desk_actions.finish(desk, state, arguments.action, arguments.proof)
            told = f"{arguments.action} is done: {_proof(state, arguments.action)}"
        case "drop":
            state = desk_actions.drop(desk, state, arguments.action, arguments.reason)
            told = f"{arguments.action} is dropped: {_proof(state, arguments.action)}"
        case _:
            return _list(desk, state, arguments)
    if wants_json(arguments):
        items = {"actions": [_plain(a, desk.clock.now()) for a in state.actions]}
        print_json({**summary(state, desk.clock.now()), **items})
        return 0
    return finish(arguments, state, desk.clock.now(), told)


def _described(state: Incident, action: str) -> str:
    item = next(a for a in state.actions if a.id == action)
    due = f"{item.due_at:%Y-%m-%d}" if item.due_at else "no date"
    return f"{item.title} ({item.owner or 'nobody'}, due {due})"


def _proof(state: Incident, action: str) -> str:
    """Return the proof or the reason as it is recorded, without secrets."""
    return next(a.proof for a in state.actions if a.id.lower() == action.lower())


def _plain(action: ActionItem, now: datetime) -> dict[str, Any]:
    fields = {f: getattr(action, f) for f in action.__fields__}
    return {**fields, "overdue": bool(overdue((action,), now))}


def _list(desk: Desk, state: Incident, arguments: argparse.Namespace) -> int:
    now = desk.clock.now()
    late = overdue(state.actions, now)
    if wants_json(arguments):
        print_json({"incident": state.id, "actions": [_plain(a, now) for a in state.actions]})
        return 0
    print(headline(state))
    if not state.actions:
        print("  no action items")
    rows(plain_rows(state.actions, now))
    left = unfinished(state.actions)
    if left:
        first = left[0]
        words = f"{len(left)} open" + (f", {len(late)} overdue" if late else "")
        next_line(words, f'andon actions done {first.id} --proof "..."')
    else:
        step = next_step(state)
        next_line(step.text, step.command)
    return 0
