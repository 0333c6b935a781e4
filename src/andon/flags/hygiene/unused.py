"""What nobody uses any more once a flag is out of a file: imports, local variables, private functions. Pure.

Only said, never taken out: a name may be used by another file, or by what no grammar sees. A linter may not
be there, and Go does not compile with an import or a variable that is not used.
"""

from __future__ import annotations

import re

from andon.flags.hygiene.tree import read_tree
from andon.flags.hygiene.uses import assigned
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.flags.hygiene.languages import Language
    from andon.flags.hygiene.tree import Node

_WORDS = re.compile(r"[A-Za-z_$][\w$]*")
_IMPORTS = ("import", "using_directive", "use_declaration", "namespace_use")
#: Languages in which it does not compile.
_STRICT = {"go": "Go does not compile with it"}


class Unused(Record):
    """A name that is given, and no longer used in its file."""

    name: str
    line: int
    why: str


def no_longer_used(before: str, after: str, language: Language) -> tuple[Unused, ...]:
    """Return the names of `after` that `before` used more often, and that are now only given."""
    root, old = read_tree(after, language), read_tree(before, language)
    if root is None or old is None:
        return ()
    then, now = _counted(before, old), _counted(after, root)
    lost = {name: now.get(name, 0) for name, count in then.items() if now.get(name, 0) < min(count, 2)}
    found = {one.name: one for one in _given(root, after, language, lost)}
    return tuple(sorted(found.values(), key=lambda one: one.line))


def _counted(text: str, root: Node) -> dict[str, int]:
    """Return how often each name stands outside of imports."""
    found: dict[str, int] = {}
    imports = [(node.start, node.end) for node in root.each() if node.kind.startswith(_IMPORTS)]
    at, parts = 0, []
    for start, end in imports:
        parts.append(text[at : max(start, at)])
        at = max(at, end)
    for name in _WORDS.findall("\n".join((*parts, text[at:]))):
        found[name] = found.get(name, 0) + 1
    return found


def _given(root: Node, text: str, language: Language, lost: dict[str, int]) -> Iterator[Unused]:
    for node in root.each():
        is_path = language.name == "go" and node.kind in language.strings
        if not node.named or (node.children and not is_path):
            continue  # `type` in `import type` is no name
        said = text[node.start : node.end]
        name = _package(said) if is_path else said
        if name not in lost:
            continue
        what = _what(node, text, language)
        if not what or lost[name] != (what != "import"):
            continue
        strict = _STRICT.get(language.name, "") if what != "function" else ""
        told = f"nothing in this file uses the {what} {name} any more" + (f": {strict}" if strict else "")
        yield Unused(name=name, line=text.count("\n", 0, node.start) + 1, why=told)


def _package(said: str) -> str:
    """Return the name by which Go uses an import: the last part of its path that is no version."""
    parts = [part for part in said.strip('"`').split("/") if not re.fullmatch(r"v\d+", part)]
    return parts[-1] if parts else ""


def _what(node: Node, text: str, language: Language) -> str:
    """Return what a name is where it is given; "" where it is used, or where others may use it."""
    for above, child in node.above():
        if above.kind.startswith(_IMPORTS):
            is_module = above.kind == "import_from_statement" and above.parts[0] is child
            return "" if is_module else "import"
        if above.kind in language.assignments:
            parts = assigned(above)
            is_name = parts is not None and node.within(parts[0])
            return "variable" if is_name and _is_local(above, language) else ""
        if above.kind in language.functions:
            is_name = above.field("name") is child and child is node
            return "function" if is_name and _is_private(above, text, language) else ""
        if above.kind in (*language.blocks, *language.calls, *language.lambdas):
            return ""
    return ""


def _is_local(node: Node, language: Language) -> bool:
    inside = (*language.functions, *language.lambdas)
    found = next((above for above, _ in node.above() if above.kind in inside), None)
    return found is not None and not any(word in found.kind for word in ("class", "impl", "module", "object"))


def _is_private(node: Node, text: str, language: Language) -> bool:
    name = node.field("name")
    said = text[name.start : name.end] if name is not None else ""
    head = text[text.rfind("\n", 0, node.start) + 1 : name.start if name is not None else node.end]
    if language.name == "python":
        return said.startswith("_") and not said.startswith("__")
    if language.name == "go":
        return said[:1].islower() and said not in ("main", "init")
    if language.name in ("javascript", "typescript", "tsx"):
        return node.kind == "function_declaration" and "export" not in head
    return "private" in head
