"""Pulling the cord: an incident is on record before anything slow is tried."""

from __future__ import annotations

import os
import stat

from andon.config.load import cache_file, write_private
from andon.desk.casefile import open_incidents
from andon.errors import AndonError, Conflict, InvalidInput, Unavailable
from andon.incident.announcing import announce
from andon.incident.codec import moment
from andon.incident.declaring import DeclareIncident
from andon.incident.declaring import declare as decide_declare
from andon.incident.events import CaptureFailed, IncidentDeclared, ProtocolAdopted
from andon.incident.evolve import fold
from andon.incident.json_text import loads
from andon.incident.words import IncidentId
from andon.protocol.compiled import CompiledProtocol
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.incident.events import ImpactConfirmed
    from andon.incident.state import Incident
    from andon.incident.words import CommandId, Severity


class Declared(Record):
    """The new incident and what else is open."""

    incident: Incident
    #: Other incidents that are open for the service: it may be the same one.
    others: tuple[Incident, ...]
    repeated: bool = False


def declare(
    desk: Desk,
    *,
    title: str,
    severity: Severity,
    impacts: tuple[ImpactConfirmed, ...] = (),
    began_at: datetime | None = None,
    description: str = "",
    under: CommandId | None = None,
) -> Declared:
    """Record a new incident durably and return it; raises InvalidInput without a title, Unavailable.

    `under` is an id made from what it follows from: declared under it before, it is not declared again.

    A protocol that cannot be read does not stop anybody: the built-in one is adopted, and that is recorded.
    """
    if not title.strip():
        raise InvalidInput(
            "an incident needs a few words on what is broken",
            rule="title",
            remedy='andon declare "checkout answers 500"',
        )
    if under is not None and (known := desk.journal.recall(under)) is not None:
        return Declared(incident=fold(desk.history(known.recorded[0].stream)), others=(), repeated=True)
    others = open_incidents(desk)
    protocol, gaps = _protocol_or_builtin(desk)
    incident = IncidentId(f"INC-{desk.journal.claim_number()}")
    command = DeclareIncident(
        incident=incident,
        service=desk.config.service,
        title=title.strip(),
        severity=severity,
        protocol=protocol,
        impacts=impacts,
        began_at=began_at,
        description=description,
    )
    events = decide_declare(command)
    messages = announce(
        events,
        incident=incident,
        title=command.title,
        severity=severity,
        targets=desk.targets,
        request=desk.ids.new()[:12],
    )
    appended = desk.append(incident, (*events, *gaps, *messages), expected=0, command=under)
    first = appended.recorded[0].event
    if not isinstance(first, IncidentDeclared):
        raise Conflict(
            "this command id was used for something else; nothing is declared",
            where=appended.recorded[0].stream,
            rule="command-id",
            remedy="andon declare again, with a new --command-id or without one",
        )
    if appended.repeated:
        again = fold(desk.history(first.incident))
        return Declared(incident=again, others=(), repeated=True)
    return Declared(incident=fold(appended.recorded), others=others)


def _protocol_or_builtin(desk: Desk) -> tuple[ProtocolAdopted, tuple[CaptureFailed, ...]]:
    try:
        return _adopted(compiled_protocol(desk)), ()
    except AndonError as problem:
        reason = f"{problem}; the built-in protocol holds instead"
        return _adopted(_cached(_BUILTIN, "built-in")), (CaptureFailed(source="protocol", reason=reason),)


def _adopted(protocol: CompiledProtocol) -> ProtocolAdopted:
    """Return a protocol as an incident adopts it."""
    return ProtocolAdopted(
        title=protocol.title,
        source=protocol.source,
        digest=protocol.digest,
        items=protocol.items,
        allowed=protocol.allowed,
        required=protocol.required,
        forbidden=protocol.forbidden,
        postmortem_hours_p0=protocol.postmortem_hours_p0,
        postmortem_hours_p1=protocol.postmortem_hours_p1,
    )


