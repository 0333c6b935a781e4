"""Django migrations: each operation with what it does and what its reverse does, which Django derives itself.

A field that is altered is compared with how an earlier migration left it; without that it is not understood.
"""

from __future__ import annotations

import ast

from andon.response.schema.django_fields import Field, field_of, fields_before
from andon.response.schema.django_module import foreign_names, root, strange
from andon.response.schema.effects import Act, Effect, Kind, fails, opaque
from andon.response.schema.expressions import argument, keyword, literal, tail, text_of
from andon.response.schema.program import parse
from andon.response.schema.sql import sql_effects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from andon.response.schema.expressions import Names

    Pair = tuple[Sequence[Effect], Sequence[Effect]]

_HARMLESS = frozenset(("AlterModelOptions", "AlterModelManagers", "AlterOrderWithRespectTo"))
_EXTENSIONS = {
    "CITextExtension": "citext",
    "HStoreExtension": "hstore",
    "TrigramExtension": "pg_trgm",
    "UnaccentExtension": "unaccent",
    "BtreeGinExtension": "btree_gin",
    "BtreeGistExtension": "btree_gist",
    "CryptoExtension": "pgcrypto",
}
_CLASS_NAMES = frozenset(("dependencies", "operations", "initial", "atomic", "run_before", "elidable"))


def django_ways(
    text: str, earlier: Sequence[str] = (), dialect: str = ""
) -> tuple[tuple[Effect, ...], tuple[Effect, ...]]:
    """Return what a migration does and undoes; `earlier` are the app's older ones, oldest first."""
    module = parse(text)
    if isinstance(module, str):
        return (opaque(1, module),), ()
    names: Names = {}
    for statement in module.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names[name] = value
    found = [s for s in module.body if isinstance(s, ast.ClassDef) and s.name == "Migration"]
    if len(found) != 1:
        return (opaque(1, "there is no one class Migration"),), ()
    reader = _Reader(names, fields_before(earlier), dialect, foreign_names(module))
    up: list[Effect] = list(strange(module, found[0]))
    down: list[Effect] = []
    for operation in reader.operations(found[0]):
        forwards, backwards = operation
        up.extend(forwards)
        down[:0] = backwards
    return tuple(up), tuple(down)


