"""andon leak ban: what was purged is refused from now on, here or, with --export, on a server."""

from __future__ import annotations

import os

from andon.cli.leak_told import ended, progress
from andon.cli.output import whole
from andon.desk.leak.banning import ban_leak, banned_objects
from andon.desk.leak.room import known_credentials
from andon.desk.recording import record
from andon.errors import Refused, Unavailable
from andon.incident.commands import RecordLeak
from andon.incident.leaking import refuse_unlocated
from andon.incident.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.incident.state import Incident


def run_ban(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    """Put the old objects and the values on this repository's list; write it out for a server when asked."""
    refuse_unlocated(state)
    credentials = known_credentials(desk, state)
    with progress(arguments) as tell:
        objects = banned_objects(desk, state, credentials, tell)
        event = ban_leak(desk, state, objects, credentials, tell)
    told = [
        f"{event.place} refuses {counted(event.objects, 'object')} and {counted(event.values, 'value')}",
    ]
    if arguments.export:
        from andon.desk.leak.ban import export

        _write(arguments.export, export(desk))
        told.append(f"for a server: cd REPOSITORY.git && andon gate ban {arguments.export}; then remove it")
    state = record(desk, state, RecordLeak(event=event))
    return ended(desk, arguments, state, told, banned=whole(event))


def _write(path: str, text: str) -> None:
    """Write the list into a new file that only this user may read."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as problem:
        raise Refused(
            "the file is there already; nothing is overwritten",
            where=path,
            rule="nothing-is-overwritten",
            remedy="andon leak ban --export ANOTHER-FILE",
        ) from problem
    except OSError as problem:
        raise Unavailable(
            f"it cannot be written: {problem.strerror}", where=path, remedy="andon leak ban --export FILE"
        ) from problem
