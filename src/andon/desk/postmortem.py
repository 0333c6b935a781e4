"""Drafting, completing and publishing the postmortem of an incident."""

from __future__ import annotations

import os

from andon.desk.gate.answered import gate_record
from andon.desk.looking import attachment
from andon.desk.recording import record
from andon.desk.redacting import redacted
from andon.desk.team_files import change_file, path_in, read_text
from andon.errors import Conflict, InvalidInput, Refused
from andon.incident import commands as c
from andon.incident.decide import decide
from andon.incident.events import PostmortemPublished
from andon.incident.words import EvidenceHash
from andon.record import Record
from andon.response.gates.hardening import proposal_told, proposals
from andon.review import postmortem as review
from andon.review.lint import missing
from andon.review.markup import normal
from andon.review.paper import read_sections, to_markdown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from andon.desk.ports import Desk
    from andon.incident.state import Incident
    from andon.review.lint import Missing
    from andon.review.postmortem import Postmortem


class Drafted(Record):
    """A postmortem as far as it is, and what a person still has to write."""

    incident: Incident
    postmortem: Postmortem
    markdown: str
    missing: tuple[Missing, ...]


class Published(Record):
    """Where the finished postmortem is."""

    incident: Incident
    path: str
    evidence: EvidenceHash


def prepare(desk: Desk, state: Incident) -> Drafted:
    """Return the postmortem as the history has it now; records nothing."""
    proposed = [
        f"a hard gate, for {proposal_told(proposal)}: {proposal.command}"
        for proposal in proposals(gate_record(desk))
    ]
    made = review.draft(state, desk.history(state.id), desk.clock.now(), proposed)
    return Drafted(
        incident=state, postmortem=made, markdown=redacted(desk, to_markdown(made)), missing=missing(made)
    )


def draft(desk: Desk, state: Incident) -> Drafted:
    """Keep the present draft as evidence and put it on record, unless nothing happened since the last one."""
    prepared = prepare(desk, state)
    last = state.marks.get("PostmortemDrafted")
    if last is not None and last.seq == state.length:
        return prepared
    stored = desk.evidence.put(prepared.markdown.encode(), "text/markdown")
    state = record(desk, state, c.DraftPostmortem(evidence=stored.evidence))
    return prepare(desk, state)


def write(desk: Desk, state: Incident, texts: Mapping[str, str]) -> tuple[Incident, tuple[str, ...]]:
    """Record people's texts by key and return the new state with the keys that changed."""
    changed = []
    for given, text in texts.items():
        key = key_of(state, given)
        words = normal(redacted(desk, text))
        if words != normal(state.sections.get(key, "")):
            state = record(desk, state, c.WriteSection(section=key, text=words))
            changed.append(key)
    return state, tuple(changed)


def write_edited(
    desk: Desk, state: Incident, markdown: str, before: str | None = None
) -> tuple[Incident, tuple[str, ...]]:
    """Record what a person changed in a document; `before` is the document as it was given to them.

    Raises InvalidInput when the document cannot be read, and Conflict when somebody else wrote the same
    field meanwhile.
    """
    texts = read_sections(markdown)
    if before is not None:
        given = read_sections(before)
        texts = {key: text for key, text in texts.items() if text != given.get(key, "")}
        stolen = [
            key
            for key, text in texts.items()
            if normal(state.sections.get(key, "")) not in (given.get(key, ""), text)
        ]
        if stolen:
            raise Conflict(
                f"somebody else wrote {', '.join(stolen)} meanwhile",
                where=state.id,
                rule="nothing-is-overwritten",
                remedy="read it: andon postmortem show; then join both texts",
            )
    return write(desk, state, texts)


def refuse_finished(desk: Desk, state: Incident) -> None:
    """Raise Refused when the postmortem is published, before anybody takes the trouble to write."""
    decide(state, c.WriteSection(section=review.KEYS[0], text=""), desk.actor)


def key_of(state: Incident, wanted: str) -> str:
    """Return the field that `wanted` names: its key or the part behind the slash; raises InvalidInput."""
    if wanted in review.KEYS or wanted in state.sections:
        return wanted
    close = [key for key in review.KEYS if key.rpartition("/")[2] == wanted and wanted != "remarks"]
    if len(close) == 1:
        return close[0]
    raise InvalidInput(
        f"the postmortem has no field {wanted!r}",
        where=state.id,
        rule="postmortem-field",
        remedy=f"one of: {', '.join(review.KEYS)}",
    )


def publish(desk: Desk, state: Incident) -> Published:
    """Write the finished postmortem into the repository, keep it as evidence and put it on record.

    Raises Refused while something is missing, before anything is written.
    """
    prepared = prepare(desk, state)
    name = file_name(desk, state)
    command = c.PublishPostmortem(
        path=name,
        evidence=EvidenceHash(""),
        chain_head=state.chain_head,
        missing=tuple(str(lack) for lack in prepared.missing),
    )
    decide(state, command, desk.actor)
    _refuse_loss(desk, state, name)
    stored = desk.evidence.put(prepared.markdown.encode(), "text/markdown")
    change_file(desk.config.root, name, lambda _before: prepared.markdown)
    state = record(
        desk,
        state,
        c.PublishPostmortem(
            path=name, evidence=stored.evidence, chain_head=state.chain_head, missing=command.missing
        ),
    )
    attached = attachment(stored, "postmortem", f"postmortem of {state.id}, as published", name)
    state = record(desk, state, c.AttachEvidence(evidence=attached))
    return Published(incident=state, path=name, evidence=stored.evidence)


def file_name(desk: Desk, state: Incident) -> str:
    """Return where the postmortem is published, relative to the repository."""
    return os.path.join(desk.config.review.postmortems, f"{state.declared.at:%Y-%m-%d}-{state.id}.md")


def published_text(desk: Desk, state: Incident) -> str | None:
    """Return the published document from the evidence store, None while there is none."""
    if state.published is None:
        return None
    return desk.evidence.get(state.published.evidence).content.decode("utf-8", "replace")


def _refuse_loss(desk: Desk, state: Incident, name: str) -> None:
    """Raise Refused when the file holds something that is neither published before nor on record."""
    path = path_in(desk.config.root, name)
    there = read_text(path)
    if there is None:
        return
    known = {r.event.evidence for r in desk.history(state.id) if isinstance(r.event, PostmortemPublished)}
    if any(desk.evidence.get(evidence).content == there.encode() for evidence in known):
        return
    try:
        texts = read_sections(there)
    except InvalidInput:
        texts = {"": there}
    if texts and all(text == normal(state.sections.get(key, "")) for key, text in texts.items()):
        return
    raise Refused(
        "the file is there already, with words that are on record nowhere; it is left as it is",
        where=path,
        rule="nothing-is-overwritten",
        remedy=f"take its texts in: andon postmortem edit --from {name}; or move the file away",
    )
