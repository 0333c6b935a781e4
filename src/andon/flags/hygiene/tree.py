"""A text as a tree of nodes that know their parent and place, by the bundled tree-sitter grammars."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from andon.flags.hygiene.languages import Language

#: Characters of a text, and nodes of its tree, that are read; what is longer was not written by hand.
MOST_CHARACTERS = 500_000
MOST_NODES = 200_000
#: Levels of a tree: what looks upwards from many places must end.
MOST_LEVELS = 1_000
#: Fields by which the grammars name a part of a node; not all of them do. Asking costs, so not for all nodes.
_OF_BRANCHES = (
    "condition", "consequence", "alternative", "body", "value", "subject", "initializer", "pattern", "name",
)  # fmt: skip
_OF_VALUES = ("left", "right", "name", "value", "pattern")
_OF_FUNCTIONS = ("name", "body")


class Node:
    """One node: its kind, its offsets in the text, its parent and children."""

    __slots__ = ("children", "end", "fields", "kind", "named", "parent", "start")

    def __init__(self, kind: str, start: int, end: int, named: bool, parent: Node | None) -> None:
        """Take what the grammar says of it."""
        self.kind, self.start, self.end, self.named, self.parent = kind, start, end, named, parent
        self.children: list[Node] = []
        #: The field's name of each child that has one, by its offsets.
        self.fields: dict[str, Node] = {}

    @property
    def parts(self) -> list[Node]:
        """Its named children, comments left out."""
        return [child for child in self.children if child.named and "comment" not in child.kind]

    def field(self, *names: str) -> Node | None:
        """Return the first part that the grammar calls by one of these names."""
        return next((self.fields[name] for name in names if name in self.fields), None)

    def above(self) -> Iterator[tuple[Node, Node]]:
        """Yield each node above with its child on the way here, from the inside out."""
        child, parent = self, self.parent
        while parent is not None:
            yield parent, child
            child, parent = parent, parent.parent

    def each(self, stop: tuple[str, ...] = ()) -> Iterator[Node]:
        """Yield it and everything below in the order of the text, not below what is of a kind in `stop`."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            if node is self or node.kind not in stop:
                pending.extend(reversed(node.children))

    def within(self, other: Node | None) -> bool:
        """True when its place is inside the other's."""
        return other is not None and other.start <= self.start and self.end <= other.end


def read_tree(text: str, language: Language) -> Node | None:
    """Return the tree of a text; None for one that is too large, or is none."""
    root = parsed(text, language)
    return None if root is None else tree_of(root, language)


def parsed(text: str, language: Language) -> SgNode | None:
    """Return the parser's own root; None for a text that is too large, or is none."""
    if len(text) > MOST_CHARACTERS or "\0" in text:
        return None
    from ast_grep_py import SgRoot

    return SgRoot(text, language.name).root()


def tree_of(root: SgNode, language: Language) -> Node | None:
    """Return a node of the parser with all that is below it; None for more nodes or levels than are read."""
    asked: dict[str, tuple[str, ...]] = dict.fromkeys(
        (*language.ifs, *language.elifs, *language.ternaries, *language.loops, *language.switches,
         *language.cases), _OF_BRANCHES,
    )  # fmt: skip
    asked |= dict.fromkeys((*language.assignments, "let_condition"), _OF_VALUES)
    asked |= dict.fromkeys((*language.functions, *language.lambdas), _OF_FUNCTIONS)
    whole = root.range()
    top = Node(root.kind(), whole.start.index, whole.end.index, True, None)
    pending: list[tuple[SgNode, Node, int]] = [(root, top, 0)]
    count = 0
    while pending:
        source, node, level = pending.pop()
        if level > MOST_LEVELS:
            return None
        for child in source.children():
            count += 1
            if count > MOST_NODES:
                return None
            place = child.range()
            made = Node(child.kind(), place.start.index, place.end.index, child.is_named(), node)
            node.children.append(made)
            pending.append((child, made, level + 1))
        if (fields := asked.get(node.kind)) is not None:
            _name_fields(source, node, fields)
    return top


def _name_fields(source: SgNode, node: Node, fields: tuple[str, ...]) -> None:
    for name in fields:
        found = source.field(name)
        if found is None:
            continue
        place = found.range()
        start, end = place.start.index, place.end.index
        for child in node.children:
            if child.start == start and child.end == end:
                node.fields[name] = child
                break


def has_errors(text: str, language: Language) -> bool:
    """True when the grammar does not take the whole text."""
    from ast_grep_py import SgRoot

    root = SgRoot(text, language.name).root()
    return root.kind() == "ERROR" or root.find({"rule": {"any": [{"kind": "ERROR"}]}}) is not None