class _Reader:
    """Reads operations with the fields as they are at that moment."""

    def __init__(
        self, names: Names, fields: Mapping[tuple[str, str], Field], dialect: str, foreign: frozenset[str]
    ) -> None:
        self.names, self.fields, self.dialect, self.foreign = names, dict(fields), dialect, foreign

    def operations(self, found: ast.ClassDef) -> list[Pair]:
        pairs: list[Pair] = []
        for statement in found.body:
            match statement:
                case ast.Assign(
                    targets=[ast.Name(id="operations")], value=(ast.List() | ast.Tuple()) as listed
                ):
                    pairs += [self._operation(e) for e in listed.elts]
                case ast.Assign(targets=[ast.Name(id=name)]) if name in _CLASS_NAMES - {"operations"}:
                    continue
                case ast.Pass() | ast.Expr(value=ast.Constant()):
                    continue
                case _:
                    note = "the class has more than a list of operations (squashed, or with code of its own)"
                    pairs.append(((opaque(statement.lineno, note),), ()))
        return pairs

    def _operation(self, node: ast.expr) -> Pair:
        unread: Pair = ((opaque(node.lineno, "an operation that is not written here"),), ())
        if not isinstance(node, ast.Call) or any(k.arg is None for k in node.keywords):
            return unread
        kind = tail(node.func)
        if root(node.func) in self.foreign:
            return (opaque(node.lineno, f"{kind} is not Django's"),), ()
        if kind in _HARMLESS:
            return (), ()
        if kind in _EXTENSIONS or kind == "CreateExtension":
            name = _EXTENSIONS.get(kind) or self._text(node, 0, "name")
            return self._mirrored(node, Act.CREATE, Kind.EXTENSION, name or "", "")
        reader = getattr(self, f"_{kind.lower()}", None) if kind in _READ else None
        if reader is None:
            return (opaque(node.lineno, f"{kind or 'an operation'} is not understood"),), ()
        pair: Pair | None = reader(node)
        return unread if pair is None else pair

    def _text(self, node: ast.Call, place: int, name: str) -> str:
        return (text_of(argument(node, place, name), self.names) or "").lower()

    def _mirrored(self, node: ast.Call, act: Act, kind: Kind, name: str, table: str, **more: object) -> Pair:
        """Return an effect with its exact opposite."""
        opposite = Act.DROP if act is Act.CREATE else Act.CREATE
        line = node.lineno
        one = Effect(act=act, kind=kind, name=name, table=table, line=line, **more)  # type: ignore[arg-type]
        return (one,), (Effect(act=opposite, kind=kind, name=name, table=table, line=line),)

    def _createmodel(self, node: ast.Call) -> Pair | None:
        name = self._text(node, 0, "name")
        listed = argument(node, 1, "fields")
        if not name or not isinstance(listed, ast.List):
            return None
        self.fields.update({(name, n): f for n, f in _listed(listed, self.names)})
        return self._mirrored(node, Act.CREATE, Kind.TABLE, name, "")

    def _deletemodel(self, node: ast.Call) -> Pair | None:
        name = self._text(node, 0, "name")
        return self._mirrored(node, Act.DROP, Kind.TABLE, name, "") if name else None

    def _addfield(self, node: ast.Call) -> Pair | None:
        model, name = self._text(node, 0, "model_name"), self._text(node, 1, "name")
        field = field_of(argument(node, 2, "field"), self.names)
        if not model or not name or field is None:
            return None
        self.fields[model, name] = field
        if field.kind == "ManyToManyField":
            return self._mirrored(node, Act.CREATE, Kind.TABLE, f"{model}_{name}", "")
        if field.is_unique and field.db_default:
            note = (
                f"{model}.{name} is unique and filled by the database: the old code may write one value twice"
            )
            return (opaque(node.lineno, note),), ()
        must = not field.may_be_empty
        pair = self._mirrored(
            node, Act.CREATE, Kind.COLUMN, name, model, must_have=must, is_filled=field.is_filled
        )
        return pair

    def _removefield(self, node: ast.Call) -> Pair | None:
        model, name = self._text(node, 0, "model_name"), self._text(node, 1, "name")
        return self._mirrored(node, Act.DROP, Kind.COLUMN, name, model) if model and name else None

    def _alterfield(self, node: ast.Call) -> Pair | None:
        model, name = self._text(node, 0, "model_name"), self._text(node, 1, "name")
        now, before = field_of(argument(node, 2, "field"), self.names), self.fields.get((model, name))
        if now is None or not model or not name:
            return None
        if before is None:
            return (
                opaque(node.lineno, f"how {model}.{name} was before is not written in the files read"),
            ), ()
        self.fields[model, name] = now
        return _alterations(node.lineno, model, name, before, now)

    def _renamefield(self, node: ast.Call) -> Pair | None:
        model = self._text(node, 0, "model_name")
        old, new = self._text(node, 1, "old_name"), self._text(node, 2, "new_name")
        if (model, old) in self.fields:
            self.fields[model, new] = self.fields.pop((model, old))
        return self._renamed(node, Kind.COLUMN, old, new, model) if model else None

    def _renamemodel(self, node: ast.Call) -> Pair | None:
        old, new = self._text(node, 0, "old_name"), self._text(node, 1, "new_name")
        for model, field in [key for key in self.fields if key[0] == old]:
            self.fields[new, field] = self.fields.pop((model, field))
        return self._renamed(node, Kind.TABLE, old, new, "")

    def _renameindex(self, node: ast.Call) -> Pair | None:
        model, new = self._text(node, 0, "model_name"), self._text(node, 1, "new_name")
        return self._renamed(node, Kind.INDEX, self._text(node, 2, "old_name"), new, model) if model else None

    def _renamed(self, node: ast.Call, kind: Kind, old: str, new: str, table: str) -> Pair | None:
        if not old or not new:
            return None
        line = node.lineno
        return (
            (Effect(act=Act.RENAME, kind=kind, name=old, value=new, table=table, line=line),),
            (Effect(act=Act.RENAME, kind=kind, name=new, value=old, table=table, line=line),),
        )

    def _addindex(self, node: ast.Call) -> Pair | None:
        model, index = self._text(node, 0, "model_name"), argument(node, 1, "index")
        name = text_of(keyword(index, "name"), self.names) if isinstance(index, ast.Call) else None
        if not model or not name:
            return None
        return self._mirrored(
            node, Act.CREATE, Kind.INDEX, name.lower(), model, demands=frozenset(("plain",))
        )

    def _removeindex(self, node: ast.Call) -> Pair | None:
        model, name = self._text(node, 0, "model_name"), self._text(node, 1, "name")
        if not model or not name:
            return None
        return self._mirrored(node, Act.DROP, Kind.INDEX, name, model, demands=frozenset(("plain",)))

    _addindexconcurrently = _addindex
    _removeindexconcurrently = _removeindex

    def _addconstraint(self, node: ast.Call) -> Pair | None:
        model, made = self._text(node, 0, "model_name"), argument(node, 1, "constraint")
        if not model or not isinstance(made, ast.Call):
            return None
        name = text_of(keyword(made, "name"), self.names)
        demand = "check" if tail(made.func) == "CheckConstraint" else "unique"
        if not name:
            return None
        return self._mirrored(
            node, Act.CREATE, Kind.CONSTRAINT, name.lower(), model, demands=frozenset((demand,))
        )

    def _removeconstraint(self, node: ast.Call) -> Pair | None:
        model, name = self._text(node, 0, "model_name"), self._text(node, 1, "name")
        return self._mirrored(node, Act.DROP, Kind.CONSTRAINT, name, model) if model and name else None

    def _alteruniquetogether(self, node: ast.Call) -> Pair | None:
        model = self._text(node, 0, "name")
        told = literal(argument(node, 1, "unique_together"), self.names)
        empty = told in ([], None) or (isinstance(told, list) and not any(told))
        act = Act.DROP if empty else Act.CREATE
        if not model:
            return None
        return self._mirrored(
            node, act, Kind.CONSTRAINT, "unique_together", model, demands=frozenset(("unique",))
        )

    def _alterindextogether(self, node: ast.Call) -> Pair | None:
        model = self._text(node, 0, "name")
        return ((), ()) if model else None  # plain indexes, which Django makes and removes both ways

    def _runpython(self, node: ast.Call) -> Pair | None:
        code, back = argument(node, 0, "code"), argument(node, 1, "reverse_code")
        if _is_noop(code) and "RunPython" not in self.foreign:
            return (), ()
        said = f"runs {tail(code) or 'code'}(), which may change rows"
        told = Effect(
            act=Act.ROWS, kind=Kind.TABLE, name="", table=f"({said})", aspect="code", line=node.lineno
        )
        if back is None:
            return (told,), (fails(node.lineno, f"{said} and has no way back"),)
        return (told,), ()

    def _runsql(self, node: ast.Call) -> Pair | None:
        ways: list[Sequence[Effect]] = []
        for given in (argument(node, 0, "sql"), argument(node, 1, "reverse_sql")):
            if given is None:
                ways.append((fails(node.lineno, "SQL without a way back"),))
            elif _is_noop(given):
                ways.append(())
            else:
                ways.append(self._sql(given, node.lineno))
        return ways[0], ways[1]

    def _sql(self, given: ast.expr, line: int) -> Sequence[Effect]:
        from andon.record import replace

        parts = given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given]
        found: list[Effect] = []
        for part in parts:
            text = text_of(part, self.names)
            if text is None:
                found.append(opaque(line, "SQL that is not written here"))
            else:
                found += [replace(e, line=line) for e in sql_effects(text, dialect=self.dialect)]
        return found

    def _separatedatabaseandstate(self, node: ast.Call) -> Pair | None:
        listed = argument(node, 0, "database_operations")
        if listed is None:
            return (), ()
        if not isinstance(listed, (ast.List, ast.Tuple)):
            return None
        pairs = [self._operation(e) for e in listed.elts]
        return [e for up, _ in pairs for e in up], [e for _, down in reversed(pairs) for e in down]


