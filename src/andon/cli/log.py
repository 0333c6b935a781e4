"""andon log: the team's incident log, in Markdown."""

from __future__ import annotations

from andon.cli.output import finish, print_json, wants_json
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk import incident_log as desk_log
from andon.desk.casefile import load
from andon.review.log_entry import imported_summary
from andon.review.markup import unescaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.review.incident_log import Unread

EPILOG = """\
examples:
  andon log                       the entries of the team's own log
  andon log list OTHER.md         the entries of another one
  andon log export                append the incident
  andon log import OTHER.md       append the entries of another log, each once

An entry is a heading such as: ### P0 CRITICAL - title (YYYY-MM-DD). SEV-1 to SEV-5 mean P0 to P4 (SEV-0: P0)
and stay as they are written. Headings that are no entries are named and left where they are."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    listing = verbs.add_parser("list", help="the entries of a log")
    listing.add_argument("file", nargs="?", default="", help="another log than the team's own")
    verbs.add_parser("export", help="append the incident to the team's log")
    taking = verbs.add_parser("import", help="append the entries of another log, each once")
    taking.add_argument("file", help="a Markdown file with entries")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says; without one, list."""
    match arguments.verb:
        case "export":
            return _export(desk, arguments)
        case "import":
            return _import(desk, arguments)
        case _:
            return _list(desk, arguments)


def _export(desk: Desk, arguments: argparse.Namespace) -> int:
    state = load(desk, getattr(arguments, "incident", None), closed_too=True)
    exported = desk_log.export(desk, state)
    told = "is in" if exported.added else "was in already:"
    return finish(arguments, exported.incident, desk.clock.now(), f"the incident {told} {exported.path}")


def _import(desk: Desk, arguments: argparse.Namespace) -> int:
    taken = desk_log.take_in(desk, arguments.file)
    if wants_json(arguments):
        print_json(
            {
                "file": taken.path,
                "added": [imported_summary(e) for e in taken.added],
                "known": [imported_summary(e) for e in taken.known],
                "unread": list(taken.unread),
            }
        )
        return 0
    for entry in taken.added:
        print(f"  added  {entry.severity} {one_line(unescaped(entry.title))} {entry.date}")
    for entry in taken.known:
        print(style(f"  known  {entry.severity} {one_line(unescaped(entry.title))} {entry.date}", "dim"))
    _name_unread(arguments.file, taken.unread)
    left = f", {len(taken.unread)} not taken in" if taken.unread else ""
    next_line(f"{len(taken.added)} added to {taken.path}, {len(taken.known)} were there{left}", "andon log")
    return 0


def _name_unread(file: str, unread: tuple[Unread, ...]) -> None:
    """Print the headings that are no entries, each with its place and why."""
    for heading in unread:
        words = f"{file}:{heading.line}: not an entry ({heading.reason}): {heading.text}"
        print(style(f"  {one_line(words, 120)}", "yellow"))


def _list(desk: Desk, arguments: argparse.Namespace) -> int:
    file = getattr(arguments, "file", "")
    found = desk_log.log(desk, file)
    name = file or desk.config.review.incident_log
    if wants_json(arguments):
        print_json(
            {
                "file": name,
                "entries": [imported_summary(e) for e in found.entries],
                "unread": list(found.unread),
            }
        )
        return 0
    if not found.entries:
        print(f"no entries in {one_line(name)}")
    rows(
        (e.date or "no date", e.severity.value, e.incident or "-", f"{name}:{e.line}", unescaped(e.title))
        for e in found.entries
    )
    _name_unread(name, found.unread)
    next_line("add an incident, once its postmortem is published", "andon log export")
    return 0
