"""Cutting and putting in text without touching what is beside it: edits, bodies, whole lines. Pure."""

from __future__ import annotations

import re

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.flags.hygiene.languages import Language
    from andon.flags.hygiene.tree import Node

_EMPTY = re.compile(r"[ \t]*\r?\n")
_REMARK = re.compile(r"(?://|#)[^\n]*")
_BLANK = re.compile(r"[ \t]*")


class Edit(Record):
    """Characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with the edits; of two that overlap only the one that comes first."""
    parts, at = [], 0
    for edit in sorted(edits, key=lambda one: (one.start, -one.end)):
        if edit.start < at:
            continue
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join((*parts, text[at:]))


def indent_at(text: str, offset: int) -> str:
    """Return the blanks at the beginning of the line of an offset."""
    match = _BLANK.match(text, text.rfind("\n", 0, offset) + 1)
    return match[0] if match else ""


def whole_lines(text: str, start: int, end: int, *, with_remark: bool = False) -> tuple[int, int]:
    """Return the place with its indent and line end, where nothing else stands on these lines.

    `with_remark`: a remark behind it on its line was about it, and goes along.
    """
    first = text.rfind("\n", 0, start) + 1
    if text[first:start].strip():
        return start, end
    last = end
    while last < len(text) and text[last] in " \t\r":
        last += 1
    if with_remark and (remark := _REMARK.match(text, last)):
        last = remark.end()
    if last < len(text) and text[last] != "\n":
        return start, end
    return first, min(last + 1, len(text))


def blank_after(text: str, start: int, end: int) -> int:
    """Return how much of an empty line goes with whole lines: one that is before too, or begins a block."""
    if text[start - 1 : start] not in ("", "\n") or text[end - 1 : end] != "\n":
        return 0
    empty = _EMPTY.match(text, end)
    before = text[:start].rstrip(" \t\r\n")
    is_first = before.endswith(("{", ":", "("))
    is_apart = not text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : start].strip()
    return len(empty[0]) if empty and (is_first or is_apart) else 0


def body_of(text: str, block: Node, language: Language, root: Node) -> str:
    """Return the statements of a block, each line moved to where the block's owner stands.

    The first line comes without its indent. A line that begins inside a string stays as it is.
    """
    start, end = block.start, block.end
    if text[start : start + 1] == "{" and text[end - 1 : end] == "}":
        start, end = start + 1, end - 1
    elif language.name == "ruby" and text[start:end].startswith(("then", "else")):
        start += 4
    inner = text[start:end]
    owner = indent_at(text, block.parent.start if block.parent is not None else block.start)
    if "\n" not in inner.strip():
        return inner.strip().rstrip(";") if language.name == "kotlin" else inner.strip()
    if not inner[: len(inner) - len(inner.lstrip())].count("\n"):  # Python: the block begins at its statement
        start = text.rfind("\n", 0, _first(text, block)) + 1
        if text[start : block.start].strip() and not text[start : block.start].lstrip().startswith("#"):
            start = block.start
        inner = text[start:end]
    protected = _inside_strings(text, root, language, start, end)
    lines: list[str] = []
    own: str | None = None
    at = start
    for line in inner.split("\n"):
        if line.strip() and own is None:
            own = line[: len(line) - len(line.lstrip())]
        moved = line
        if at not in protected and own is not None and line.startswith(own):
            moved = owner + line[len(own) :]
        lines.append(moved if moved.strip() or at in protected else "")
        at += len(line) + 1
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join(lines).removeprefix(owner) if lines else ""


def _first(text: str, block: Node) -> int:
    """Return where a block begins with the comments on lines of their own before its first statement."""
    beside = block.parent.children if block.parent is not None else []
    comments = [one.start for one in beside if one.kind == "comment" and one.start < block.start]
    own = [at for at in comments if not text[text.rfind("\n", 0, at) + 1 : at].strip()]
    before = [
        at
        for at in own
        if not any(p.named and at < p.start < block.start for p in beside if p.start not in own)
    ]
    return min((*before, block.start))


def _inside_strings(text: str, root: Node, language: Language, start: int, end: int) -> set[int]:
    """Return the offsets of the lines that begin inside a string."""
    found: set[int] = set()
    kinds = (*language.strings, "heredoc_body", "heredoc", "multiline_string_literal", "string_content")
    for node in root.each():
        if node.kind not in kinds or node.end <= start or node.start >= end:
            continue
        at = text.find("\n", node.start, node.end)
        while at >= 0:
            found.add(at + 1)
            at = text.find("\n", at + 1, node.end)
    return found
