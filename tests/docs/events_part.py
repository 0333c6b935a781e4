"""The listing of events, made from the modules that declare them."""

from __future__ import annotations

from itertools import groupby

from tests.docs.marked import table
from tests.docs.records_part import Described, described, section

#: Where events are declared, in the order of an incident's life.
MODULES = (
    "incident/moment_events.py",
    "incident/finding_events.py",
    "incident/acting_events.py",
    "incident/approval_events.py",
    "incident/hotfix_events.py",
    "incident/leak_events.py",
    "incident/flag_events.py",
    "incident/gap_events.py",
    "incident/review_events.py",
    "incident/service_events.py",
    "incident/gate_events.py",
)


def overview() -> str:
    """Return every event with its sentence."""
    rows = [(f"[`{e.name}`](#{e.name.lower()})", e.about.partition("\n")[0]) for e in events()]
    return table(("event", "says"), rows)


def glossary() -> str:
    """Return every event with its sentence, for the glossary."""
    rows = [(f"`{e.name}`", e.about.partition("\n")[0]) for e in events()]
    return table(("event", "means"), rows)


def listing() -> str:
    """Return every event with its fields, in the chapters of the source."""
    text = ""
    for chapter, records in groupby(events(), key=lambda event: event.chapter):
        text += f"\n## {chapter[0].upper()}{chapter[1:]}\n\n" + "\n".join(section(r) for r in records)
    return f"{text}\n"


def parts() -> str:
    """Return the records that events are made of."""
    found = described("incident/parts.py")
    found += [r for r in described("protocol/compiled.py") if r.name == "ProtocolItem"]
    return "\n" + "\n".join(section(r) for r in found) + "\n"


def envelope() -> str:
    """Return what the journal keeps around every event."""
    found = [r for r in described("incident/recorded.py") if r.name == "Recorded"]
    return "\n" + "\n".join(section(r) for r in found) + "\n"


def events() -> list[Described]:
    """Return the event classes in the order of the source; what a newer Andon wrote comes last."""
    found = [record for module in MODULES for record in described(module)]
    return sorted(found, key=lambda record: record.name == "UnknownEvent")
