"""Rails migrations: the calls of `change`, `up` and `down` that are written on a line of their own.

`change` is taken back as Rails does it; a call that Rails cannot turn round, or one that is not known here,
makes the way not understood.
"""

from __future__ import annotations

import re

from andon.response.schema.effects import Act, Effect, Kind, fails, opaque
from andon.response.schema.names import bare
from andon.response.schema.sql import sql_effects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Characters of one file; a longer one is data.
LENGTH_LIMIT = 200_000
_NAME = r"""[:"']([\w.]+)["']?"""
_DEFINITION = re.compile(r"^([ \t]*)def\s+(change|up|down|self\.up|self\.down)\s*(?:#.*)?$", re.MULTILINE)


def ruby_ways(text: str, dialect: str = "") -> tuple[tuple[Effect, ...], tuple[Effect, ...] | None]:
    """Return what a migration does, and what taking it back does; None when there is no way down."""
    if len(text) > LENGTH_LIMIT:
        return (opaque(1, f"{len(text):,} characters of Ruby are too many to judge"),), None
    bodies = {way.removeprefix("self."): (line, body) for way, line, body in _bodies(text)}
    if "change" in bodies:
        up = tuple(_effects(*bodies["change"], dialect))
        return up, tuple(_turned(up))
    if "up" not in bodies:
        return (opaque(1, "there is no `change` and no `up` that can be read"),), None
    up = tuple(_effects(*bodies["up"], dialect))
    return up, tuple(_effects(*bodies["down"], dialect)) if "down" in bodies else None


def _bodies(text: str) -> Iterator[tuple[str, int, list[str]]]:
    for match in _DEFINITION.finditer(text):
        line = text.count("\n", 0, match.end()) + 2
        rest = text[match.end() + 1 :].split("\n")
        ending = f"{match[1]}end"
        lines: list[str] = []
        for each in rest:
            if each.rstrip() == ending:
                break
            lines.append(each)
        yield match[2], line, lines


def _effects(line: int, lines: Sequence[str], dialect: str) -> Iterator[Effect]:
    place = 0
    while place < len(lines):
        told, number = lines[place].strip(), line + place
        place += 1
        if not told or told.startswith("#"):
            continue
        if told == "safety_assured do":
            end = _end_of_block(lines, place, len(lines[place - 1]) - len(lines[place - 1].lstrip()))
            yield from _effects(line + place, lines[place : end - 1], dialect)
            place = end
            continue
        if told.endswith(" do |t|") or re.search(r"\bdo\s*\|\w+\|$", told):
            begin, place = (
                place,
                _end_of_block(lines, place, len(lines[place - 1]) - len(lines[place - 1].lstrip())),
            )
            yield from _table(told, number, lines[begin : place - 1])
            continue
        yield from _call(told, number, dialect)


def _end_of_block(lines: Sequence[str], place: int, indent: int) -> int:
    while place < len(lines) and lines[place].rstrip() != " " * indent + "end":
        place += 1
    return place + 1


_COLUMN = re.compile(r"^t\.\w+[\s(]|^t\.timestamps\b")


def _table(told: str, line: int, body: Sequence[str]) -> Iterator[Effect]:
    match = re.match(rf"^create_table\(?\s*{_NAME}([^|]*)\bdo\b", told)
    strange = [
        b
        for b in body
        if b.strip()
        and not b.strip().startswith("#")
        and (not _COLUMN.match(b.strip()) or _says_more(b.strip()))
    ]
    if match is None or strange or "force:" in match[2]:
        yield opaque(line, f"not understood: {told[:60]}")
        return
    yield Effect(
        act=Act.CREATE,
        kind=Kind.TABLE,
        name=bare(match[1]),
        line=line,
        is_conditional="if_not_exists: true" in match[2],
    )


#: What makes a line more than one call: a second one, a condition, a block, a method of a class.
_MORE = re.compile(r"[;&|{]|\b(?:if|unless|while|until|and|or|do|rescue)\b|\b[A-Z]\w*(?:::\w+)*\.[a-z]")
#: Texts and comments, and a table of options: it follows a name of one, where a block would follow a call.
_SAID = re.compile(r"""\"[^"#\\]*"|'[^'\\]*'|\s#.*$""")
_OPTIONS = re.compile(r"(?<=: )\{[^{}]*\}")


def _says_more(told: str) -> bool:
    rest = _OPTIONS.sub("", _OPTIONS.sub("", _SAID.sub("", told)))
    return bool(_MORE.search(rest))


def _call(told: str, line: int, dialect: str) -> Sequence[Effect]:
    if _says_more(told):
        return (opaque(line, f"not understood: {told[:60]}"),)
    for form, reader in _FORMS:
        match = form.match(told)
        if match is not None:
            return reader(match, line)
    raised = re.match(r"^raise\b", told)
    if raised:
        return (fails(line, "it raises an error on purpose"),)
    ran = re.match(r"""^execute\(?\s*(?:"([^"#\\]*)"|'([^'\\]*)')\s*\)?$""", told)
    if ran:
        return sql_effects(ran[1] or ran[2] or "", first_line=line, dialect=dialect)
    return (opaque(line, f"not understood: {told[:60]}"),)


