"""Markdown as headings, list items and prose that can be written back byte for byte.

Every line of the input ends up in exactly one place. What is understood is a typed `Item`; its source line
is kept and used again as long as the fields still say the same, so nothing is lost and everything can change.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

_markdown = MarkdownIt("commonmark").disable("inline")

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_HEAD = re.compile(r"(\ufeff?[ \t]*)(?:([-*+])|([0-9]{1,9})([.)]))(?=[ \t\r\n]|$)(.*)", re.DOTALL)
_BOX = re.compile(r"[ \t]*\[([ xX])\](?=[ \t\r\n]|$)(.*)", re.DOTALL)
_LABEL = re.compile(r"[ \t]*(?:\*\*|__)([^*_\r\n]{1,200}?)(?::(?:\*\*|__)|(?:\*\*|__)[ \t]*:)(.*)", re.DOTALL)


class Heading(Record):
    """A heading of a document; lines count from 0, `end` is the first line after it."""

    level: int
    text: str
    line: int
    end: int


class Prose(Record):
    """Lines kept as they are: paragraphs, code, quotes, tables, blank lines."""

    text: str


class Item(Record):
    """A list item, or a paragraph that begins with a bold label."""

    text: str
    label: str = ""
    #: Ticked or not; None when it is no checkbox.
    done: bool | None = None
    #: Its number in an ordered list; None for a bullet.
    number: int | None = None
    blocks: tuple[Block, ...] = ()
    #: The line it was read from, "" when it was made here.
    source: str = ""

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of the lists below it."""
        return items_of(self.blocks)

    @property
    def words(self) -> str:
        """The text with its continuation lines, on one line."""
        first = self.blocks[0].text if self.blocks and isinstance(self.blocks[0], Prose) else ""
        paragraph = first.replace("\r\n", "\n").replace("\r", "\n").split("\n\n")[0]
        return " ".join(f"{self.text} {paragraph}".split())


if TYPE_CHECKING:
    Block: TypeAlias = Item | Prose


def lines_of(text: str) -> list[str]:
    """Return the lines of `text` with their own endings, split where CommonMark splits them."""
    return _LINE.findall(text)


def ending_of(text: str) -> str:
    """Return the line ending `text` uses most; a line feed when it has none."""
    crlf = text.count("\r\n")
    return "\r\n" if crlf * 2 > text.count("\n") else "\n"


def headings(text: str) -> tuple[Heading, ...]:
    """Return the headings of a document; what stands in code, comments, quotes and lists is none."""
    tokens = _markdown.parse(text.removeprefix("\ufeff"))
    return tuple(
        Heading(level=int(token.tag[1]), text=tokens[i + 1].content, line=token.map[0], end=token.map[1])
        for i, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    )


def rules(text: str) -> tuple[int, ...]:
    """Return the lines, from 0, on which a document draws a horizontal rule."""
    tokens = _markdown.parse(text.removeprefix("\ufeff"))
    return tuple(t.map[0] for t in tokens if t.type == "hr" and t.level == 0 and t.map)


def is_closed(text: str) -> bool:
    """True when a paragraph after `text` stands on its own: no code block or comment is left open."""
    tokens = _markdown.parse(f"{text}\n\n.\n")
    return bool(tokens) and tokens[-1].type == "paragraph_close" and tokens[-1].level == 0


def items_of(blocks: Iterable[Block]) -> tuple[Item, ...]:
    """Return the items among `blocks`."""
    return tuple(block for block in blocks if isinstance(block, Item))


def read_blocks(text: str) -> tuple[Block, ...]:
    """Return the items and the prose of `text`; `write_blocks` is the inverse. Never fails."""
    lines = lines_of(text)
    tree = SyntaxTreeNode(_markdown.parse(text.removeprefix("\ufeff")))
    return _read(tree.children, lines, 0, len(lines))


def write_blocks(blocks: Iterable[Block], indent: str = "") -> str:
    """Return the Markdown of `blocks`; made items are indented by `indent` and two spaces a level."""
    return "".join(block.text if isinstance(block, Prose) else _write_item(block, indent) for block in blocks)


def _read(nodes: Sequence[SyntaxTreeNode], lines: list[str], start: int, end: int) -> tuple[Block, ...]:
    found: list[Block] = []
    cursor = start
    for node in _flat(nodes):
        first, last = node.map or (cursor, cursor)
        first, last = max(first, cursor), min(last, end)
        if last <= first:
            continue
        _keep(found, lines[cursor:first])
        known = _read_node(node, lines, first, last)
        if known and node.map and node.map[0] == first:
            found.extend(known)
        else:
            _keep(found, lines[first:last])
        cursor = last
    _keep(found, lines[cursor:end])
    return tuple(found)


def _flat(nodes: Iterable[SyntaxTreeNode]) -> Iterable[SyntaxTreeNode]:
    for node in nodes:
        if node.type in ("bullet_list", "ordered_list"):
            yield from node.children
        else:
            yield node


def _read_node(node: SyntaxTreeNode, lines: list[str], first: int, last: int) -> tuple[Block, ...]:
    if node.type == "paragraph":
        return _read_labelled(lines[first:last])
    if node.type != "list_item" or not _HEAD.match(lines[first]):
        return ()
    return (_item(lines[first], _read(node.children, lines, first + 1, last)),)


def _read_labelled(lines: list[str]) -> tuple[Block, ...]:
    """Return the labelled lines of a paragraph as items; nothing when it has none."""
    starts = [i for i, line in enumerate(lines) if _LABEL.match(line)]
    if not starts:
        return ()
    found: list[Block] = []
    _keep(found, lines[: starts[0]])
    for first, last in zip(starts, [*starts[1:], len(lines)], strict=True):
        rest: list[Block] = []
        _keep(rest, lines[first + 1 : last])
        found.append(_item(lines[first], tuple(rest)))
    return tuple(found)


def _keep(found: list[Block], lines: list[str]) -> None:
    if not lines:
        return
    text = "".join(lines)
    if found and isinstance(found[-1], Prose):
        text = found.pop().text + text
    found.append(Prose(text=text))


def _item(source: str, blocks: tuple[Block, ...]) -> Item:
    text, label, done, number = _parts(source)
    return Item(text=text, label=label, done=done, number=number, blocks=blocks, source=source)


def _parts(source: str) -> tuple[str, str, bool | None, int | None]:
    """Return text, label, tick and number of an item's first line."""
    rest, done, number, label = source, None, None, ""
    if head := _HEAD.match(source):
        rest, number = head[5], int(head[3]) if head[3] else None
        if box := _BOX.match(rest):
            rest, done = box[2], box[1] in "xX"
    if labelled := _LABEL.match(rest):
        label, rest = labelled[1].strip(), labelled[2]
    return rest.strip(), label, done, number


def _write_item(item: Item, indent: str) -> str:
    head = item.source
    if not head or _parts(head) != (item.text, item.label, item.done, item.number):
        head = _head(item, indent)
    return head + write_blocks(item.blocks, indent + ("  " if item.number is None else "   "))


def _head(item: Item, indent: str) -> str:
    """Return the first line of an item that was made or changed here, as like its source as can be."""
    was = _HEAD.match(item.source)
    marker = was[2] if was and was[2] else "-"
    if item.number is not None:
        marker = f"{item.number}{was[4] if was and was[4] else '.'}"
    box = "" if item.done is None else "[x]" if item.done else "[ ]"
    label = f"**{item.label}:**" if item.label else ""
    ending = ending_of(item.source) if item.source else "\n"
    line = " ".join(part for part in (marker, box, label, item.text) if part)
    return f"{was[1] if was else indent}{line}{ending}"
