"""Between an incident and the team's log: the postmortem as a log entry, and an entry as plain values."""

from __future__ import annotations

import re

from andon.incident.shortcut_words import named_shortcut
from andon.review.incident_log import LogEntry, LogSection
from andon.review.markup import escaped, seen, unescaped
from andon.review.outline import Item, Prose, items_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from andon.incident.state import Incident
    from andon.review.outline import Block
    from andon.review.postmortem import Postmortem

_LIST = re.compile(r"[ \t]*(?:[-+*]|[0-9]{1,9}[.)])(?:[ \t]|$)")

#: What the log's format calls the sections and fields of the postmortem.
_SECTIONS = {
    "summary": "Incident Summary",
    "timeline": "Timeline",
    "cause": "Root Cause",
    "skipped": "What Was Skipped During Hotfix",
    "follow-up": "Follow-Up Actions",
    "lessons": "Lessons Learned",
    "artefacts": "Resolution Artifacts",
    "security": "Security Impact Assessment",
    "further": "Further Notes",
}
_LABELS = {
    "summary/when": "Date/Time",
    "summary/duration": "Duration",
    "summary/severity": "Severity",
    "summary/user-impact": "User Impact",
    "timeline/detection": "Detection",
    "timeline/response": "Response",
    "timeline/resolution": "Resolution",
    "timeline/verification": "Verification",
    "cause/what-broke": "What broke",
    "cause/why": "Why it broke",
    "cause/why-not-caught": "Why it wasn't caught",
    "lessons/went-well": "What went well",
    "lessons/went-poorly": "What went poorly",
    "lessons/next-time": "What we will do differently",
    "artefacts/files": "Files removed",
    "artefacts/push": "Force push",
    "security/exposure": "Exposure duration",
    "security/risk": "Risk",
    "security/residual": "Post-rotation risk",
}


def entry_of(postmortem: Postmortem, state: Incident) -> LogEntry:
    """Return the incident as an entry of the log, with every section; a hidden comment carries its id."""
    titles = {i.key: i.text for i in state.protocol.items} if state.protocol else {}
    done = {a.id for a in state.actions if a.state == "done"}
    boxes = {
        "skipped": tuple(
            Item(
                text=f"{escaped(titles.get(s.item) or named_shortcut(state, s))}: {escaped(s.reason)} "
                f"(follow-up {escaped(s.action)})",
                done=s.action in done,
            )
            for s in state.shortcuts
        ),
        "follow-up": tuple(_action_box(postmortem, n) for n in range(len(postmortem.actions))),
    }
    sections = []
    for section in postmortem.sections:
        blocks: list[Block] = list(boxes.get(section.key, ()))
        for field in section.fields:
            if field.value or not field.optional:
                label = _LABELS.get(field.key, field.label)
                blocks.append(_field(label, field.value or "not written yet"))
        if not blocks:
            blocks.append(Prose(text="None.\n"))
        sections.append(LogSection(title=_SECTIONS[section.key], blocks=(*blocks, Prose(text="\n"))))
    return LogEntry(
        severity=state.worst_severity,
        label=state.worst_severity.label.upper(),
        title=escaped(state.title),
        date=f"{state.declared.at:%Y-%m-%d}",
        intro=(Prose(text=f"\n<!-- andon:{state.id} -->\n\n"),),
        sections=tuple(sections),
        tail="---\n",
    )


def imported_summary(entry: LogEntry) -> dict[str, Any]:
    """Return an entry as plain dictionaries, lists and texts, for programs and for listing."""
    return {
        "incident": entry.incident or None,
        "severity": entry.severity.value,
        "label": entry.label or None,
        "title": unescaped(entry.title),
        "date": entry.date or None,
        "where": f"{entry.file}:{entry.line}" if entry.line else None,
        "sections": [
            {
                "title": section.title,
                "items": [_plain(item) for item in section.items],
                "prose": _prose(section.blocks),
            }
            for section in entry.sections
        ],
        "open_follow_ups": [
            words
            for section in entry.sections
            if "follow" in section.title.casefold()
            for words, done in section.boxes
            if not done
        ],
    }


def _plain(item: Item) -> dict[str, Any]:
    told: dict[str, Any] = {"text": item.words}
    if item.label:
        told["label"] = item.label
    if item.done is not None:
        told["done"] = item.done
    if item.items:
        told["items"] = [_plain(child) for child in items_of(item.blocks)]
    return told


def _prose(blocks: tuple[Block, ...]) -> str:
    return "".join(block.text for block in blocks if isinstance(block, Prose)).strip()


def _action_box(postmortem: Postmortem, number: int) -> Item:
    action = postmortem.actions[number]
    facts = [escaped(action.owner) if action.owner else "nobody yet"]
    if action.due_at:
        facts.append(f"due {action.due_at:%Y-%m-%d}")
    if action.state == "dropped":
        facts.append(f"dropped: {escaped(action.proof)}")
    text = f"{escaped(action.id)} {escaped(action.title)} ({'; '.join(facts)})"
    return Item(text=text, done=action.state == "done")


def _field(label: str, value: str) -> Item:
    """Return a labelled item; a value of several lines stands below its label."""
    lines = [f"  {line}" if line.strip() else "" for line in seen(value).split("\n")]
    if len(lines) == 1 and not _LIST.match(value):
        return Item(text=value.strip(), label=label)
    below = "\n".join(lines)
    return Item(text="", label=label, blocks=(Prose(text=f"{below}\n"),))
