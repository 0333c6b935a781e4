"""The pieces of a change, one a hunk: the names in its lines, what it defines, and the symbol it stands in.

`links` compares them; nothing here judges.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import chain

from andon.record import Record
from andon.response.guard import places
from andon.response.guard.reading import hunk_span
from andon.response.guard.structure import SymbolKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from andon.response.change import Hunk
    from andon.response.guard.reading import Sides
    from andon.response.guard.structure import Structure, Symbol

#: Words that every text is full of: keywords of the languages that are read, and their commonest names.
_COMMON = frozenset(
    (
        "and", "as", "assert", "async", "await", "bool", "boolean", "break", "byte", "case", "catch",
        "char", "class", "const", "continue", "def", "default", "defer", "del", "delete", "do", "double",
        "elif", "else", "elsif", "end", "ensure", "enum", "except", "export", "extends", "false", "final",
        "finally", "float", "fn", "for", "foreach", "from", "func", "function", "global", "go", "goto",
        "if", "impl", "implements", "import", "in", "include", "instanceof", "int", "interface", "is",
        "lambda", "let", "long", "match", "mod", "module", "mut", "namespace", "new", "nil", "none",
        "nonlocal", "not", "null", "object", "of", "or", "package", "pass", "private", "protected",
        "public", "raise", "require", "rescue", "return", "self", "short", "static", "str", "string",
        "struct", "super", "switch", "then", "this", "throw", "throws", "trait", "true", "try", "type",
        "typeof", "undefined", "unless", "until", "use", "using", "val", "var", "void", "when", "where",
        "while", "with", "yield",
    )
)  # fmt: skip
_WORD = re.compile(r"[^\W\d]\w{1,80}")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ASSIGNED = re.compile(
    r"(?m)^\s*(?:(?:const|let|var|val|final|static|export)\s+)*([A-Za-z_]\w*)\s*(?::[^=\n]{0,80})?:?=(?!=)"
)
_MARK = re.compile(r"\w+|[^\w\s]")
_INDENT = re.compile(r"[ \t]*")
#: A line that opens a definition in most languages, for texts whose grammar is not known.
_OPENS = re.compile(
    r"\b(?:def|class|func|function|fn|fun|sub|proc|module|struct|interface|trait|type|namespace)\s+([\w.:]+)"
)
#: Lines of a function, and characters of one line, whose names are looked at.
_MOST_LINES, _MOST_LINE = 400, 2000
#: Most lines of one hunk whose names are looked at; a longer one is known well enough by its beginning.
_MOST_HUNK = 300


class Piece(Record):
    """One hunk with what is known of it."""

    path: str
    hunk: Hunk
    #: First and last line after the change; before it where lines were only removed.
    line: int
    end_line: int
    #: `source`, `test` or `document`.
    role: str
    #: Why it was looked at as text; "" when its structure was read.
    as_text: str
    #: The innermost function and the innermost class around it, as `qualified`; "" outside of any.
    function: str
    owner: str
    #: Last parts of the names of all functions and classes that its lines touch.
    touches: frozenset[str]
    #: Names in its lines outside of comments; those that it adds or takes away; all, with those in comments.
    names: frozenset[str]
    delta: frozenset[str]
    words: frozenset[str]
    #: Names that it defines, assigns, imports or has as a parameter.
    defines: frozenset[str]
    #: Names in the rest of the function around it.
    around: frozenset[str]
    #: Tokens that come and tokens that go, for the same edit made again elsewhere.
    edit: frozenset[str]
    #: Tokens of its lines.
    tokens: frozenset[str]
    #: The words that its names and that of its symbol are made of.
    name_parts: frozenset[str]
    #: Only comments, docstrings and blank lines; only imports.
    is_comment: bool
    is_import: bool
    #: Functions and classes that it adds.
    new_symbols: int

    @property
    def symbol(self) -> str:
        """Last part of the name of the function around it, else of the class."""
        return (self.function or self.owner).rpartition(".")[2]

    @property
    def size(self) -> int:
        """How many lines it removes and adds together."""
        return self.hunk.size


def pieces_of(sides: Iterable[Sides]) -> tuple[Piece, ...]:
    """Return every hunk of a change with its names, in the order of the change."""
    return tuple(_piece(side, hunk) for side in sides for hunk in side.file.hunks)


class Rarity:
    """How much it says that two pieces share a name: much for one that stands nowhere else."""

    def __init__(self, sides: Iterable[Sides]) -> None:
        counted: Counter[str] = Counter()
        for side in sides:
            text = side.file.after if side.file.after is not None else side.file.before
            counted.update(_WORD.findall(text or ""))
        self._counted: Mapping[str, int] = counted

    def of(self, name: str) -> float:
        """Return 1 for a name that stands up to twice in the files, 1 / (1 + ln(n / 2)) for n times."""
        return 1.0 / (1.0 + math.log(max(self._counted.get(name, 1), 2) / 2))

    def sum(self, names: Iterable[str]) -> float:
        """Return the sum over some names."""
        return sum(self.of(name) for name in names)


def parts(name: str) -> Iterator[str]:
    """Return the words that a name is made of, in small letters, those of three letters and more."""
    return (part.lower() for part in _PART.findall(name) if len(part) > 2)


def names_in(text: str) -> set[str]:
    """Return the names of a text without the commonest."""
    return {word for word in _WORD.findall(text) if word.lower() not in _COMMON}


def _piece(side: Sides, hunk: Hunk) -> Piece:
    file = side.file
    structure = side.after if hunk.added else side.before
    line, end_line = hunk_span(hunk)
    added, added_comments = _read(hunk.added, hunk.new_start, side.after)
    removed, removed_comments = _read(hunk.removed, hunk.old_start, side.before)
    came, went = Counter(_MARK.findall(added)), Counter(_MARK.findall(removed))
    edit = frozenset(chain(("+" + t for t in came - went), ("-" + t for t in went - came)))
    function, owner = _around(structure, line, end_line, file.after if hunk.added else file.before)
    around = function or owner
    own = [s for s in side.after.symbols if hunk.added and line <= s.line <= end_line]
    defines = {s.name.rpartition(".")[2] for s in own}
    defines |= set(_ASSIGNED.findall(added)) | set(_ASSIGNED.findall(removed))
    is_import = _is_import(hunk.added, hunk.new_start, side.after) and _is_import(
        hunk.removed, hunk.old_start, side.before
    )
    names = names_in(added) | names_in(removed)
    if is_import:
        defines |= names
    for symbol in own:
        defines |= names_in(symbol_head(file.after or "", symbol))
    return Piece(
        path=file.path,
        hunk=hunk,
        line=line,
        end_line=end_line,
        role="test"
        if places.is_test(file.path)
        else "document"
        if places.is_document(file.path)
        else "source",
        as_text=structure.unread,
        function=function.qualified if function else "",
        owner=owner.qualified if owner else "",
        touches=frozenset(
            s.name.rpartition(".")[2]
            for s in (structure.symbols if not structure.unread else (around,) if around else ())
            if s.line <= end_line and line <= s.end_line
        ),
        names=frozenset(names),
        delta=frozenset(names_in(" ".join(came - went)) | names_in(" ".join(went - came))),
        words=frozenset(names | names_in(added_comments) | names_in(removed_comments)),
        defines=frozenset(defines - {""}),
        around=frozenset(_names_around(file.after if hunk.added else file.before, function)),
        edit=edit,
        tokens=frozenset(came) | frozenset(went),
        name_parts=frozenset(p for n in (names | {around.name} if around else names) for p in parts(n)),
        is_comment=not (added.strip() or removed.strip()),
        is_import=is_import,
        new_symbols=sum(s.kind is not SymbolKind.BLOCK and not s.is_local for s in own),
    )


def symbol_head(text: str, symbol: Symbol) -> str:
    """Return how a definition begins: its name and its parameters."""
    start = max(symbol.start, 0)
    end = text.find("\n", start + len(symbol.head))
    return text[start : min(end if end > 0 else len(text), start + 400)]


def _read(lines: tuple[str, ...], first: int, structure: Structure) -> tuple[str, str]:
    """Return the code of some lines, and what of them is comment."""
    code, comments = [], []
    for at, line in enumerate(lines[:_MOST_HUNK]):
        line = line[:_MOST_LINE]
        stripped = line.lstrip()
        number = first + at
        offset = -1
        if not structure.unread and 0 < number <= len(structure.starts):
            offset = structure.starts[number - 1] + len(line) - len(stripped)
        if not stripped:
            continue
        if (
            structure.is_comment(offset)
            if offset >= 0
            else stripped.startswith(("#", "//", "--", "/*", "* ", "<!--"))
        ):
            comments.append(line)
            continue
        cut = _comment_at(line, offset - len(line) + len(stripped), structure) if offset >= 0 else len(line)
        code.append(line[:cut])
        comments.append(line[cut:])
    return "\n".join(code), "\n".join(comments)


def _comment_at(line: str, start: int, structure: Structure) -> int:
    """Return where a comment begins behind the code of a line."""
    for mark in ("#", "//", "/*", "--"):
        at = line.find(mark)
        while at >= 0:
            if structure.is_comment(start + at):
                return at
            at = line.find(mark, at + 1)
    return len(line)


def _is_import(lines: tuple[str, ...], first: int, structure: Structure) -> bool:
    """True when there is nothing but imports and blank lines."""
    for at, line in enumerate(lines[:_MOST_HUNK]):
        stripped = line.strip()
        if not stripped:
            continue
        if structure.unread or first + at > len(structure.starts):
            if not stripped.startswith(("import ", "from ", "#include", "use ", "using ", "require")):
                return False
            continue
        offset = structure.starts[first + at - 1] + len(line) - len(line.lstrip())
        if not any(start <= offset < end for start, end in structure.imports):
            return False
    return True


def _around(
    structure: Structure, line: int, end_line: int, text: str | None
) -> tuple[Symbol | None, Symbol | None]:
    """Return the innermost function and the innermost class that hold all lines."""
    if structure.unread:
        return (_by_indent(text, line), None) if text else (None, None)
    function: Symbol | None = None
    owner: Symbol | None = None
    for symbol in structure.symbols:
        if not (symbol.line <= line and end_line <= symbol.end_line):
            continue
        if symbol.kind in (SymbolKind.CLASS, SymbolKind.SCOPE):
            owner = symbol
        else:
            function = symbol
    return function, owner


def _by_indent(text: str, line: int) -> Symbol | None:
    """Return the definition above a line that is indented less, for texts whose grammar is not known."""
    lines = text.split("\n")
    if not 0 < line <= len(lines):
        return None
    depth = len(_INDENT.match(lines[line - 1])[0])  # type: ignore[index]
    for number in range(line - 1, max(line - _MOST_LINES, 0), -1):
        above = lines[number - 1]
        if not above.strip():
            continue
        here = len(_INDENT.match(above)[0])  # type: ignore[index]
        opened = _OPENS.search(above) if here < depth else None
        if opened:
            from andon.response.guard.structure import Symbol

            return Symbol(
                name=opened[1], qualified=opened[1], kind=SymbolKind.FUNCTION, line=number, end_line=line,
                start=-1, end=-1, is_public=False,
            )  # fmt: skip
        depth = min(depth, here) if here < depth else depth
    return None


def _names_around(text: str | None, function: Symbol | None) -> set[str]:
    """Return the names of the function around a hunk."""
    if text is None or function is None:
        return set()
    if function.start < 0:
        return names_in("\n".join(text.split("\n")[function.line - 1 : function.end_line + 40]))
    return names_in(text[function.start : min(function.end, function.start + 80 * _MOST_LINES)])
