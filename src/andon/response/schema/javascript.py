"""JavaScript and TypeScript migrations: raw SQL strings and the best-known calls of a schema builder.

A way is understood only when it is a row of known calls with everything written in place; whatever else
stands in it makes it not understood.
"""

from __future__ import annotations

import re

from andon.record import replace
from andon.response.schema.effects import Act, Effect, Kind, generated_name, opaque
from andon.response.schema.names import bare
from andon.response.schema.scripts import LENGTH_LIMIT, body_after, is_balanced, statements, without_comments
from andon.response.schema.sql import sql_effects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.schema.scripts import Statement

_FUNCTION = (
    r"(?:^|[\s.{{,;]){way}\b\s*+[=:]?\s*+(?:async\b\s*+)?(?:function\b\s*+\w*+\s*+)?"
    r"\([^()]*+\)\s*+(?::[\w<>\[\]. |]++)?(?:=>\s*+)?\{{"
)
#: How a statement of the file itself begins that only declares something.
_DECLARES = re.compile(
    r"import\b|export\b|(?:module\.)?exports\b|const\b|let\b|var\b|type\b|interface\b|"
    r"(?:async\s+)?function\b|(?:abstract\s+)?class\b|"
    r"declare\b|enum\b|Object\.defineProperty\(\s*exports\b|@\w|[\"']use strict[\"']|[};)]"
)
_NO_WAY_DOWN = re.compile(r"\bdown\s*[=:]\s*false\b")
_STRING = r"""(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)"""


def javascript_ways(text: str, dialect: str = "") -> tuple[tuple[Effect, ...], tuple[Effect, ...] | None]:
    """Return what `up` and `down` of a migration do; a way down that is missing, or `false`, is None."""
    if len(text) > LENGTH_LIMIT:
        return (opaque(1, f"{len(text):,} characters of JavaScript are too many to judge"),), None
    plain = without_comments(text)
    if not is_balanced(plain):
        return (opaque(1, "the brackets do not match: it cannot be read"),), None
    up = _way(plain, "up", dialect)
    if up is None:
        return (opaque(1, "there is no function `up` that can be read"),), None
    strange = [s for s in statements(plain, 1) if not _DECLARES.match(s.text)]
    outside = [
        opaque(s.line, f"code outside of the functions: {s.text.split(maxsplit=1)[0][:40]}") for s in strange
    ]
    return (*outside, *up), _way(plain, "down", dialect)


def _way(text: str, way: str, dialect: str) -> tuple[Effect, ...] | None:
    found = list(re.finditer(_FUNCTION.format(way=way), text))
    if not found:
        written = re.search(rf"\b{way}\b\s*[=:(]", text)
        if written and not (way == "down" and _NO_WAY_DOWN.search(text)):
            return (
                opaque(
                    text.count("\n", 0, written.start()) + 1, f"`{way}` is written in a way not read here"
                ),
            )
        return None
    body = body_after(text, found[0].end())
    line = text.count("\n", 0, found[0].end()) + 1
    if body is None or len(found) > 1:
        return (opaque(line, f"`{way}` cannot be followed"),)
    return tuple(e for s in statements(body, line) for e in _effects(s, dialect))


def _effects(statement: Statement, dialect: str) -> Sequence[Effect]:
    told = re.sub(r"^(?:return\s+|await\s+)+", "", statement.text)
    if told == "return":
        return ()
    for form, reader in _FORMS:
        match = form.match(told)
        if match is not None:
            return reader(match, statement.line, dialect)
    brief = " ".join(statement.text.split())[:60]
    return (opaque(statement.line, f"not understood: {brief}"),)


def _said(match: re.Match[str], first: int = 1) -> str | None:
    """Return the text of a string literal whose groups begin at `first`; None when it holds code."""
    single, double, template = match[first], match[first + 1], match[first + 2]
    if template is not None and "${" in template:
        return None
    text = next((t for t in (single, double, template) if t is not None), None)
    return None if text is None else re.sub(r"\\(['\"`\\])", r"\1", text).replace("\\n", "\n")


