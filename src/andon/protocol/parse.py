"""Markdown text to a `Document`: reads the blocks, claims every line, leaves meaning to `recognise`.

Lists and quotes nest as deep as NESTING allows; what lies deeper, and every line the Markdown reader does
not hand out (link definitions, for one), is kept as prose.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from andon.protocol.document import Document, Item, Node, Point, Prose, Section
from andon.protocol.recognise import recognise
from andon.protocol.template import deadlines_of, mark_template, postmortem_of, severities_of
from andon.protocol.words import is_bare_box, plain, vocabulary_of
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Levels of the Markdown reader; a list takes two.
NESTING = 60

_BOX = re.compile(r"\[([ xX])\](?:\s+|$)")
_EXPLICIT = re.compile(r"\s*\{#([^\s{}]+)\}\s*$")
_MARKERS = " \t-*+>.)0123456789"
_HISTORY = re.compile(
    r"(?:past|previous) incidents|incident (?:log|history)|history of incidents|log of incidents"
)
_KINDS = {"fence": "code", "code_block": "code", "html_block": "html", "hr": "rule", "heading": "heading"}

_blocks = MarkdownIt("commonmark", {"maxNesting": NESTING})
_blocks.core.ruler.disable(["inline", "text_join"])


def parse(text: str, file: str = "") -> Document:
    """Read any Markdown as a protocol; nothing is dropped and nothing is refused.

    `file` is the name every node carries. Lines are counted as Markdown counts them: at LF, CR LF and CR.
    """
    lines = (
        text.removeprefix("\ufeff")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\0", "\ufffd")
        .split("\n")
    )
    reader = _Reader(lines, file)
    reader.read(SyntaxTreeNode(_blocks.parse(text)))
    root = mark_template(recognise(reader.close()))
    draft = Document(file=file, title=_title(root), root=root, vocabulary="gears")
    told = "\n".join(text for _, text in _lines_told(draft, lines))
    return replace(
        draft,
        vocabulary=vocabulary_of(told),
        severities=severities_of(_lines_told(draft, lines), file),
        deadlines=deadlines_of(draft),
        postmortem=postmortem_of(root),
    )


def _title(root: Section) -> str:
    return next((node.title for node in root.nodes if isinstance(node, Section) and node.title), "")


def _lines_told(document: Document, lines: list[str]) -> list[tuple[int, str]]:
    """The numbered lines of the document that are not history."""
    past: set[int] = set()
    for placed in document.walk():
        if isinstance(placed.node, Section) and placed.node.role == "history":
            past.update(range(placed.node.line, _last_line(placed.node) + 1))
    return [(number, line) for number, line in enumerate(lines, start=1) if number not in past]


def _last_line(node: Node) -> int:
    return max([node.end_line, *(_last_line(child) for child in node.nodes)])


class _Open:
    """A section that is still being filled."""

    def __init__(self, title: str, level: int, line: int, end_line: int) -> None:
        found = _EXPLICIT.search(title)
        self.anchor = found[1] if found else ""
        self.title = title[: found.start()] if found else title
        self.level = level
        self.line = line
        self.end_line = end_line
        self.nodes: list[Node] = []


class _Reader:
    """Turns the blocks of one text into nodes and hangs them under their headings."""

    def __init__(self, lines: list[str], file: str) -> None:
        self.lines = lines
        self.file = file
        self.sections = [_Open("", 0, 0, 0)]

    def read(self, tree: SyntaxTreeNode) -> None:
        """Take in the top-level blocks."""
        for block in tree.children:
            if block.type == "heading":
                first, last = _range(block)
                self.sections.append(_Open(plain(_content(block)), int(block.tag[1]), first, last))
            else:
                self.sections[-1].nodes.extend(self._nodes(block))

    def close(self) -> Section:
        """Claim the lines nobody claimed, then nest the sections by their levels."""
        self._claim_the_rest()
        done: list[_Open] = [self.sections[0]]
        for section in self.sections[1:]:
            while done[-1].level >= section.level:
                self._shut(done)
            done.append(section)
        while len(done) > 1:
            self._shut(done)
        return self._section(done[0])

    def _shut(self, done: list[_Open]) -> None:
        section = self._section(done.pop())
        done[-1].nodes.append(section)

    def _section(self, made: _Open) -> Section:
        later = made.level > 1 or made is not self.sections[min(1, len(self.sections) - 1)]
        past = made.level > 0 and later and _HISTORY.fullmatch(made.title.strip(" :").lower())
        return Section(
            file=self.file,
            line=made.line,
            end_line=made.end_line,
            nodes=tuple(made.nodes),
            title=made.title,
            level=made.level,
            anchor=made.anchor,
            role="history" if past else "",
        )

    def _nodes(self, block: SyntaxTreeNode) -> list[Node]:
        if block.type in ("bullet_list", "ordered_list"):
            return self._list(block)
        if block.type == "blockquote" and block.children:
            return [node for child in block.children for node in self._nodes(child)]
        return [self._prose(block, _KINDS.get(block.type, "paragraph" if block.children else "unread"))]

    def _prose(self, block: SyntaxTreeNode, kind: str) -> Prose:
        first, last = _range(block)
        return self._verbatim(first, last, kind)

    def _verbatim(self, first: int, last: int, kind: str) -> Prose:
        while last > first and not self.lines[last - 1].strip():
            last -= 1
        text = "\n".join(self.lines[first - 1 : last])
        return Prose(file=self.file, line=first, end_line=last, text=text, kind=kind)

    def _list(self, block: SyntaxTreeNode) -> list[Node]:
        start = max(1, int(block.attrs.get("start", 1))) if block.type == "ordered_list" else 0
        return [self._line(child, start + i if start else 0) for i, child in enumerate(block.children)]

    def _line(self, block: SyntaxTreeNode, ordered: int) -> Item | Point:
        """Read one entry of a list: its first paragraph is its text, the rest is what it contains.

        A line that begins with a box is no part of the text above it, though Markdown glues the two together.
        """
        first, last = _range(block)
        own, rest = "", block.children
        apart: tuple[Node, ...] = ()
        if rest and rest[0].type == "paragraph":
            own, rest = _content(rest[0]), rest[1:]
            first, end = _range(block.children[0])
            own, until = _up_to_a_box(own, first, end)
            apart = (self._verbatim(until + 1, end, "paragraph"),) if until < end else ()
            end = until
        else:
            end = first
        nodes = apart + tuple(node for child in rest for node in self._nodes(child))
        if not block.children and "".join(self.lines[first - 1 : last]).strip(_MARKERS):
            nodes = (self._verbatim(first, last, "unread"),)
        box = _BOX.match(own)
        if box is None and not ordered:
            return Point(file=self.file, line=first, end_line=end, nodes=nodes, text=plain(own))
        text = plain(own[box.end() :] if box else own)
        explicit = _EXPLICIT.search(text)
        return Item(
            file=self.file,
            line=first,
            end_line=end,
            nodes=nodes,
            text=text[: explicit.start()] if explicit else text,
            box=box is not None,
            checked=box is not None and box[1] != " ",
            ordered=ordered,
            check_id=explicit[1] if explicit else "",
        )

    def _claim_the_rest(self) -> None:
        """Keep every line with text that no node holds, as prose in the section it stands in."""
        claimed: set[int] = set()
        for section in self.sections:
            claimed.update(range(section.line, section.end_line + 1))
            for node in section.nodes:
                _claim(node, claimed)
        starts = [section.line for section in self.sections]
        for first, last in _runs(
            n for n, line in enumerate(self.lines, 1) if n not in claimed and line.strip()
        ):
            home = self.sections[bisect_right(starts, first) - 1].nodes
            home.insert(
                bisect_right([node.line for node in home], first), self._verbatim(first, last, "unread")
            )


def _claim(node: Node, claimed: set[int]) -> None:
    claimed.update(range(node.line, node.end_line + 1))
    for child in node.nodes:
        _claim(child, claimed)


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Join neighbouring line numbers to (first, last)."""
    first = last = 0
    for number in numbers:
        if number != last + 1 and last:
            yield first, last
        if number != last + 1 or not last:
            first = number
        last = number
    if last:
        yield first, last


def _range(block: SyntaxTreeNode) -> tuple[int, int]:
    """First and last line of a block, from 1."""
    first, after = block.map or (0, 1)
    return first + 1, max(first + 1, after)


def _up_to_a_box(text: str, first: int, last: int) -> tuple[str, int]:
    """Return what a paragraph says before a further line that begins with a box, and its last line."""
    lines = text.split("\n")
    at = next((i for i in range(1, min(len(lines), last - first + 1)) if is_bare_box(lines[i])), 0)
    return ("\n".join(lines[:at]), first + at - 1) if at else (text, last)


def _content(block: SyntaxTreeNode) -> str:
    """The Markdown text of a paragraph or heading."""
    return str(block.children[0].content) if block.children else ""
