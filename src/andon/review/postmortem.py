"""The postmortem: what the history says about each of its fields, and what people wrote, which wins."""

from __future__ import annotations

from andon.incident.checklist import open_lines
from andon.incident.hotfix_state import unmerged_in_words
from andon.incident.policy import postmortem_due
from andon.incident.shortcut_words import named_shortcut
from andon.record import Record
from andon.review.drafts import DRAFTS, action_line, known_impact, moment
from andon.review.gap_drafts import known_not_caught
from andon.review.leak_drafts import LEAK_DRAFTS, what_leaked
from andon.review.markup import escaped, normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from andon.incident.events import EvidenceAttached, ShortcutTaken
    from andon.incident.recorded import Recorded
    from andon.incident.state import ActionItem, Incident
    from andon.incident.words import Severity


class Field(Record):
    """One thing the postmortem tells; `text` is a person's and wins over `draft`, which is the machine's."""

    #: `section/field`, stable: what people's texts are kept under.
    key: str
    label: str
    question: str
    draft: str = ""
    text: str = ""
    #: True when no draft will do.
    needs_person: bool = False
    optional: bool = False
    #: What the history has to say to the one who writes it.
    known: str = ""

    @property
    def value(self) -> str:
        """What the postmortem says here; "" while somebody still has to write it."""
        return self.text or ("" if self.needs_person else self.draft)


class Section(Record):
    """A heading with its fields, after the lines that only the history can change."""

    key: str
    title: str
    fields: tuple[Field, ...]
    record: tuple[str, ...] = ()


