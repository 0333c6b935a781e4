"""Tables of record classes, made from their source: docstrings, `#:` comments, types and defaults."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import andon
from tests.docs.marked import table

SOURCE = Path(andon.__file__).parent


class Field(NamedTuple):
    """A field as its source declares it."""

    name: str
    type: str
    default: str
    meaning: str


class Described(NamedTuple):
    """A record class as its source declares it."""

    name: str
    about: str
    fields: tuple[Field, ...]
    #: The comment `# ---- ...` it stands below.
    chapter: str


def described(module: str) -> list[Described]:
    """Return the record classes of a module, such as `incident/events.py`, in their order."""
    lines = (SOURCE / module).read_text(encoding="utf-8").splitlines()
    tree = ast.parse("\n".join(lines))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and _is_record(node)]
    return [
        Described(
            node.name, ast.get_docstring(node) or "", tuple(_fields(node, lines)), _chapter(lines, node)
        )
        for node in classes
    ]


def section(record: Described) -> str:
    """Return a heading, the class's sentence and a table of its fields."""
    text = f"### {record.name}\n\n{record.about}\n"
    if not record.fields:
        return f"{text}\nIt has no fields of its own.\n"
    rows = [
        (f"`{f.name}`", f"`{f.type}`", f"`{f.default}`" if f.default else "", f.meaning)
        for f in record.fields
    ]
    return text + table(("field", "type", "default", "means"), rows).rstrip("\n") + "\n"


def _is_record(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Record" for base in node.bases)


def _fields(node: ast.ClassDef, lines: list[str]) -> Iterator[Field]:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            default = ast.unparse(statement.value).replace("'", '"') if statement.value else ""
            kind = ast.unparse(statement.annotation)
            yield Field(statement.target.id, kind, default, _comment_above(lines, statement.lineno - 1))


def _comment_above(lines: list[str], index: int) -> str:
    said: list[str] = []
    while index > 0 and lines[index - 1].strip().startswith("#:"):
        index -= 1
        said.insert(0, lines[index].strip().removeprefix("#:").strip())
    return " ".join(said)


def _chapter(lines: list[str], node: ast.ClassDef) -> str:
    above = (line for line in reversed(lines[: node.lineno - 1]) if line.startswith("# ----"))
    return next(above, "").removeprefix("# ----").strip()
