"""What stands around a Django migration in its file: it may change what the list of operations means."""

from __future__ import annotations

import ast

from andon.response.schema.effects import Effect, opaque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: How a migration names the class that it is made from.
_BASES = frozenset(("migrations.Migration", "django.db.migrations.Migration", "Migration"))


def root(node: ast.expr) -> str:
    """Return the first name of `a.b.c`; "" for no name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def foreign_names(module: ast.Module) -> frozenset[str]:
    """Return the names that the file makes itself, or has from somewhere else than Django."""
    found: set[str] = set()
    for statement in module.body:
        match statement:
            case ast.ImportFrom(module=source, names=names, level=level):
                if level or not _is_django(source or ""):
                    found.update(n.asname or n.name for n in names)
            case ast.Import(names=names):
                found.update(n.asname or root_of(n.name) for n in names if not _is_django(n.name))
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found.update(t.id for t in targets if isinstance(t, ast.Name))
    return frozenset(found)


def root_of(name: str) -> str:
    """Return the first part of a module's name."""
    return name.partition(".")[0]


def _is_django(module: str) -> bool:
    return root_of(module) == "django"


def strange(module: ast.Module, migration: ast.ClassDef) -> Iterator[Effect]:
    """Yield what could do something, or give the class another meaning."""
    foreign = foreign_names(module) - {"Migration"}
    for statement in module.body:
        match statement:
            case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.ClassDef():
                continue
            case ast.Expr(value=ast.Constant()) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case ast.Assign(targets=[ast.Name(id=name)]) if name != "Migration":
                continue
            case ast.AnnAssign(target=ast.Name(id=name)) if name != "Migration":
                continue
            case _:
                yield opaque(statement.lineno, "code outside of the class")
    bases = [ast.unparse(base) for base in migration.bases]
    is_plain = len(bases) == 1 and bases[0] in _BASES and not migration.keywords
    if bases == ["Migration"]:
        sources = [s for s in module.body if isinstance(s, ast.ImportFrom) and _is_django(s.module or "")]
        is_plain = any(n.name == "Migration" for s in sources for n in s.names)
    if not is_plain or migration.decorator_list or "migrations" in foreign:
        yield opaque(migration.lineno, "the class is not simply one of Django's migrations")