def _add_column(match: re.Match[str], line: int) -> Sequence[Effect]:
    rest = match[3]
    if "**" in rest or re.search(r",\s*[a-z_]+\s*\)?$", rest):
        return (opaque(line, f"options of {match[1]}.{match[2]} that are not written here"),)
    must, filled = "null: false" in rest, bool(re.search(r"\bdefault:(?!\s*nil\b)", rest))
    return (
        Effect(
            act=Act.CREATE,
            kind=Kind.COLUMN,
            table=bare(match[1]),
            name=bare(match[2]),
            line=line,
            must_have=must,
            is_filled=filled,
        ),
    )


def _add_reference(match: re.Match[str], line: int) -> Sequence[Effect]:
    must = "null: false" in match[3]
    return (
        Effect(
            act=Act.CREATE,
            kind=Kind.COLUMN,
            table=bare(match[1]),
            name=f"{bare(match[2])}_id",
            line=line,
            must_have=must,
        ),
    )


def _remove_column(match: re.Match[str], line: int) -> Sequence[Effect]:
    return (Effect(act=Act.DROP, kind=Kind.COLUMN, table=bare(match[1]), name=bare(match[2]), line=line),)


def _rename_column(match: re.Match[str], line: int) -> Sequence[Effect]:
    return (
        Effect(
            act=Act.RENAME,
            kind=Kind.COLUMN,
            table=bare(match[1]),
            name=bare(match[2]),
            value=bare(match[3]),
            line=line,
        ),
    )


def _rename_table(match: re.Match[str], line: int) -> Sequence[Effect]:
    return (Effect(act=Act.RENAME, kind=Kind.TABLE, name=bare(match[1]), value=bare(match[2]), line=line),)


def _drop_table(match: re.Match[str], line: int) -> Sequence[Effect]:
    return (Effect(act=Act.DROP, kind=Kind.TABLE, name=bare(match[1]), line=line),)


def _index(act: Act, match: re.Match[str], line: int) -> Sequence[Effect]:
    columns = tuple(bare(c) for c in re.findall(r"[:\"'](\w+)", match[2]))
    given = re.search(rf"\bname:\s*{_NAME}", match[3])
    name = given[1] if given else f"index_{match[1]}_on_{'_and_'.join(columns)}"
    return (
        Effect(
            act=act,
            kind=Kind.INDEX,
            table=bare(match[1]),
            name=bare(name),
            columns=columns,
            line=line,
            demands=frozenset(("unique",)) if "unique: true" in match[3] else frozenset(("plain",)),
        ),
    )


def _add_index(match: re.Match[str], line: int) -> Sequence[Effect]:
    return _index(Act.CREATE, match, line)


def _change_null(match: re.Match[str], line: int) -> Sequence[Effect]:
    return (
        Effect(
            act=Act.ALTER,
            kind=Kind.COLUMN,
            table=bare(match[1]),
            name=bare(match[2]),
            aspect="nullable",
            value="yes" if match[3] == "true" else "no",
            line=line,
        ),
    )


def _nothing(match: re.Match[str], line: int) -> Sequence[Effect]:  # noqa: ARG001
    return ()


_FORMS = tuple(
    (re.compile(form), reader)
    for form, reader in (
        (rf"^add_column\(?\s*{_NAME}\s*,\s*{_NAME}\s*,(.*)$", _add_column),
        (rf"^add_(?:reference|belongs_to)\(?\s*{_NAME}\s*,\s*{_NAME}((?:,.*)?)$", _add_reference),
        (rf"^remove_column\(?\s*{_NAME}\s*,\s*{_NAME}(.*)$", _remove_column),
        (rf"^rename_column\(?\s*{_NAME}\s*,\s*{_NAME}\s*,\s*{_NAME}\s*\)?$", _rename_column),
        (rf"^rename_table\(?\s*{_NAME}\s*,\s*{_NAME}\s*\)?$", _rename_table),
        (rf"^drop_table\(?\s*{_NAME}[^{{]*$", _drop_table),
        (rf"^add_index\(?\s*{_NAME}\s*,\s*(\[[^\]]*\]|[:\"']\w+[\"']?)(.*)$", _add_index),
        (rf"^change_column_null\(?\s*{_NAME}\s*,\s*{_NAME}\s*,\s*(true|false)\s*\)?$", _change_null),
        (r"^(?:disable_ddl_transaction!|safety_assured\s*\{\s*\})$", _nothing),
    )
)


def _turned(up: Sequence[Effect]) -> Iterator[Effect]:
    """Yield what Rails does to take `change` back; what it cannot turn round raises an error there."""
    from andon.record import replace

    for effect in reversed(up):
        if effect.act is Act.CREATE:
            yield replace(effect, act=Act.DROP)
        elif effect.act is Act.RENAME:
            yield replace(effect, name=effect.value or "", value=effect.name)
        elif effect.act is Act.ALTER and effect.aspect == "nullable":
            yield replace(effect, value="no" if effect.value == "yes" else "yes")
        elif effect.act is Act.DROP:
            yield replace(
                effect, act=Act.CREATE
            )  # with its type, else Rails raises; the rows are gone anyway
        elif effect.act not in (Act.OPAQUE, Act.FAILS):
            yield opaque(effect.line, "what Rails makes of this on the way back is not known")
