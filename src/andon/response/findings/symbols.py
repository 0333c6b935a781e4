"""What is around a line of code: the functions, classes and methods it stands in, by name.

Read with ast-grep's grammars. Of a language that is not known here, or a file that is too large, nothing is
around any line: findings there are told apart by their code alone.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ast_grep_py import SgNode

#: File endings and what ast-grep calls their language; it must never be asked for any other.
LANGUAGES = {
    "py": "python", "pyi": "python", "js": "javascript", "mjs": "javascript", "cjs": "javascript",
    "jsx": "javascript", "ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx",
    "rb": "ruby", "go": "go", "php": "php", "java": "java", "rs": "rust", "cs": "csharp", "kt": "kotlin",
}  # fmt: skip
#: What has a name and a body, in the grammars of those languages.
_NAMED = (
    "function_definition", "class_definition", "function_declaration", "generator_function_declaration",
    "class_declaration", "abstract_class_declaration", "interface_declaration", "method_definition",
    "method_declaration", "constructor_declaration", "enum_declaration", "record_declaration",
    "struct_declaration", "namespace_declaration", "object_declaration", "trait_declaration", "method",
    "singleton_method", "class", "module", "function_item", "impl_item", "trait_item", "mod_item",
    "struct_item", "enum_item", "variable_declarator",
)  # fmt: skip
#: Only when a variable holds one of these it names what is inside.
_FUNCTIONS = ("arrow_function", "function_expression", "function", "class")
#: Characters of a file that is read for structure.
LARGEST = 2_000_000
_NAME = re.compile(r"[^\W\d][\w.$<>*& ]{0,99}")


class Symbols:
    """The structure of some files; each is read when it is first asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Take the texts by path."""
        self._texts = texts
        self._lines: dict[str, Sequence[str]] = {}
        self._spans: dict[str, tuple[tuple[int, int, str], ...]] = {}
        self._names: dict[str, frozenset[str]] = {}

    def lines(self, path: str) -> Sequence[str]:
        """Return a file's lines; none when it is not there."""
        if path not in self._lines:
            self._lines[path] = self._texts.get(path, "").split("\n")
        return self._lines[path] if path in self._texts else ()

    def around(self, path: str, line: int) -> str:
        """Return the names of what a line (from 1) stands in, outermost first, with dots; "" for nothing."""
        return ".".join(name for first, last, name in self._named(path) if first <= line <= last)

    def names(self, path: str) -> frozenset[str]:
        """Return the names, with dots, of everything in a file that findings can stand in."""
        if path not in self._names:
            self._names[path] = frozenset(self.around(path, first) for first, _, _ in self._named(path))
        return self._names[path]

    def _named(self, path: str) -> tuple[tuple[int, int, str], ...]:
        if path not in self._spans:
            self._spans[path] = _read(path, self._texts.get(path, ""))
        return self._spans[path]


def _read(path: str, text: str) -> tuple[tuple[int, int, str], ...]:
    """Return (first line, last line, name) of everything that is named, in the order it begins."""
    language = LANGUAGES.get(path.rpartition(".")[2].lower())
    if language is None or not text or len(text) > LARGEST:
        return ()
    from ast_grep_py import SgRoot

    found: list[tuple[int, int, str]] = []
    whole = text.encode("utf-8", "replace").decode("utf-8")  # no half of a surrogate pair
    waiting = [SgRoot(whole, language).root()]
    while waiting:
        node = waiting.pop()
        if node.kind() in _NAMED and (name := _name(node)):
            where = node.range()
            found.append((where.start.line + 1, where.end.line + 1, name))
        waiting.extend(child for child in node.children() if child.is_named())
    return tuple(sorted(found, key=lambda span: (span[0], -span[1])))


def _name(node: SgNode) -> str:
    if node.kind() == "variable_declarator":
        value = node.field("value")
        if value is None or value.kind() not in _FUNCTIONS:
            return ""
    named = node.field("name") or node.field("type")
    if named is None:  # Kotlin's grammar has no field for it
        named = next((c for c in node.children() if c.kind().endswith("identifier")), None)
    match = _NAME.match(named.text()) if named is not None else None
    return match[0] if match else ""