class Postmortem(Record):
    """A draft or a finished postmortem."""

    incident: str
    title: str
    service: str
    severity: Severity
    worst_severity: Severity
    declared_at: datetime
    declared_by: str
    drafted_at: datetime
    due_at: datetime | None
    sections: tuple[Section, ...]
    actions: tuple[ActionItem, ...]
    shortcuts: tuple[ShortcutTaken, ...]
    evidence: tuple[EvidenceAttached, ...]
    #: Hash of the newest event it was made from, and that event's number.
    chain_head: str
    length: int

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields in the order of the document."""
        return tuple(field for section in self.sections for field in section.fields)

    def find(self, key: str) -> Field | None:
        """Return the field called `key`."""
        return next((field for field in self.fields if field.key == key), None)


def _drafted(key: str, label: str, question: str) -> Field:
    return Field(key=key, label=label, question=question)


def _written(key: str, label: str, question: str) -> Field:
    return Field(key=key, label=label, question=question, needs_person=True)


def _remarks(key: str) -> Field:
    return Field(key=key, label="Remarks", question="Anything to add to this list?", optional=True)


#: The sections every postmortem has, and who answers what.
FORM = (
    Section(
        key="summary",
        title="Incident summary",
        fields=(
            _drafted("summary/when", "When", "When did it begin, and when was it declared?"),
            _drafted("summary/duration", "Duration", "For how long did it hurt production?"),
            _drafted("summary/severity", "Severity", "How bad was it, and did that judgement change?"),
            _written(
                "summary/user-impact",
                "User impact",
                "How many people were hit, which ones, and what could they not do?",
            ),
        ),
    ),
    Section(
        key="timeline",
        title="Timeline",
        fields=(
            _drafted("timeline/detection", "Detection", "What or who noticed it?"),
            _drafted("timeline/response", "Response", "What was done, by whom?"),
            _drafted("timeline/resolution", "Resolution", "What made it stop: rollback, hotfix, switch?"),
            _drafted("timeline/verification", "Verification", "What shows that it is over?"),
        ),
    ),
    Section(
        key="cause",
        title="Root cause",
        fields=(
            _drafted("cause/what-broke", "What broke", "Which part failed, and how, technically?"),
            _drafted("cause/why", "Why it broke", "What was the cause behind the failure?"),
            _written(
                "cause/why-not-caught",
                "Why nothing caught it",
                "Which test, stage or alarm should have noticed before users did, and why did it not?",
            ),
        ),
    ),
    Section(key="skipped", title="What was skipped", fields=(_remarks("skipped/remarks"),)),
    Section(key="follow-up", title="Follow-up actions", fields=(_remarks("follow-up/remarks"),)),
    Section(
        key="lessons",
        title="Lessons learned",
        fields=(
            _written("lessons/went-well", "What went well", "What helped, and should stay as it is?"),
            _written("lessons/went-poorly", "What went poorly", "What cost time or made it worse?"),
            _written("lessons/next-time", "Next time", "What will you do otherwise when it happens again?"),
        ),
    ),
)

#: What is asked beside that where a secret leaked, in the order of the team's log.
LEAK_FORM = (
    Section(
        key="artefacts",
        title="Resolution artefacts",
        fields=(
            _drafted("artefacts/backup", "Backup", "What was kept of the history as it was, until when?"),
            _drafted("artefacts/cleaned", "Cleaned commits", "How much of the history was rewritten?"),
            _drafted("artefacts/files", "Files", "Which files were removed or cleaned?"),
            _drafted("artefacts/first-changed", "First changed commits", "Where does the new history begin?"),
            _drafted("artefacts/push", "Push", "Which remotes took it?"),
            _drafted("artefacts/ban", "Ban list", "What keeps a stale clone from pushing it back?"),
        ),
    ),
    Section(
        key="security",
        title="Security impact",
        fields=(
            _drafted("security/exposure", "Exposure", "From when to when could it be read, and by whom?"),
            _drafted(
                "security/credentials", "Affected credentials", "Which secrets, and do they still work?"
            ),
            _drafted("security/mitigation", "Mitigation", "What made them worthless?"),
            _drafted("security/risk", "Risk before", "How bad was it while they worked?"),
            _drafted("security/residual", "Risk after", "What does it still mean?"),
        ),
    ),
)

#: The keys under which people's texts are kept.
KEYS = tuple(field.key for section in (*FORM, *LEAK_FORM) for field in section.fields)


def draft(
    state: Incident, history: Sequence[Recorded], now: datetime, proposed: Sequence[str] = ()
) -> Postmortem:
    """Return the postmortem as far as the history and the people have written it; `now` is aware UTC.

    `proposed`: what Andon proposes as a follow-up, each as a sentence; a list beside the action items.
    """
    records = {"skipped": _skipped(state), "follow-up": (*_follow_up(state), *_proposed(proposed))}
    sections = tuple(
        Section(
            key=section.key,
            title=section.title,
            fields=tuple(_fill(field, state, history, now) for field in section.fields),
            record=records.get(section.key, ()),
        )
        for section in (*FORM, *(LEAK_FORM if state.leak is not None else ()))
    )
    return Postmortem(
        incident=state.id,
        title=state.title,
        service=state.service,
        severity=state.severity,
        worst_severity=state.worst_severity,
        declared_at=state.declared.at,
        declared_by=state.declared.actor,
        drafted_at=now,
        due_at=postmortem_due(state),
        sections=(*sections, *_further(state)),
        actions=state.actions,
        shortcuts=state.shortcuts,
        evidence=state.evidence,
        chain_head=state.chain_head,
        length=state.length,
    )


#: What is told to the one who writes a field, by its key.
_KNOWN = {"summary/user-impact": known_impact, "cause/why-not-caught": known_not_caught}


def _fill(field: Field, state: Incident, history: Sequence[Recorded], now: datetime) -> Field:
    make = DRAFTS.get(field.key) or LEAK_DRAFTS.get(field.key)
    drafted = make(state, history, now) if make is not None else ""
    if field.key == "cause/what-broke" and not drafted and state.leak is not None:
        drafted = what_leaked(state.leak)
    known = _KNOWN[field.key](state) if field.key in _KNOWN else ""
    return Field(
        key=field.key,
        label=field.label,
        question=field.question,
        draft=drafted,
        text=normal(state.sections.get(field.key, "")),
        # Where an experiment answered the question, its answer stands until a person has a better one.
        needs_person=field.needs_person and not drafted,
        optional=field.optional,
        known=known,
    )


def _further(state: Incident) -> tuple[Section, ...]:
    """Return the texts that belong to no field of the form: nothing anybody wrote is dropped."""
    form = (*FORM, *(LEAK_FORM if state.leak is not None else ()))
    shown = {field.key for section in form for field in section.fields}
    fields = tuple(
        Field(key=key, label=key, question="", text=normal(text), optional=True)
        for key, text in sorted(state.sections.items())
        if key not in shown and normal(text)
    )
    return (Section(key="further", title="Further notes", fields=fields),) if fields else ()


def _skipped(state: Incident) -> tuple[str, ...]:
    """Return a box for each shortcut, ticked when its follow-up is done, and what nobody has settled."""
    settled = {a.id: a.state for a in state.actions}
    texts = {i.key: i.text for i in state.protocol.items} if state.protocol else {}
    lines = []
    for shortcut in state.shortcuts:
        item = texts.get(shortcut.item) or named_shortcut(state, shortcut)
        box = "x" if settled.get(shortcut.action) == "done" else " "
        right = "HOTFIX allows it" if shortcut.pre_justified else "not covered by HOTFIX"
        lines.append(
            f"- [{box}] {escaped(item)}: {escaped(shortcut.reason)} ({right}; "
            f"follow-up {escaped(shortcut.action)}, {settled.get(shortcut.action, 'which does not exist')})"
        )
    if not lines:
        lines.append("No shortcut was taken.")
    left = [line for line in open_lines(state) if line.item.phase not in ("review", "template", "prevention")]
    if left:
        names = "; ".join(escaped(line.item.text) for line in left[:10])
        more = f"; and {len(left) - 10} more" if len(left) > 10 else ""
        lines += ["", f"Neither proven, signed nor skipped ({len(left)}): {names}{more}."]
    return tuple(lines)


def _follow_up(state: Incident) -> tuple[str, ...]:
    lines = tuple(action_line(action) for action in state.actions)
    due = postmortem_due(state)
    unmerged = unmerged_in_words(state)
    if unmerged:
        lines = (f"**{escaped(unmerged)}** (andon hotfix finish).", *lines)
    if lines:
        return lines
    hint = f" The postmortem is due {moment(due)}." if due else ""
    return (f"No follow-up action was opened.{hint}",)


def _proposed(proposed: Sequence[str]) -> tuple[str, ...]:
    return ("", *(f"- Proposed: {escaped(line)}" for line in proposed)) if proposed else ()