_READ = frozenset(
    (
        "CreateModel",
        "DeleteModel",
        "AddField",
        "RemoveField",
        "AlterField",
        "RenameField",
        "RenameModel",
        "RenameIndex",
        "AddIndex",
        "RemoveIndex",
        "AddIndexConcurrently",
        "RemoveIndexConcurrently",
        "AddConstraint",
        "RemoveConstraint",
        "AlterUniqueTogether",
        "AlterIndexTogether",
        "RunPython",
        "RunSQL",
        "SeparateDatabaseAndState",
    )
)


def _is_noop(node: ast.expr | None) -> bool:
    """True for `RunPython.noop` and `RunSQL.noop`; a function of the file may have any name."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "noop"
        and tail(node.value) in ("RunPython", "RunSQL")
    )


def _listed(listed: ast.List, names: Names) -> list[tuple[str, Field]]:
    found = []
    for pair in listed.elts:
        match pair:
            case ast.Tuple(elts=[name, field]):
                said, read = text_of(name, names), field_of(field, names)
                if said and read:
                    found.append((said.lower(), read))
    return found


def _alterations(line: int, model: str, name: str, before: Field, now: Field) -> Pair:
    """Return what differs in the database between two forms of a field, both ways."""
    up: list[Effect] = []
    down: list[Effect] = []

    def altered(aspect: str, one: str, other: str) -> None:
        for way, value, was in ((up, other, one), (down, one, other)):
            way.append(
                Effect(
                    act=Act.ALTER,
                    kind=Kind.COLUMN,
                    table=model,
                    name=name,
                    aspect=aspect,
                    value=value,
                    before=was,
                    line=line,
                )
            )

    if before.type_text != now.type_text:
        altered("type", before.type_text, now.type_text)
    if before.may_be_empty != now.may_be_empty:
        told = {True: "yes", False: "no"}
        altered("nullable", told[before.may_be_empty], told[now.may_be_empty])
    if before.db_default != now.db_default:
        return (opaque(line, f"the database's default of {model}.{name} changes"),), ()
    if before.is_unique != now.is_unique:
        made = Effect(
            act=Act.CREATE if now.is_unique else Act.DROP,
            kind=Kind.CONSTRAINT,
            table=model,
            name=f"unique {name}",
            demands=frozenset(("unique",)),
            columns=(name,),
            line=line,
        )
        from andon.record import replace

        up.append(made)
        down.append(replace(made, act=Act.DROP if now.is_unique else Act.CREATE))
    if before.others != now.others:
        return (opaque(line, f"{model}.{name} changes in {', '.join(sorted(_differing(before, now)))}"),), ()
    return tuple(up), tuple(down)


def _differing(before: Field, now: Field) -> set[str]:
    return {name for name, _ in set(before.others) ^ set(now.others)}
