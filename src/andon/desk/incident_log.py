"""The team's incident log: incidents exported into it, entries of other logs taken in."""

from __future__ import annotations

from andon.desk.postmortem import prepare
from andon.desk.recording import record
from andon.desk.redacting import redacted
from andon.desk.team_files import change_file, path_in, read_given, read_text
from andon.errors import InvalidInput, Refused
from andon.incident.commands import LogIncident
from andon.record import Record
from andon.review.incident_log import (
    IncidentLog,
    LogEntry,
    Unread,
    append_entry,
    read_entries,
    read_log,
    same_incident,
    write_entry,
)
from andon.review.log_entry import entry_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.state import Incident


class Exported(Record):
    """What an export did."""

    incident: Incident
    path: str
    #: False when the log had the incident already.
    added: bool


class Imported(Record):
    """What an import did."""

    path: str
    added: tuple[LogEntry, ...]
    #: Entries the log had already.
    known: tuple[LogEntry, ...]
    #: Headings of the other log that are no entries; they are not taken in.
    unread: tuple[Unread, ...] = ()


def export(desk: Desk, state: Incident) -> Exported:
    """Append the incident to the team's log and put that on record; an entry is written once.

    Raises Refused while the postmortem of an emergency is not published, as entries are not rewritten later.
    """
    if state.needs_postmortem and state.published is None:
        raise Refused(
            f"{state.id} has no published postmortem yet, and an entry of the log is written once",
            where=state.id,
            rule="postmortem-before-log",
            remedy="andon postmortem lint; andon postmortem publish",
        )
    name = desk.config.review.incident_log
    text = redacted(desk, write_entry(entry_of(prepare(desk, state).postmortem, state)))
    entry = read_log(f"## Incident Log\n\n{text}", name).entries[0]
    change = change_file(desk.config.root, name, lambda before: append_entry(before or "", entry, name))
    if state.logged_in != name:
        state = record(desk, state, LogIncident(path=name))
    return Exported(incident=state, path=name, added=change.changed)


def log(desk: Desk, file: str = "") -> IncidentLog:
    """Return what a log holds: the named file, else the team's own; empty when that is not there yet."""
    if file:
        return read_log(read_given(file), file)
    name = desk.config.review.incident_log
    return read_log(read_text(path_in(desk.config.root, name)) or "", name)


def take_in(desk: Desk, file: str) -> Imported:
    """Append the entries of another log to the team's own, each once; only line endings change.

    Raises InvalidInput when the file holds no entry or one with an impossible date.
    """
    text = read_given(file)
    found = read_entries(text, file)
    unread = read_log(text, file).unread
    if not found:
        others = ", ".join(f"line {u.line} ({u.reason})" for u in unread[:5])
        raise InvalidInput(
            "there is no entry of an incident log in this file"
            + (f"; headings that are none: {others}" if others else ""),
            where=file,
            rule="incident-log",
            remedy="an entry begins with: ### P0 CRITICAL - title (YYYY-MM-DD)",
        )
    name = desk.config.review.incident_log
    known: tuple[LogEntry, ...] = ()

    def change(text: str | None) -> str:
        nonlocal known
        document = text or ""
        there = read_log(document, name).entries
        known = tuple(entry for entry in found if any(same_incident(e, entry) for e in there))
        for entry in reversed(found):  # the newest stands first, in the log as in the file
            document = append_entry(document, entry, name)
        return document

    change_file(desk.config.root, name, change)
    return Imported(path=name, added=tuple(e for e in found if e not in known), known=known, unread=unread)
