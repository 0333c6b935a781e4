"""What is wrong with a protocol document: one finding with file, line, rule and remedy for each."""

from __future__ import annotations

import re
from difflib import get_close_matches

from andon.protocol.bind import MANUAL, Binding, bind
from andon.protocol.catalogue import CATALOGUE
from andon.protocol.compile import explicit_id
from andon.protocol.document import Document, Item, Node, Point, Policy, Prose, Section, title_of
from andon.protocol.gate_words import RULES as GATE_RULES
from andon.protocol.place import phase_of, when_of
from andon.protocol.words import is_bare_box, key_words
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Every rule of the linter with what it is about.
RULES = {
    "no-checklist": "the document has no line to check off",
    "missing-severity": "no severity (P0, P1, ...) is named",
    "missing-rollback": "rolling back is not mentioned",
    "missing-postmortem-section": "there is no template for the postmortem",
    "binds-to-nothing": "an item means no check of the catalogue",
    "ambiguous": "an item means several checks at once",
    "unknown-check": "an explicit id is not in the catalogue",
    "duplicate-check": "an explicit id is given twice for the same part of the response",
    "not-a-checkbox": "a line looks like a box but Markdown does not read it as one",
}

_NO_BOX = re.compile(r"\s*(?:>\s*)*(?:[-*+]|[0-9]{1,9}[.)])(?:\[[ xX]?\]|\s+\[\])(?:\s|$)")
_NO_SPACE = re.compile(r"\[(?:[ xX]?\](?=\S)(?![(\[:])|\s*\](?:\s|$)|\s+[xX]\s*\]|[xX]\s+\])")


class Finding(Record):
    """One thing to mend."""

    file: str
    line: int
    rule: str
    message: str
    remedy: str


def lint(document: Document) -> tuple[Finding, ...]:
    """Return what is wrong with the document, by line; nothing for a document that can be run as it is."""
    bindings = bind(document)
    found = [
        *_missing(document),
        *(finding for binding in bindings for finding in _of_binding(binding)),
        *_duplicates(bindings),
        *_of_policies(document),
        *_no_boxes(document),
    ]
    return tuple(sorted(found, key=lambda finding: (finding.line, finding.rule)))


def _missing(document: Document) -> Iterator[Finding]:
    def finding(rule: str, remedy: str) -> Finding:
        return Finding(file=document.file, line=1, rule=rule, message=RULES[rule], remedy=remedy)

    if not document.checklist:
        yield finding("no-checklist", "write what has to be done as lines that begin with `- [ ] `")
    if not document.severities:
        yield finding("missing-severity", "say which severities there are, at least P0 and P1")
    if not any("rollback" in key_words(_text(placed.node)) for placed in document.walk()):
        yield finding("missing-rollback", "add a section that says when and by which steps to roll back")
    if not document.postmortem:
        yield finding(
            "missing-postmortem-section",
            'add a section "Postmortem template" with a heading for each part of the postmortem',
        )


def _of_binding(binding: Binding) -> Iterator[Finding]:
    item = binding.item
    if binding.has_unknown_id:
        rule, about = "unknown-check", f"no check is called {item.check_id!r}"
        remedy = f"use one of: {', '.join(_closest(item.check_id))}; `{{#manual}}` for what a person signs"
    elif binding.is_ambiguous:
        rule, about = "ambiguous", f"{item.text!r} could be {' or '.join(binding.candidates)}"
        remedy = f"say which: end the line with {{#{binding.candidates[0]}}}"
    elif binding.check is None and not binding.is_deliberately_manual:
        rule, about = "binds-to-nothing", f"{item.text!r} means no check; a person will have to sign it"
        remedy = "end the line with the {#check-id} it means, or with {#manual} when a person is to sign it"
    else:
        return
    yield Finding(file=item.file, line=item.line, rule=rule, message=about, remedy=remedy)


def _of_policies(document: Document) -> Iterator[Finding]:
    """A line of policy that no incident settles may name a check, a gate rule, or `manual`."""
    settled = {id(placed.node) for placed in document.placed_items}
    for policy in document.every(Policy):
        for entry in policy.nodes:
            named = explicit_id(entry) if isinstance(entry, Item | Point) and id(entry) not in settled else ""
            if named and named not in CATALOGUE and named not in GATE_RULES and named != MANUAL:
                yield Finding(
                    file=entry.file,
                    line=entry.line,
                    rule="unknown-check",
                    message=f"no check and no gate rule is called {named!r}",
                    remedy=f"use one of: {', '.join(_closest(named, (*CATALOGUE, *GATE_RULES)))}",
                )


def _duplicates(bindings: tuple[Binding, ...]) -> Iterator[Finding]:
    """The same check may come once in each response and phase; twice in one of them is a slip."""
    first: dict[tuple[str, str, str], int] = {}
    for binding in bindings:
        check, item = binding.check, binding.item
        if check is None or not item.check_id:
            continue
        phase = phase_of(binding.placed, check.phase)
        place = (check.id, phase, when_of(binding.placed, phase))
        line = first.setdefault(place, item.line)
        if line != item.line:
            yield Finding(
                file=item.file,
                line=item.line,
                rule="duplicate-check",
                message=f"{{#{check.id}}} is already on line {line}",
                remedy="give one of the two lines another id, or remove it",
            )


def _no_boxes(document: Document) -> Iterator[Finding]:
    for placed in document.walk():
        for number, text in _nearly_boxes(placed.node):
            yield Finding(
                file=document.file,
                line=number,
                rule="not-a-checkbox",
                message=f"{text.strip()!r} is not read as a box",
                remedy="write it as `- [ ] ` and the text: bullet, space, box, space",
            )


def _nearly_boxes(node: Node) -> list[tuple[int, str]]:
    if isinstance(node, Prose) and node.kind == "paragraph":
        lines = enumerate(node.text.split("\n"), node.line)
        return [(n, line) for n, line in lines if _NO_BOX.match(line) or is_bare_box(line)]
    if isinstance(node, Section) and is_bare_box(node.title):
        return [(node.line, node.title)]
    if isinstance(node, Point | Item) and _NO_SPACE.match(node.text):
        return [(node.line, node.text)]
    return []


def _text(node: Node) -> str:
    return node.text if isinstance(node, Prose) else title_of(node)


def _closest(wanted: str, known: Iterable[str] = CATALOGUE) -> list[str]:
    return get_close_matches(wanted[:60], known, n=3, cutoff=0.0)
