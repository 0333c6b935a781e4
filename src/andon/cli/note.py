"""andon note: write something down."""

from __future__ import annotations

from andon.cli.output import finish
from andon.desk.casefile import load
from andon.desk.declare import read_moment
from andon.desk.recording import record
from andon.errors import InvalidInput
from andon.incident.commands import AddNote, ConfirmImpact
from andon.incident.events import ImpactConfirmed
from andon.incident.words import Impact

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("text", nargs="+", help="what happened, what you tried, what you saw")
    parser.add_argument("--at", default="", metavar="WHEN", help="when it happened: 10m, 02:14, ISO 8601")
    parser.add_argument(
        "--impact", choices=[i.value for i in Impact], help="the note confirms that production is hurt"
    )


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Record the note, redacted."""
    text, hidden = desk.redactor.redact(" ".join(arguments.text).encode("utf-8", "surrogateescape"))
    words = text.decode("utf-8", "backslashreplace").strip()
    if not words:
        raise InvalidInput("a note needs words", rule="note", remedy='andon note "restarted the worker"')
    state = load(desk, getattr(arguments, "incident", None), closed_too=True)
    happened = read_moment(arguments.at, desk.clock.now()) if arguments.at else None
    if arguments.impact:
        impact = ImpactConfirmed(kind=Impact(arguments.impact), summary=words)
        state = record(desk, state, ConfirmImpact(impact=impact))
    else:
        state = record(desk, state, AddNote(text=words, happened_at=happened))
    told = [f"{hidden} secret value(s) were redacted"] if hidden else []
    return finish(arguments, state, desk.clock.now(), *told)
