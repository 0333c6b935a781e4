"""What a text holds, by its grammar: functions, classes and test blocks, comments, literals and imports.

Whatever the bytes are, nothing is raised: a text that cannot be read by structure says why in `unread`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import StrEnum

from andon.record import Record
from andon.response.guard.grammars import GRAMMARS, language_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ast_grep_py import Rule, SgNode

    from andon.response.guard.grammars import Grammar

#: Characters of a text and of one line; what is longer was not written by hand.
MOST_CHARACTERS = 500_000
LONGEST_LINE = 20_000
#: Nodes that are looked at in one text.
_MOST_NODES = 100_000


class SymbolKind(StrEnum):
    """What a name stands for."""

    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    #: A namespace, an `impl`, a Rust module: it only names others.
    SCOPE = "scope"
    #: A call with a body that names a test or a group of tests: `describe("...")`, `test "..." do`.
    BLOCK = "block"


class Symbol(Record):
    """A definition with its place."""

    name: str
    #: Names from the outside in, joined by dots.
    qualified: str
    kind: SymbolKind
    #: First and last line, from 1, with decorators and annotations.
    line: int
    end_line: int
    #: Offset of the first and after the last character.
    start: int
    end: int
    #: What the language's convention shows to others: no underscore, `export`, a capital, `pub`, `public`.
    is_public: bool
    #: Inside a function: nobody else can call it.
    is_local: bool = False
    #: What stands before the name: decorators, annotations, modifiers, `it.skip`.
    head: str = ""


class Structure(Record):
    """A text read once."""

    language: str
    #: Why it is judged as text; "" when its structure was read.
    unread: str = ""
    symbols: tuple[Symbol, ...] = ()
    #: Pairs of offsets, in order: comments and docstrings; other literals; import statements.
    comments: tuple[tuple[int, int], ...] = ()
    strings: tuple[tuple[int, int], ...] = ()
    imports: tuple[tuple[int, int], ...] = ()
    #: Offset at which each line begins.
    starts: tuple[int, ...] = (0,)

    def line_at(self, offset: int) -> int:
        """Return the line of an offset, from 1."""
        return bisect_right(self.starts, offset)

    def is_comment(self, offset: int) -> bool:
        """True inside a comment or docstring."""
        return _holds(self.comments, offset)

    def is_code(self, offset: int) -> bool:
        """True outside comments, docstrings and literals; always, for a text whose structure was not read."""
        return not (_holds(self.comments, offset) or _holds(self.strings, offset))


def _holds(spans: tuple[tuple[int, int], ...], offset: int) -> bool:
    at = bisect_right(spans, (offset, MOST_CHARACTERS * 2)) - 1
    return at >= 0 and spans[at][0] <= offset < spans[at][1]


def read_structure(path: str, text: str | None) -> Structure:
    """Read a text by the grammar of its file's ending; `unread` says why one could not be."""
    if text is None:
        return Structure(language="", unread="its text is not there")
    starts = tuple(_line_starts(text))
    language = language_of(path, text)
    reason = "" if language else "its language is not known"
    if "\0" in text[:8000]:
        reason = "it is not a text"
    elif len(text) > MOST_CHARACTERS:
        reason = f"it is longer than {MOST_CHARACTERS} characters"
    elif any(b - a > LONGEST_LINE for a, b in zip(starts, (*starts[1:], len(text)), strict=True)):
        reason = f"it has a line of more than {LONGEST_LINE} characters"
    if reason:
        return Structure(language="", unread=reason, starts=starts)
    grammar = GRAMMARS[language]
    try:
        nodes = _parse(text, grammar)
    except UnicodeEncodeError:
        return Structure(language="", unread="it is not a text", starts=starts)
    if len(nodes) > _MOST_NODES:
        return Structure(language="", unread=f"it has more than {_MOST_NODES} parts", starts=starts)
    return _Reading(text, grammar, starts).structure(nodes)


def enclosing(symbols: Iterable[Symbol], line: int) -> Symbol | None:
    """Return the innermost symbol that holds a line; None outside all of them."""
    found: Symbol | None = None
    for symbol in symbols:
        if symbol.line <= line <= symbol.end_line and (
            found is None or symbol.end_line - symbol.line <= found.end_line - found.line
        ):
            found = symbol
    return found


def _line_starts(text: str) -> Iterator[int]:
    at = 0
    while at >= 0:
        yield at
        at = text.find("\n", at) + 1 or -1


#: Calls that may be tests or groups of them, by their beginning; the last part for Elixir's definitions.
_BLOCK = (
    r"^(?:it|test|describe|specify|example|scenario|feature|context|suite|xit|xtest|xdescribe|xcontext|fit|fdescribe"
    r"|xspecify|xscenario|xexample|pending|focus|fcontext|fexample|bench|should|property"
    r"|shared_examples|shared_context)"
    r"(?:\.(?:skip|only|each|fails|failing|todo|concurrent|serial|parallel|fixme|describe|skipIf|runIf|slow"
    r"|sequential))*\s*(?:\(|[\"'`]|:\w|\{|do\b|[A-Z])"
    r"|^RSpec\.[fx]?describe\b|^(?:def|defp|defmacro|defmacrop|defmodule|defguard|defdelegate)\s"
)


