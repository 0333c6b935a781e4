"""A protocol document as a tree of values: sections, items, options, policy, practices, prose.

Every node knows its file and its own lines; what a node contains is in `nodes`. Nothing of the source is
left out: what was not understood is `Prose`.
"""

from __future__ import annotations

from andon.protocol.compiled import PostmortemSection
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeVar

    N = TypeVar("N", bound="Node")


class Node(Record):
    """A piece of the document: its file, its own first and last line (from 1), and what it contains."""

    file: str
    line: int
    #: Last line of its own text; what it contains may lie further down.
    end_line: int
    nodes: tuple[Node, ...] = ()


class Section(Node):
    """A heading and everything up to the next heading of its level."""

    title: str
    #: 1 to 6; 0 for the document as a whole.
    level: int
    #: A trailing `{#name}` of the heading.
    anchor: str = ""
    #: `history` for a log of past incidents (its boxes are no checklist), `template` for the postmortem's
    #: template, or "".
    role: str = ""


class Item(Node):
    """A line somebody has to do: a box, or a step of an ordered list."""

    text: str
    #: True when it was written with a box (`- [ ]`).
    box: bool = False
    checked: bool = False
    #: Its number in an ordered list, or 0.
    ordered: int = 0
    #: The explicit check id of a trailing `{#check-id}`, or "".
    check_id: str = ""


class Point(Node):
    """A plain bullet."""

    text: str


class Prose(Node):
    """Anything else, in the words and line breaks of the source."""

    text: str
    #: paragraph, heading, code, html, rule, or unread (what the Markdown reader did not hand out).
    kind: str = "paragraph"


class Option(Node):
    """A way to respond ("Option A: ..."); the rules say when to take it."""

    title: str
    letter: str
    #: rollback, hotfix, kill-switch, or "" when the title names none of them.
    response: str = ""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The conditions of this option, in order."""
        return tuple(node for node in self.nodes if isinstance(node, Rule))


class Rule(Node):
    """One condition of an option ("If ...")."""

    text: str


class Policy(Node):
    """A list of what is allowed, required or forbidden."""

    title: str
    #: allowed, required or forbidden.
    kind: str
    #: The gears that its label names, else the nearest heading that names one; empty when none does.
    named_gears: tuple[str, ...] = ()

    @property
    def gears(self) -> tuple[str, ...]:
        """The gears it holds in: HOTFIX when nothing names another, for it stands in an incident document."""
        return self.named_gears or ("HOTFIX",)


class Practices(Node):
    """A list of what to do, or of what not to do."""

    title: str
    #: do or dont.
    kind: str


class AuthorityRule(Node):
    """Who decides under which condition."""

    text: str
    condition: str
    decider: str


class Severity(Record):
    """A severity word of the document (`P0`, `CRITICAL`) where it is first used."""

    code: str
    name: str
    file: str
    line: int


class Deadline(Record):
    """A time limit of the document, in hours, with the text that sets it."""

    earliest: int
    latest: int
    text: str
    #: Severity codes the limit is for; empty when the text names none.
    severities: tuple[str, ...]
    #: True when the text or a heading above it speaks of the postmortem.
    postmortem: bool
    file: str
    line: int


class Placed(Record):
    """A node with everything that contains it, outermost first."""

    node: Node
    above: tuple[Node, ...]

    @property
    def titles(self) -> tuple[str, ...]:
        """The headings, options, policies and group steps above the node, without the document itself."""
        return tuple(title for title in map(title_of, self.above) if title)


class Document(Record):
    """A whole document: the tree and what it says about severity, deadlines and the postmortem."""

    file: str
    title: str
    root: Section
    #: `gears` or `levels`.
    vocabulary: str
    severities: tuple[Severity, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    postmortem: tuple[PostmortemSection, ...] = ()

    def walk(self, *, history: bool = False) -> Iterator[Placed]:
        """Yield every node below the document in order; past incidents only when `history` is true."""
        return _walk(self.root, (), history)

    def every(self, kind: type[N], *, history: bool = False) -> tuple[N, ...]:
        """Return all nodes of one class in order; past incidents only when `history` is true."""
        return tuple(placed.node for placed in self.walk(history=history) if isinstance(placed.node, kind))

    @property
    def checklist(self) -> tuple[Item, ...]:
        """The lines written with a box, without those of past incidents."""
        return tuple(
            placed.node
            for placed in self.walk()
            if isinstance(placed.node, Item) and placed.node.box and not _is_for_calm(placed)
        )

    @property
    def placed_items(self) -> tuple[Placed, ...]:
        """The items somebody has to settle: every box, and every ordered step that is not a group."""
        return tuple(placed for placed in self.walk() if _is_settleable(placed))


def title_of(node: Node) -> str:
    """Return what a container is called, or "" for one without a name."""
    match node:
        case Section() | Option() | Policy() | Practices():
            return node.title
        case Item() | Point():
            return node.text
    return ""


def _walk(node: Node, above: tuple[Node, ...], history: bool) -> Iterator[Placed]:
    for child in node.nodes:
        yield Placed(node=child, above=(*above, node))
        if history or not (isinstance(child, Section) and child.role == "history"):
            yield from _walk(child, (*above, node), history)


def _is_settleable(placed: Placed) -> bool:
    item = placed.node
    if not isinstance(item, Item) or _is_for_calm(placed):
        return False
    return item.box or not (
        any(isinstance(below.node, Item) for below in _walk(item, (), False))
        or any(_only_lists(above) for above in placed.above)
    )


def _is_for_calm(placed: Placed) -> bool:
    """A line of a list that holds in other gears than HOTFIX: no incident waits for it."""
    return any(isinstance(node, Policy) and "HOTFIX" not in node.gears for node in placed.above)


def _only_lists(above: Node) -> bool:
    """Numbers in an option, a policy, practices or the postmortem's template count; they are no steps."""
    if isinstance(above, Section):
        return above.role == "template"
    return isinstance(above, Option | Policy | Practices)