def _raw(match: re.Match[str], line: int, dialect: str) -> Sequence[Effect]:
    text = _said(match)
    if text is None:
        return (opaque(line, "SQL that is put together at run time"),)
    return [replace(e, line=line + e.line - 1) for e in sql_effects(text, dialect=dialect)]


def _drop_table(match: re.Match[str], line: int, dialect: str) -> Sequence[Effect]:  # noqa: ARG001
    conditional = "IfExists" in match[0] or "ifExists" in match[0]
    cascades = "cascade" in match[0].lower()
    name = bare(_said(match))
    return (
        Effect(
            act=Act.DROP, kind=Kind.TABLE, name=name, line=line, is_conditional=conditional, cascades=cascades
        ),
    )


def _create_table(match: re.Match[str], line: int, dialect: str) -> Sequence[Effect]:  # noqa: ARG001
    rest = match[4]
    if not _only_defines(rest):
        return (opaque(line, "a table whose definition does more than define it"),)
    name = bare(_said(match))
    if not name:
        return (opaque(line, "a table whose name is not written here"),)
    needs = tuple(
        bare(n) for n in re.findall(r"""(?:inTable|references|model:)\s*\(?\s*['"](\w+)['"]""", rest)
    )
    return (
        Effect(
            act=Act.CREATE, kind=Kind.TABLE, name=name, line=line, needs=tuple(n for n in needs if n != name)
        ),
    )


_CALLBACK = re.compile(r"^\s*(?:function\s*)?\(?\s*(\w++)[^()]*+\)?\s*(?:=>\s*)?\{(.*)\}\s*$", re.DOTALL)
_DOES = re.compile(
    r"=>|\b(?:await|function|new|delete)\b|\b(?:knex|queryInterface|queryRunner)\s*\.(?!fn\b|raw\b)"
)


def _only_defines(text: str) -> bool:
    """True for a callback that only calls its own table, or for a definition written in place."""
    callback = _CALLBACK.match(text)
    if callback is None or text.lstrip().startswith("{"):
        return not _DOES.search(text)
    own = f"{callback[1]}."
    return not _DOES.search(callback[2]) and all(s.text.startswith(own) for s in statements(callback[2], 1))


_IN_PLACE = re.compile(
    r"^\s*(?:\{(?![^{}]*\.\.\.).*\}|[\w.]*(?:Sequelize|DataTypes)[\w.]*(?:\([^()]*\))?)\s*$", re.DOTALL
)


def _add_column(match: re.Match[str], line: int, dialect: str) -> Sequence[Effect]:  # noqa: ARG001
    table, name, rest = bare(_said(match)), bare(_said(match, 4)), match[7]
    if not _IN_PLACE.match(rest):
        return (opaque(line, f"the definition of {table}.{name} is not written here"),)
    must = bool(re.search(r"allowNull\s*:\s*false|notNull\s*:\s*true", rest))
    filled = bool(re.search(r"\bdefault(?:Value)?\s*:(?!\s*(?:null|undefined)\b)", rest))
    return tuple(_new_column(table, name, line, must, filled, rest))


def _new_column(table: str, name: str, line: int, must: bool, filled: bool, rest: str) -> Iterator[Effect]:
    yield Effect(
        act=Act.CREATE, kind=Kind.COLUMN, table=table, name=name, line=line, must_have=must, is_filled=filled
    )
    demands = (("unique", r"\bunique\b"), ("foreign", r"\breferences\b"))
    for demand, sign in demands:
        if re.search(sign, rest):
            yield Effect(
                act=Act.CREATE,
                kind=Kind.CONSTRAINT,
                table=table,
                name=generated_name(table, (name,), demand) or f"({demand} of {name})",
                columns=(name,),
                demands=frozenset((demand,)),
                line=line,
            )


def _remove_column(match: re.Match[str], line: int, dialect: str) -> Sequence[Effect]:  # noqa: ARG001
    return (
        Effect(
            act=Act.DROP, kind=Kind.COLUMN, table=bare(_said(match)), name=bare(_said(match, 4)), line=line
        ),
    )


def _rename_column(match: re.Match[str], line: int, dialect: str) -> Sequence[Effect]:  # noqa: ARG001
    return (
        Effect(
            act=Act.RENAME,
            kind=Kind.COLUMN,
            table=bare(_said(match)),
            name=bare(_said(match, 4)),
            value=bare(_said(match, 7)),
            line=line,
        ),
    )