def _parse(text: str, grammar: Grammar) -> list[SgNode]:
    from ast_grep_py import SgRoot  # 20 ms to import, and only the guard needs it

    kinds = (
        *grammar.functions, *grammar.classes, *grammar.scopes, *grammar.comments, *grammar.strings,
        *grammar.imports,
    )  # fmt: skip
    rules: list[Rule] = [{"kind": kind} for kind in kinds]
    rules += [{"kind": kind, "regex": _BLOCK} for kind in grammar.calls]
    return SgRoot(text, grammar.name).root().find_all(any=rules)


_SELF = re.compile(r"\(\s{0,40}(?:self|cls)\b")
_WORD = re.compile(r"[\w$?!#]{1,200}")
_ELIXIR = re.compile(r"(defp?|defmacrop?|defmodule|defguard|defdelegate)\s+([\w.?!]{1,200})")
_TITLE = re.compile(r"""["'`]([^"'`\n]{0,300})""")
_SCRIPTS = ("javascript", "typescript", "tsx")
_BODIES = frozenset(("arrow_function", "function_expression", "function", "generator_function", "class"))


class _Reading:
    """One pass over the nodes of a text, outer ones first."""

    def __init__(self, text: str, grammar: Grammar, starts: tuple[int, ...]) -> None:
        self.text = text
        self.grammar = grammar
        self.starts = starts
        self.open: list[Symbol] = []
        self.symbols: list[Symbol] = []
        self.comments: list[tuple[int, int]] = []
        self.strings: list[tuple[int, int]] = []
        self.imports: list[tuple[int, int]] = []
        self.exported = (
            _exported(text) if grammar.name in ("javascript", "typescript", "tsx") else frozenset()
        )

    def structure(self, nodes: list[SgNode]) -> Structure:
        """Return what was read."""
        grammar = self.grammar
        for node in nodes:
            kind = node.kind()
            span = node.range()
            start, end = span.start.index, span.end.index
            if kind in grammar.comments:
                self.comments.append((start, end))
            elif kind in grammar.imports:
                self.imports.append((start, end))
            elif kind in grammar.strings:
                self._literal(node, start, end)
            else:
                self._definition(node, kind, start, end)
        return Structure(
            language=grammar.name,
            symbols=tuple(self.symbols),
            comments=tuple(sorted(self.comments)),
            strings=tuple(self.strings),
            imports=tuple(self.imports),
            starts=self.starts,
        )

    def _literal(self, node: SgNode, start: int, end: int) -> None:
        if self.strings and start < self.strings[-1][1]:
            return  # a literal inside another: the outer one counts
        parent = node.parent() if self.grammar.name == "python" else None
        is_docstring = parent is not None and parent.kind() == "expression_statement"
        (self.comments if is_docstring else self.strings).append((start, end))

    def _definition(self, node: SgNode, kind: str, start: int, end: int) -> None:
        named = self._name(node, kind, start, end)
        if named is None:
            return
        name, at, what = named
        while self.open and self.open[-1].end <= start:
            self.open.pop()
        first = self._first(node, start)
        outer = self.open[-1] if self.open else None
        in_class = outer is not None and outer.kind in (SymbolKind.CLASS, SymbolKind.SCOPE)
        if what is SymbolKind.FUNCTION and (in_class or _SELF.match(self.text, at + len(name))):
            what = SymbolKind.METHOD
        is_local = outer is not None and (
            outer.is_local or outer.kind in (SymbolKind.FUNCTION, SymbolKind.METHOD, SymbolKind.BLOCK)
        )
        head = self.text[first : min(at, first + 2000)]
        line = bisect_right(self.starts, first)
        symbol = Symbol(
            name=name,
            qualified=f"{outer.qualified}.{name}" if outer else name,
            kind=what,
            line=line,
            end_line=max(line, bisect_right(self.starts, max(start, end - 1))),
            start=first,
            end=end,
            is_public=not is_local and self._is_public(name, head, what, outer, first),
            is_local=is_local,
            head=head,
        )
        self.symbols.append(symbol)
        self.open.append(symbol)

    def _first(self, node: SgNode, start: int) -> int:
        """Where it begins with what decorates it."""
        language = self.grammar.name
        if language in ("python", "javascript", "typescript", "tsx", "go"):
            parent = node.parent()
            if parent is not None and parent.kind() in (
                "decorated_definition", "export_statement", "lexical_declaration", "type_declaration",
            ):  # fmt: skip
                outer = parent.parent()
                if outer is not None and outer.kind() == "export_statement":
                    parent = outer
                return parent.range().start.index
        if language == "rust":
            before = node.prev()
            while before is not None and before.kind() == "attribute_item":
                start = before.range().start.index
                before = before.prev()
        return start

    def _name(self, node: SgNode, kind: str, start: int, end: int) -> tuple[str, int, SymbolKind] | None:
        """Return the name, where it stands, and what it names; None for what defines nothing."""
        grammar = self.grammar
        if kind in grammar.calls:
            return self._called(start, end)
        if kind == "variable_declarator":
            value = node.field("value")
            if value is None or value.kind() not in _BODIES:
                return None
        if kind.endswith("_specifier") and node.field("body") is None:
            return None
        what = SymbolKind.FUNCTION
        if kind in grammar.classes:
            what = SymbolKind.CLASS
        elif kind in grammar.scopes:
            what = SymbolKind.SCOPE
        name = node.field("name") or node.field("type")
        if name is None or (kind == "function_definition" and grammar.name in ("c", "cpp")):
            name = _declared(node)
        if name is None:
            return None
        at = name.range().start.index
        text = name.text()[:200]
        if grammar.name == "cpp" and text in ("TEST", "TEST_F", "TEST_P", "TYPED_TEST"):
            words = re.match(r"\w+\s*\(\s*(\w+)\s*,\s*(\w+)", self.text[at : at + 300])
            return (f"{words[1]}.{words[2]}" if words else text), at, SymbolKind.BLOCK
        if grammar.name == "go" and kind == "method_declaration":
            owner = re.search(r"\(\s*(?:\w+\s+)?\*?\s*(\w+)", self.text[start:at])
            return (f"{owner[1]}.{text}" if owner else text), at, SymbolKind.METHOD
        return text, at, what

    def _called(self, start: int, end: int) -> tuple[str, int, SymbolKind] | None:
        """Name what a call defines: a test by its title, an Elixir function by its name."""
        head = self.text[start : start + 500]
        if self.grammar.calls == ("call_expression",) and self.grammar.name in _SCRIPTS:
            body = self.text[start:end]
            if "=>" not in body and "function" not in body and ".todo" not in head[:40]:
                return None  # `test.skip()` inside a test
        if self.grammar.name == "elixir":
            match = _ELIXIR.match(head)
            if match:
                kind = SymbolKind.CLASS if match[1] == "defmodule" else SymbolKind.FUNCTION
                return match[2], start + match.start(2), kind
        title = _TITLE.search(head.partition("\n")[0]) or _TITLE.search(head)
        at = title.start() if title else min(len(head), 60)
        name = title[1] if title else " ".join(head[:60].split())
        return name, start + at, SymbolKind.BLOCK

    def _is_public(self, name: str, head: str, kind: SymbolKind, outer: Symbol | None, first: int) -> bool:
        language = self.grammar.name
        if kind is SymbolKind.BLOCK:
            return False
        if outer is not None and not outer.is_public and outer.kind is not SymbolKind.SCOPE:
            return False
        if language == "go":
            return all(part[:1].isupper() for part in name.split("."))
        if name.startswith("_") or (language == "bash" and outer is not None):
            return False
        if language == "elixir":
            return not head.lstrip().startswith(("defp", "defmacrop"))
        if language in ("javascript", "typescript", "tsx"):
            if outer is not None and outer.kind is SymbolKind.CLASS:
                return not re.search(self.grammar.private, head) and not name.startswith("#")
            return "export" in head or name in self.exported
        if language == "ruby":
            return not self._is_hidden(head, outer, first)
        if outer is not None and "interface " in outer.head:
            return True
        if self.grammar.public is not None:
            return bool(re.search(self.grammar.public, head))
        return not re.search(self.grammar.private, head)

    def _is_hidden(self, head: str, outer: Symbol | None, first: int) -> bool:
        """True below a bare `private` of Ruby, or with one in front."""
        line = self.text[self.text.rfind("\n", 0, first) + 1 : first]
        if re.match(r"\s*(private|protected|private_class_method)\b", line):
            return True
        body = self.text[max(outer.start, first - 100_000) : first] if outer else ""
        words = re.findall(r"(?m)^[ \t]*(private|protected|public)[ \t]*(?:#.*)?$", body)
        return bool(words) and words[-1] != "public" and "self." not in head


def _declared(node: SgNode) -> SgNode | None:
    """Follow the declarators of C and C++ to the name; else the first name among the children."""
    inner = node.field("declarator")
    for _ in range(12):
        if inner is None:
            break
        if inner.kind().endswith("identifier") or inner.kind() in ("destructor_name", "operator_name"):
            return inner
        inner = inner.field("declarator")
    for child in node.children():
        if child.kind().endswith("identifier"):
            return child
    return None


_EXPORTS = re.compile(
    r"\b(?:module\.)?exports(?:\.(\w{1,100}))?\s{0,4}=\s{0,4}(?:\{([^}]{0,4000})\}|(\w{1,100}))?"
    r"|\bexport\s{1,4}(?:\{([^}]{0,4000})\}|default\s{1,4}(\w{1,100}))"
)


def _exported(text: str) -> frozenset[str]:
    """Return the names that a JavaScript module gives away apart from their definitions."""
    found: set[str] = set()
    for match in _EXPORTS.finditer(text):
        for group in match.groups():
            found.update(_WORD.findall(group or ""))
    return frozenset(found)
