"""andon sign and andon skip: a person vouches for an item, or takes a shortcut that comes back as work."""

from __future__ import annotations

from datetime import timedelta

from andon.cli.output import finish
from andon.desk.casefile import load
from andon.desk.recording import record
from andon.incident.commands import SignItem, TakeShortcut

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk


_ITEM = "its key, its check, or words that only it contains; to skip, also RULE:FINGERPRINT of the guard"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the verb that `parser` is for."""
    verb = parser.prog.rpartition(" ")[2]
    parser.set_defaults(verb=verb)
    parser.add_argument("item", nargs="+", help=_ITEM)
    parser.add_argument("--reason", "-r", default="", help="what you saw, or why it is skipped")
    if verb == "skip":
        parser.add_argument("--owner", default="", help="who pays it back (default: you)")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Record the signature or the shortcut, with its follow-up."""
    state = load(desk, getattr(arguments, "incident", None))
    item = " ".join(arguments.item)
    if arguments.verb == "sign":
        state = record(desk, state, SignItem(item=item, reason=arguments.reason))
        return finish(arguments, state, desk.clock.now(), f"signed by {desk.actor}: {item}")
    action = f"A{len(state.actions) + 1}"
    due = desk.clock.now() + timedelta(days=desk.config.review.action_days)
    owner = arguments.owner or desk.actor
    command = TakeShortcut(item=item, reason=arguments.reason, action=action, owner=owner, due_at=due)
    state = record(desk, state, command)
    verb = "justified" if state.shortcuts[-1].item.startswith("guard:") else "skipped"
    told = f"{verb}: {item}; follow-up {state.actions[-1].id}, {owner}, due {due:%Y-%m-%d}"
    return finish(arguments, state, desk.clock.now(), told)
