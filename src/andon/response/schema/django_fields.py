"""Django's model fields as migrations write them, and how earlier migrations left them."""

from __future__ import annotations

import ast

from andon.record import Record
from andon.response.schema.expressions import argument, literal, tail, text_of
from andon.response.schema.program import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.schema.expressions import Names


class Field(Record):
    """What of a field concerns the database."""

    #: The class, such as `CharField`.
    kind: str
    #: In a form that can be compared, `varchar(20)` for texts.
    type_text: str
    may_be_empty: bool
    is_unique: bool
    #: The source of `db_default`, "" for none.
    db_default: str = ""
    #: True when the database fills it by itself.
    is_filled: bool = False
    #: Any other argument that may concern the database, with its source.
    others: tuple[tuple[str, str], ...] = ()


#: Arguments that Django keeps to itself.
_OUTSIDE = frozenset(
    (
        "choices",
        "help_text",
        "verbose_name",
        "validators",
        "blank",
        "default",
        "editable",
        "related_name",
        "related_query_name",
        "error_messages",
        "upload_to",
        "storage",
        "limit_choices_to",
        "on_delete",
        "auto_now",
        "auto_now_add",
        "serialize",
        "auto_created",
        "db_index",  # a plain index, which Django makes and removes both ways
        "null",
        "unique",
        "db_default",
        "max_length",
        "db_comment",
    )
)
_TEXTS = frozenset(("CharField", "EmailField", "SlugField", "URLField", "FileField", "ImageField"))
#: Django's own lengths where none is written (Django 5).
_LENGTHS = {"EmailField": 254, "SlugField": 50, "URLField": 200, "FileField": 100, "ImageField": 100}
_TYPES = {
    "TextField": "text",
    "IntegerField": "int",
    "BigIntegerField": "bigint",
    "SmallIntegerField": "smallint",
}
_FILLED = frozenset(("AutoField", "BigAutoField", "SmallAutoField", "GeneratedField"))


def field_of(node: ast.expr | None, names: Names) -> Field | None:
    """Return the field that a call makes; None for anything else."""
    if not isinstance(node, ast.Call) or any(k.arg is None for k in node.keywords):
        return None
    kind = tail(node.func)
    said = {k.arg: k.value for k in node.keywords if k.arg}
    length = literal(said.get("max_length"), names) if "max_length" in said else _LENGTHS.get(kind)
    if kind in _TEXTS:
        type_text = f"varchar({length})" if isinstance(length, int) else "varchar"
    else:
        type_text = _TYPES.get(kind, kind.lower())
    positional = tuple((str(n), ast.unparse(a)) for n, a in enumerate(node.args) if kind != "ManyToManyField")
    others = tuple(sorted((n, ast.unparse(v)) for n, v in said.items() if n not in _OUTSIDE))
    default = said.get("db_default")
    return Field(
        kind=kind,
        type_text=type_text,
        may_be_empty=literal(said.get("null"), names) is True,
        is_unique=literal(said.get("unique"), names) is True or kind == "OneToOneField",
        db_default=ast.unparse(default) if default is not None else "",
        is_filled=default is not None or kind in _FILLED,
        others=(*positional, *others),
    )


def fields_before(earlier: Sequence[str]) -> dict[tuple[str, str], Field]:
    """Return the fields by (model, name) as the older migrations of an app left them, all in lower case."""
    found: dict[tuple[str, str], Field] = {}
    for text in earlier:
        module = parse(text)
        if isinstance(module, str):
            return {}  # whatever it did, nothing before it can be relied on
        for call in _operations(module):
            _apply(call, found)
    return found


def _operations(module: ast.Module) -> list[ast.Call]:
    """Return the operations of a migration, those inside SeparateDatabaseAndState's state among them."""
    listed: list[ast.expr] = []
    for node in ast.walk(module):
        match node:
            case ast.Assign(targets=[ast.Name(id="operations")], value=ast.List(elts=elements)):
                listed += elements
            case ast.Call() if tail(node.func) == "SeparateDatabaseAndState":
                state = argument(node, 1, "state_operations")
                listed += state.elts if isinstance(state, ast.List) else []
    return [e for e in listed if isinstance(e, ast.Call)]


def _apply(call: ast.Call, found: dict[tuple[str, str], Field]) -> None:
    def said(place: int, name: str) -> str:
        return (text_of(argument(call, place, name), {}) or "").lower()

    match tail(call.func):
        case "CreateModel":
            listed = argument(call, 1, "fields")
            for pair in listed.elts if isinstance(listed, ast.List) else ():
                if isinstance(pair, ast.Tuple) and len(pair.elts) == 2:
                    name, field = text_of(pair.elts[0], {}), field_of(pair.elts[1], {})
                    if name and field:
                        found[said(0, "name"), name.lower()] = field
        case "AddField" | "AlterField":
            field = field_of(argument(call, 2, "field"), {})
            key = (said(0, "model_name"), said(1, "name"))
            if field is None:
                found.pop(key, None)
            else:
                found[key] = field
        case "RemoveField":
            found.pop((said(0, "model_name"), said(1, "name")), None)
        case "RenameField":
            model = said(0, "model_name")
            moved = found.pop((model, said(1, "old_name")), None)
            if moved is not None:
                found[model, said(2, "new_name")] = moved
        case "RenameModel":
            old, new = said(0, "old_name"), said(1, "new_name")
            for key in [k for k in found if k[0] == old]:
                found[new, key[1]] = found.pop(key)
        case "DeleteModel":
            for key in [k for k in found if k[0] == said(0, "name")]:
                del found[key]
