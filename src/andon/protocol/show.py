"""A document as lines for a terminal and as plain data for a program, with what each item binds to."""

from __future__ import annotations

from andon.protocol.bind import Binding, tally
from andon.protocol.compile import policies_of
from andon.protocol.document import (
    AuthorityRule,
    Document,
    Item,
    Node,
    Option,
    Point,
    Policy,
    Practices,
    Prose,
    Rule,
    Section,
)
from andon.protocol.words import GEARS, gears_told
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from andon.protocol.compiled import PolicyLine

_KINDS = ("allowed", "required", "forbidden")

#: Where the bindings begin when the line is short enough.
BINDINGS_COLUMN = 84


def lines_of(document: Document, bindings: tuple[Binding, ...] = ()) -> Iterator[str]:
    """Yield the tree, one line for each line of meaning, with its line number in the file.

    With `bindings`, each item also says what it binds to and the last line counts them.
    """
    bound = {id(binding.item): binding for binding in bindings}
    boxes = len(document.checklist)
    steps = len(document.placed_items) - boxes
    size = f"{_count(boxes, 'line')} to check off, {_count(steps, 'step')}"
    yield f"{document.file}: {size}, {document.vocabulary}"
    for node in document.root.nodes:
        yield from _lines(node, 0, bound)
    if bindings:
        counted = tally(bindings)
        yield (
            f"{_count(counted.items, 'item')}: {counted.machine} checked by the machine, "
            f"{counted.manual} of a named manual kind, {counted.unbound} bound to nothing"
        )


def data_of(document: Document, bindings: tuple[Binding, ...] = ()) -> dict[str, Any]:
    """Return the document and its bindings as dictionaries, lists, texts and numbers."""
    data: dict[str, Any] = _plain(document)
    data["checklist_lines"] = len(document.checklist)
    data["policies"] = [_plain(line) for line in policies_of(document)]
    data["bindings"] = [
        {
            "line": binding.item.line,
            "text": binding.item.text,
            "check": binding.check.id if binding.check else "",
            "kind": binding.check.kind if binding.check else "",
            "manual": binding.check.manual if binding.check else "",
            "how": binding.how.value,
            "candidates": list(binding.candidates),
        }
        for binding in bindings
    ]
    return data


def describe(binding: Binding) -> str:
    """Return what an item binds to in a few words."""
    if binding.is_deliberately_manual:
        return "signed by a person"
    if binding.has_unknown_id:
        return f"unknown check {binding.item.check_id}"
    if binding.is_ambiguous:
        return f"ambiguous: {' or '.join(binding.candidates)}"
    if binding.check is None:
        return "nothing: a person signs it"
    return f"{binding.check.id} ({binding.check.manual or 'machine'}, {binding.how})"


def policy_told(document: Document) -> str:
    """Return in one line which gears the document has lists for, and for which the built-in ones hold."""
    lines = policies_of(document)
    told = []
    for gear in GEARS:
        counts = [f"{n} {kind}" for kind in _KINDS if (n := _number(lines, gear, kind))]
        if counts:
            told.append(f"{gear} {', '.join(counts)}")
    missing = [gear for gear in GEARS if not any(line.gear == gear for line in lines)]
    if missing:
        told.append(f"built-in lists hold for {', '.join(missing)}")
    return "; ".join(told)


def _number(lines: tuple[PolicyLine, ...], gear: str, kind: str) -> int:
    return sum(1 for line in lines if line.gear == gear and line.kind == kind)


def _lines(node: Node, depth: int, bound: Mapping[int, Binding]) -> Iterator[str]:
    if isinstance(node, Prose):
        if node.kind != "rule":
            for number, line in enumerate(node.text.split("\n"), node.line):
                yield _line(number, depth, f"| {line.strip()}")
        return
    text = _line(node.line, depth, _told(node))
    binding = bound.get(id(node))
    yield f"{text:<{BINDINGS_COLUMN}}  -> {describe(binding)}" if binding else text
    if isinstance(node, Section) and node.role == "history":
        return
    for child in node.nodes:
        yield from _lines(child, depth + 1, bound)


def _line(number: int, depth: int, text: str) -> str:
    return f"{number:>5}  {'  ' * depth}{text}"


def _told(node: Node) -> str:
    match node:
        case Section():
            notes = {"history": "  (past incidents: not a checklist)", "template": "  (template)"}
            return f"{'#' * node.level} {node.title}{notes.get(node.role, '')}"
        case Item():
            number = f"{node.ordered}. " if node.ordered else ""
            return number + (f"[{'x' if node.checked else ' '}] " if node.box else "") + node.text
        case Option():
            response = f"  => {node.response}" if node.response else ""
            return f"option {node.letter}: {node.title}{response}"
        case Rule():
            return f"? {node.text}"
        case Policy():
            told = "" if gears_told(node.title) or not node.named_gears else f" in {' and '.join(node.gears)}"
            return f"{node.kind}{told}: {node.title}"
        case Practices():
            return f"{node.kind}: {node.title}"
        case AuthorityRule():
            return f"decides if {node.condition}: {node.decider}"
        case Point():
            return f"- {node.text}"
    return ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _plain(value: object) -> Any:
    if isinstance(value, Record):
        fields = {field: _plain(getattr(value, field)) for field in value.__fields__}
        return {"node": type(value).__name__, **fields} if isinstance(value, Node) else fields
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value
