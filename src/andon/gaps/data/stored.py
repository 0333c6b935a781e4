"""What a database stores beside tables: views, triggers and functions, and how production's differ. Pure.

Their texts are compared and never shown: one may hold a value.
"""

from __future__ import annotations

import re

from andon.gaps.data.schema import SchemaDifference
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Columns = tuple[tuple[str, str], ...]

#: Texts in quotes, which stay as they are, or blanks and comments between other words.
_TOKENS = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w*)\$.*?\$\1\$|(?P<gap>(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)+)",
    re.DOTALL,
)


class Stored(Record):
    """One view, trigger or function."""

    #: `view`, `trigger`, `function`.
    sort: str
    #: With its schema where that is not the usual one; a trigger's with its table, a function's with what it
    #: takes.
    name: str
    #: As the database words it.
    text: str
    #: Who worded it: between two systems, or two versions of one, the wording differs by itself.
    worded_by: str
    #: Names and types of a view's columns.
    columns: Columns = ()

    @property
    def title(self) -> str:
        """What it is called where tables are named."""
        return f"{self.sort} {self.name}"


def normal(text: str) -> str:
    """Return a definition without what makes no difference: blanks, comments, and capitals outside quotes."""
    found, at = [], 0
    for token in _TOKENS.finditer(text):
        found += [text[at : token.start()].lower(), " " if token["gap"] else token[0]]
        at = token.end()
    words = "".join([*found, text[at:].lower()])
    return re.sub(r"\s*([(),;=<>])\s*", r"\1", words).strip(" ;") if "'" not in words else words.strip(" ;")


def stored_differences(
    test: Mapping[str, Stored], prod: Mapping[str, Stored], *, is_one_system: bool = True
) -> tuple[SchemaDifference, ...]:
    """Return how production's views, triggers and functions are others, by their titles.

    Between two database systems only views are compared: whether they are there, and their columns' names.
    """
    found: list[SchemaDifference] = []
    for title in sorted({*test, *prod}):
        ours, theirs = test.get(title), prod.get(title)
        if not is_one_system and (ours or theirs).sort != "view":  # type: ignore[union-attr]  # one is there
            continue
        if ours is None or theirs is None:
            there, none = "there", f"no such {title.partition(' ')[0]}"
            found.append(
                SchemaDifference(
                    table=title,
                    test=there if ours else none,
                    production=none if ours else there,
                    # A trigger or a function that is only there works unseen; a view is not asked.
                    is_breaking=ours is not None or theirs is None or theirs.sort == "trigger",
                )
            )
            continue
        columns = [*_columns(ours, theirs, is_one_system=is_one_system)]
        found += columns
        if not columns and ours.worded_by == theirs.worded_by and normal(ours.text) != normal(theirs.text):
            found.append(SchemaDifference(table=title, test="there", production="there, with another text"))
    return tuple(found)


def _columns(ours: Stored, theirs: Stored, *, is_one_system: bool) -> Iterator[SchemaDifference]:
    own, other = dict(ours.columns), dict(theirs.columns)
    for name in (*own, *(name for name in other if name not in own)):
        if name in own and name in other and (own[name].lower() == other[name].lower() or not is_one_system):
            continue
        yield SchemaDifference(
            table=ours.title,
            column=name,
            test=(own[name] or "there") if name in own else "no such column",
            production=(other[name] or "there") if name in other else "no such column",
            is_breaking=name in own,
        )
