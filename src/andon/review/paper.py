"""A postmortem as Markdown that people edit, and their texts read back from it, exactly.

Each field stands between two hidden comments. A field nobody has touched carries the digest of its draft, so
that reading tells a person's words from the machine's; nothing else of an edited document is read.
"""

from __future__ import annotations

import re
from hashlib import sha256

from andon.errors import InvalidInput
from andon.review.drafts import moment, rank
from andon.review.markup import escaped, normal, seen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.review.postmortem import Field, Postmortem, Section

_KEY = r"[a-z0-9-]{1,60}/[a-z0-9-]{1,60}"
_BEGIN = re.compile(rf"[ \t]*<!--[ \t]*andon:({_KEY})(?:[ \t]+draft:([0-9a-f]{{12}}))?[ \t]*-->[ \t]*")
_END = re.compile(r"[ \t]*<!--[ \t]*/andon[ \t]*-->[ \t]*")
_GUARD = re.compile(r"(<!--[ \t]*)(\\*/?andon)")
_GUARDED = re.compile(r"(<!--[ \t]*)\\(\\*/?andon)")


def to_markdown(postmortem: Postmortem) -> str:
    """Return the document; `read_sections` reads the people's texts back from it."""
    lines = [
        f"# Postmortem: {escaped(postmortem.incident)} {escaped(postmortem.title)}",
        "",
        f"{rank(postmortem.worst_severity)} in {escaped(postmortem.service)}, declared "
        f"{moment(postmortem.declared_at)} by {escaped(postmortem.declared_by)}."
        + (f" Due {moment(postmortem.due_at)}." if postmortem.due_at else ""),
    ]
    for section in postmortem.sections:
        lines += ["", f"## {section.title}", *_section(section)]
    return "\n".join([*lines, *_evidence(postmortem)]) + "\n"


def read_sections(markdown: str) -> dict[str, str]:
    """Return the people's texts of an edited document by key; drafts nobody touched are left out.

    A text that was emptied is returned as "". Raises InvalidInput with the line when the hidden comments
    no longer tell where a text begins and ends.
    """
    found: dict[str, str] = {}
    known: set[str] = set()
    key, digest, began = "", "", 0
    body: list[str] = []
    for number, line in enumerate(seen(markdown).split("\n"), 1):
        begins = _BEGIN.fullmatch(line)
        if begins and key:
            raise _lost(began, f"the comment that ends {key} is gone")
        if begins:
            key, digest, began, body = begins[1], begins[2] or "", number, []
            if key in known:
                raise _lost(number, f"{key} stands here a second time")
            known.add(key)
        elif key and _END.fullmatch(line):
            text = normal("\n".join(body))
            if _digest(text) != digest:
                found[key] = _GUARDED.sub(r"\1\2", text)
            key = ""
        elif key:
            body.append(line)
    if key:
        raise _lost(began, f"the comment that ends {key} is gone")
    return found


def _lost(line: int, what: str) -> InvalidInput:
    return InvalidInput(
        what,
        where=f"line {line}",
        rule="postmortem-markers",
        remedy="put the comments back: <!-- andon:section/field --> before a text, <!-- /andon --> after it; "
        "or start again from: andon postmortem show",
    )


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _section(section: Section) -> list[str]:
    lines = ["", *section.record] if section.record else []
    for field in section.fields:
        lines += ["", *_field(field)]
    return lines


def _field(field: Field) -> list[str]:
    label = [] if field.optional and not field.text else [f"**{escaped(field.label)}**", ""]
    if not re.fullmatch(_KEY, field.key):
        return [*label, _GUARD.sub(r"\1\\\2", normal(field.text))]
    if field.text:
        body = _GUARD.sub(r"\1\\\2", normal(field.text))
        begin = f"<!-- andon:{field.key} -->"
    else:
        body = normal(field.value or _request(field))
        begin = f"<!-- andon:{field.key} draft:{_digest(body)} -->"
    return [*label, begin, "", *([body, ""] if body else []), "<!-- /andon -->"]


def _request(field: Field) -> str:
    """Return what stands where a person still has to write."""
    if field.optional:
        return ""
    known = f"\n\nKnown so far:\n\n{field.known}" if field.known else ""
    return f"*TO WRITE: {field.question}*{known}"


def _evidence(postmortem: Postmortem) -> list[str]:
    lines = ["", "## Evidence", ""]
    if postmortem.evidence:
        lines += ["| hash | kind | title | size |", "|---|---|---|---:|"]
        lines += [
            f"| `{e.evidence}` | {escaped(e.kind)} | {escaped(e.title)} | {e.size} bytes |"
            for e in postmortem.evidence
        ]
    else:
        lines.append("No evidence was stored.")
    head = f"`{postmortem.chain_head}`" if postmortem.chain_head else "not known"
    return [
        *lines,
        "",
        f"Made {moment(postmortem.drafted_at)} from {postmortem.length} events; chain head: {head}.",
    ]