#: Bytes of a protocol; an incident document is a tenth of this, and every incident keeps its items.
_LARGEST = 1024 * 1024
_BUILTIN = os.path.join(os.path.dirname(os.path.dirname(__file__)), "protocol", "builtin.md")


def protocol_path(desk: Desk) -> str:
    """Return the protocol's file: the configured one, else the built-in one."""
    return os.path.join(desk.config.root, desk.config.protocol) if desk.config.protocol else _BUILTIN


def compiled_protocol(desk: Desk) -> CompiledProtocol:
    """Return the team's compiled protocol, or the built-in one; raises Unavailable."""
    path = protocol_path(desk)
    return _cached(path, os.path.relpath(path, desk.config.root) if desk.config.protocol else "built-in")


def builtin_protocol() -> CompiledProtocol:
    """Return the built-in protocol, whatever the team has; raises Unavailable."""
    return _cached(_BUILTIN, "built-in")


def _unreadable(path: str, why: str | None) -> Unavailable:
    return Unavailable(
        f"the protocol cannot be read: {why}",
        where=path,
        rule="protocol",
        remedy='set protocol = "FILE" in andon.toml, or take the line out for the built-in protocol',
    )


def _cached(path: str, source: str) -> CompiledProtocol:
    """Return the compiled protocol; compiling is cached under the file's identity, as it costs start-up."""
    try:
        found = os.stat(path)
    except (OSError, ValueError) as problem:
        raise _unreadable(path, getattr(problem, "strerror", str(problem))) from problem
    if not stat.S_ISREG(found.st_mode):
        raise _unreadable(path, "it is not a file")
    if found.st_size > _LARGEST:
        raise _unreadable(path, f"it has {found.st_size} bytes, the largest that is read has {_LARGEST}")
    identity = [6, path, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]
    cache = cache_file("protocol", path, found)
    try:
        with open(cache, encoding="utf-8") as file:
            stored = loads(file.read())
        if stored["identity"] == identity:
            return CompiledProtocol.from_json(stored["protocol"])
    except (OSError, ValueError, KeyError, TypeError, InvalidInput):
        pass
    protocol = _compile(path, source)
    import json  # only when the cache is cold

    content = json.dumps({"identity": identity, "protocol": protocol.to_json()})
    write_private(cache, content.encode())
    return protocol


def _compile(path: str, source: str) -> CompiledProtocol:
    from hashlib import sha256  # only when the cache is cold, as is the Markdown parser

    from andon.protocol.compile import compile_protocol
    from andon.protocol.parse import parse

    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as problem:
        raise _unreadable(path, problem.strerror) from problem
    text = content.decode("utf-8", errors="replace")
    return compile_protocol(parse(text, source), digest=sha256(content).hexdigest())


#: How to say when something was.
_MOMENTS = "2026-03-01T02:14Z, 02:14 or 10m"


def read_moment(text: str, now: datetime, *, to_come: bool = False) -> datetime:
    """Return the moment meant by `text`: ISO 8601, HH:MM (UTC, today or yesterday), or `10m`/`2h` ago.

    Raises InvalidInput for anything else, and for a moment that has not come unless `to_come`.
    """
    from datetime import UTC, timedelta

    words = text.strip().removesuffix("ago").strip()
    units = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
    digits = words.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = words[len(digits) :].strip()
    try:
        if unit in units and digits.strip():
            found = now - timedelta(seconds=float(digits) * units[unit])
        elif len(words) == 5 and words[2] == ":":
            found = now.replace(hour=int(words[:2]), minute=int(words[3:]), second=0, microsecond=0)
            found = found if found <= now else found - timedelta(days=1)
        else:
            found = moment(words)
            found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise InvalidInput(f"{text!r} is not a moment", rule="moment", remedy=_MOMENTS) from problem
    if found > now + timedelta(minutes=5) and not to_come:  # clocks differ a little
        raise InvalidInput(f"{text!r} has not come yet", rule="moment", remedy=_MOMENTS)
    return found