def _rename_table(match: re.Match[str], line: int, dialect: str) -> Sequence[Effect]:  # noqa: ARG001
    return (
        Effect(
            act=Act.RENAME, kind=Kind.TABLE, name=bare(_said(match)), value=bare(_said(match, 4)), line=line
        ),
    )


_COLUMN_TYPES = (
    "string|text|integer|bigInteger|smallint|tinyint|boolean|date|datetime|time|timestamp|json|jsonb|uuid|float|"
    "double|decimal|binary|enu|enum|specificType"
)
_IN_TABLE = re.compile(rf"^\w+\.({_COLUMN_TYPES})\(\s*{_STRING}(.*)$", re.DOTALL)
_DROPPED = re.compile(rf"^\w+\.dropColumns?\(\s*{_STRING}\s*\)$")
_RENAMED = re.compile(rf"^\w+\.renameColumn\(\s*{_STRING}\s*,\s*{_STRING}\s*\)$")


def _alter_table(match: re.Match[str], line: int, dialect: str) -> Sequence[Effect]:  # noqa: ARG001
    table, body = bare(_said(match)), match[4]
    found: list[Effect] = []
    for each in statements(body, line + match[0][: match.start(4)].count("\n")):
        dropped, renamed, made = (form.match(each.text) for form in (_DROPPED, _RENAMED, _IN_TABLE))
        if dropped:
            found.append(
                Effect(act=Act.DROP, kind=Kind.COLUMN, table=table, name=bare(_said(dropped)), line=each.line)
            )
        elif renamed:
            one, other = bare(_said(renamed)), bare(_said(renamed, 4))
            found.append(
                Effect(act=Act.RENAME, kind=Kind.COLUMN, table=table, name=one, value=other, line=each.line)
            )
        elif made and not re.search(r"\.alter\(|\bcheck\w*\(", made[5]):
            rest = made[5]
            must = ".notNullable(" in rest
            filled = bool(re.search(r"\.defaultTo\((?!\s*(?:null|undefined)\b)", rest))
            found += _new_column(table, bare(_said(made, 2)), each.line, must, filled, rest)
        else:
            found.append(opaque(each.line, f"not understood: {' '.join(each.text.split())[:60]}"))
    return found


_BUILDER = r"(?:knex\.schema|queryInterface|pgm)"
_END = r"\s*(?:,\s*(?:\{[^{}]*\}|undefined|\[\]))?\s*\)$"
_RAW = (
    r"^(?:queryRunner\.query|knex(?:\.schema)?\.raw|pgm\.sql|(?:queryInterface\.)?sequelize\.query)"
    rf"\(\s*{_STRING}{_END}"
)
_ALTER = (
    rf"^knex\.schema\.(?:alterTable|table)\(\s*{_STRING}\s*,\s*(?:function\s*)?"
    r"\(?\s*\w++[^()]*+\)?\s*(?:=>\s*)?\{(.*)\}\s*\)$"
)
_FORMS = tuple(
    (re.compile(form, re.DOTALL), reader)
    for form, reader in (
        (_RAW, _raw),
        (rf"^{_BUILDER}\.createTable\(\s*{_STRING}\s*,(.*)\)$", _create_table),
        (rf"^{_BUILDER}\.dropTable(?:IfExists)?\(\s*{_STRING}{_END}", _drop_table),
        (rf"^queryInterface\.addColumn\(\s*{_STRING}\s*,\s*{_STRING}\s*,(.*)\)$", _add_column),
        (rf"^queryInterface\.removeColumn\(\s*{_STRING}\s*,\s*{_STRING}{_END}", _remove_column),
        (
            rf"^(?:queryInterface|pgm)\.renameColumn\(\s*{_STRING}\s*,\s*{_STRING}\s*,\s*{_STRING}{_END}",
            _rename_column,
        ),
        (rf"^{_BUILDER}\.renameTable\(\s*{_STRING}\s*,\s*{_STRING}{_END}", _rename_table),
        (_ALTER, _alter_table),
    )
)
