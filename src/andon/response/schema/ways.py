"""Whether the way down takes back exactly what the way up did, and nothing is lost.

The effects of the way up are kept open, by object; the way down closes them from the end. What stays open was
not taken back; what closes nothing was never done.
"""

from __future__ import annotations

from andon.incident.words import Verdict
from andon.record import Record, replace
from andon.response.schema.effects import Act, Effect, Kind
from andon.response.schema.rows import WrittenRows, agrees, inverse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Key = tuple[Kind, str, str]


class Finding(Record):
    """Something that speaks against one way, or leaves it open."""

    #: Line of the file in which the statement stands.
    line: int
    #: FAILED or UNKNOWN.
    verdict: Verdict
    #: In words, without the line.
    reason: str
    #: True when the line is one of the way down.
    in_way_down: bool = False
    #: True when rows are changed: another way back than a schema change taken back.
    is_data: bool = False


def not_taken_back(up: Sequence[Effect], down: Sequence[Effect] | None) -> tuple[Finding, ...]:
    """Return what keeps the way down from restoring schema and rows; none means that it restores both."""
    turned = [e for e in up if any(inverse(e, d) for d in down or ())]
    lost = [f for effect in up if effect not in turned and (f := _loss(effect, up)) is not None]
    if down is None:
        changes = [e for e in up if e.act is not Act.OPAQUE]
        if not changes:
            return tuple(lost)
        data = [e for e in changes if e.act is Act.ROWS and e.rows]
        lost += [_against(e, e.told(), in_way_down=False, is_data=True) for e in data]
        return (*lost, _against(changes[0], "there is no way down", in_way_down=False))
    return (*lost, *_Undoing(up, down).run(down))


def _against(
    effect: Effect,
    reason: str,
    *,
    in_way_down: bool,
    verdict: Verdict = Verdict.FAILED,
    is_data: bool = False,
) -> Finding:
    return Finding(line=effect.line, verdict=verdict, reason=reason, in_way_down=in_way_down, is_data=is_data)


def _loss(effect: Effect, up: Sequence[Effect]) -> Finding | None:
    """Say what no way down can bring back."""
    if effect.act is Act.OPAQUE:
        return _against(effect, effect.note, in_way_down=False, verdict=Verdict.UNKNOWN)
    if effect.act is Act.FAILS:
        return _against(effect, effect.note, in_way_down=False)
    made = _made_by(up)
    if (
        effect.act is Act.DROP
        and effect.kind in (Kind.TABLE, Kind.COLUMN, Kind.SCHEMA)
        and effect.key not in made
    ):
        if effect.kind is Kind.COLUMN and (Kind.TABLE, "", effect.table) in made:
            return None
        return _against(effect, f"{effect.told()} with what is in it", in_way_down=False)
    if effect.act is Act.DROP and effect.cascades:
        return _against(
            effect, f"{effect.told()} with whatever depends on it", in_way_down=False, verdict=Verdict.UNKNOWN
        )
    if effect.act is Act.ROWS and not effect.rows and not _in_new(effect, made):
        return _against(effect, effect.told(), in_way_down=False, is_data=True)
    if effect.act is Act.CREATE and effect.is_conditional and effect.kind in _WITH_ROWS:
        return _against(
            effect,
            f"{effect.told()} unless it is there already: whether it was, is not known",
            in_way_down=False,
            verdict=Verdict.UNKNOWN,
        )
    return None


#: What holds rows: taken away with the way down, they would be lost if it had been there before. Types and
#: extensions that are in use cannot be dropped by accident, and an index holds nothing.
_WITH_ROWS = (Kind.TABLE, Kind.COLUMN, Kind.SCHEMA, Kind.SEQUENCE, Kind.VIEW)


def _made_by(up: Sequence[Effect]) -> set[Key]:
    made = {e.key for e in up if e.act is Act.CREATE}
    renamed = {(e.kind, e.table, e.value or "") for e in up if e.act is Act.RENAME and e.key in made}
    return made | renamed


def _in_new(effect: Effect, made: set[Key]) -> bool:
    """True when only rows or columns are written that the same way up made."""
    if (Kind.TABLE, "", effect.table) in made:
        return True
    written = [(Kind.COLUMN, effect.table, c) for c in effect.columns]
    return effect.aspect == "update" and bool(written) and all(w in made for w in written)


#: Changes of a type that keep every value, and back again: the way back fails loudly where a new value is too
#: long, and loses nothing.
def keeps_values(before: str | None, after: str | None) -> bool:
    """True when every value of the type `before` is one of the type `after`."""
    one, other = _type(before), _type(after)
    if not one or not other:
        return False
    if one == other:
        return True
    texts = ("varchar", "text", "citext", "char varying")
    if one[0] in texts and other[0] in texts:
        return other[1] is None or (one[1] is not None and one[1] <= other[1])
    whole = ("smallint", "int", "bigint")
    return one[0] in whole and other[0] in whole and whole.index(one[0]) <= whole.index(other[0])


_SAME = {
    "character varying": "varchar",
    "string": "varchar",
    "unicode": "varchar",
    "unicodetext": "text",
    "integer": "int",
    "biginteger": "bigint",
    "smallinteger": "smallint",
    "int4": "int",
    "int8": "bigint",
    "int2": "smallint",
}


def _type(text: str | None) -> tuple[str, int | None] | None:
    if not text:
        return None
    name, _, rest = text.lower().partition("(")
    size = rest.rstrip(") ").strip()
    name = name.strip()
    if size and not (size.isdecimal() and len(size) < 10):
        return text.lower(), None
    return _SAME.get(name, name), int(size) if size else None


class _Undoing:
    """The open effects of a way up, while a way down closes them."""

    def __init__(self, up: Sequence[Effect], down: Sequence[Effect]) -> None:
        self.up, self.down = up, down
        self.rows = WrittenRows(up, down)
        self.open: list[Effect] = []
        self.gone: set[Key] = set()
        self.found: list[Finding] = []
        #: With a part unread, what does not fit together may fit after all: unknown, not failed.
        self.is_read = not any(e.act is Act.OPAQUE for e in up)
        for effect in up:
            self._open(effect)

    def _open(self, effect: Effect) -> None:
        """Keep an effect; one that takes back an earlier one of the same way leaves nothing open."""
        if effect.act in (Act.OPAQUE, Act.FAILS) or (effect.act is Act.ROWS and not effect.rows):
            return
        if effect.act is Act.ROWS and (effect.aspect != "insert" or self._belongs_to_new(effect)):
            if effect.aspect != "insert":
                self.found.append(_against(effect, effect.told(), in_way_down=False, is_data=True))
            return
        if effect.act is Act.DROP:
            mine = self._last(effect.key)
            if mine is not None and mine.act is Act.CREATE:
                self._close_with_children(mine)
                return
            self.open = [e for e in self.open if not _belongs(e, effect)]
        before = self._last(effect.key)
        if (
            effect.act is Act.CREATE
            and before is not None
            and before.act is Act.DROP
            and before.is_conditional
        ):
            self.open.remove(before)
            # An index holds nothing: dropped first in case an earlier try left it half made, it is a new one.
            act = Act.CREATE if effect.kind is Kind.INDEX else Act.REPLACE
            self.open.append(replace(effect, act=act))
            return
        self.open.append(effect)

    def _last(self, key: Key) -> Effect | None:
        return next((e for e in reversed(self.open) if e.key == key and e.act is not Act.ALTER), None)

    def _close_with_children(self, made: Effect) -> None:
        since = self.open[self.open.index(made) :]
        own = [
            e for e in since if e is made or _belongs(e, made) or (e.key == made.key and e.act is Act.ALTER)
        ]
        if made.kind in (Kind.TABLE, Kind.COLUMN):
            own += [e for e in self.open if _belongs(e, made) and e.act is not Act.DROP]
        self.open = [e for e in self.open if not any(e is o for o in own)]

    def run(self, down: Sequence[Effect]) -> list[Finding]:
        for effect in down:
            if self._is_gone(effect):
                self._say(effect, f"{effect.told()}, which is gone by then")
                continue
            getattr(self, f"_{effect.act.name.lower()}")(effect)
        verdict = Verdict.UNKNOWN if any(e.act is Act.OPAQUE for e in down) else Verdict.FAILED
        for effect in self.open:
            text = f"{effect.told()}, and the way down leaves that as it is"
            is_data = effect.act is Act.ROWS
            self.found.append(_against(effect, text, in_way_down=False, verdict=verdict, is_data=is_data))
        return self.found

    def _say(self, effect: Effect, reason: str, verdict: Verdict = Verdict.FAILED) -> None:
        if not self.is_read and effect.act is not Act.FAILS:
            verdict = Verdict.UNKNOWN
        self.found.append(_against(effect, reason, in_way_down=True, verdict=verdict))

    def _is_gone(self, effect: Effect) -> bool:
        """True when the way down has already removed what the effect needs."""
        if effect.act is Act.CREATE or effect.is_conditional:
            return False
        if (Kind.TABLE, "", effect.table) in self.gone and effect.table:
            return True
        return effect.key in self.gone or (
            effect.act is Act.ALTER and (Kind.COLUMN, effect.table, effect.name) in self.gone
        )

    def _belongs_to_new(self, effect: Effect) -> bool:
        """True for what happens to an object that the way up made and the way down has yet to remove."""
        tables = self._new_tables()
        columns = {(e.table, e.name) for e in self.open if e.kind is Kind.COLUMN and e.act is Act.CREATE}
        if effect.table in tables or (effect.kind is Kind.TABLE and effect.name in tables):
            return True
        if effect.kind is Kind.COLUMN:
            return (effect.table, effect.name) in columns
        named = bool(effect.columns) and all((effect.table, c) in columns for c in effect.columns)
        return named

    def _create(self, effect: Effect) -> None:
        last = self._last(effect.key)
        if last is not None and last.act is Act.DROP:
            self.open.remove(last)
            self.gone.discard(effect.key)
            return
        if self._belongs_to_new(effect):
            return
        self._say(effect, f"{effect.told()}, which the way up did not remove")

    def _replace(self, effect: Effect) -> None:
        last = self._last(effect.key)
        if last is None:
            self._say(effect, f"{effect.told()}, which the way up did not touch")
        elif last.act is Act.REPLACE and last.definition and last.definition == effect.definition:
            self._say(effect, f"{effect.told()} by what it is already")
        elif last.act in (Act.REPLACE, Act.DROP):
            self.open.remove(last)

    def _drop(self, effect: Effect) -> None:
        last = self._last(effect.key)
        if effect.cascades:
            self._say(effect, f"{effect.told()} with whatever depends on it", Verdict.UNKNOWN)
        if last is not None and last.act is Act.REPLACE:
            text = f"{effect.told()}: whether it was there before the way up replaced it is not known"
            self._say(effect, text, Verdict.UNKNOWN)
            self._remove(last)
        elif last is not None and last.act is Act.CREATE:
            self._leaves_not_null(effect, last)
            users = [e for e in self.open if e is not last and effect.name in e.needs and e.act is Act.CREATE]
            if users and not effect.cascades:
                self._say(effect, f"{effect.told()}, which {users[0].told().partition(' ')[2]} still needs")
            self._remove(last)
        elif last is not None and last.act is Act.RENAME:
            self._say(effect, f"{effect.told()}, which the way up renamed")
        elif effect.kind is Kind.CONSTRAINT and effect.table in self._new_tables():
            return  # a constraint within the table's own definition, by whatever name
        elif effect.is_conditional and last is not None and last.act is Act.DROP:
            return  # the way up has removed it: nothing is there
        elif effect.is_conditional and effect.kind not in (Kind.TABLE, Kind.COLUMN):
            self._say(
                effect,
                f"{effect.told()} if it is there: whether it was before, is not known",
                Verdict.UNKNOWN,
            )
        else:
            self._say(effect, f"{effect.told()}, which the way up did not make")

    def _leaves_not_null(self, effect: Effect, made: Effect) -> None:
        """Say which columns a primary key forbids to be empty, and its removal does not allow again."""
        if "primary" not in made.demands or made.table in self._new_tables():
            return
        older = [e for e in self.down if e.act is Act.CREATE and e.table == made.table]
        kept = {c for e in older if "primary" in e.demands for c in e.columns}
        kept |= {
            e.name
            for e in (*self.up, *self.down)
            if e.table == made.table
            and ((e.act is Act.ALTER and e.aspect == "nullable") or (e.act is Act.CREATE and e in self.open))
        }
        left = [c for c in made.columns if c not in kept]
        if left or not made.columns:
            text = f"{effect.told()}: whether {', '.join(left) or 'its columns'} could be empty is not known"
            self._say(effect, f"{text}, and stays NOT NULL", Verdict.UNKNOWN)

    def _new_tables(self) -> set[str]:
        return {e.name for e in self.open if e.kind is Kind.TABLE and e.act is Act.CREATE}

    def _remove(self, made: Effect) -> None:
        for e in self.open:
            if e is made or _belongs(e, made):
                self.gone.add(e.key)
        self.gone.add(made.key)
        self._close_with_children(made)

    def _alter(self, effect: Effect) -> None:
        aspects = ("add value", "values") if effect.aspect == "values" else (effect.aspect,)
        mine = [e for e in self.open if e.act is Act.ALTER and e.key == effect.key and e.aspect in aspects]
        if not mine:
            if not self._belongs_to_new(effect):
                self._say(effect, f"{effect.told()}, which the way up did not alter")
            return
        last, first = mine[-1], mine[0]
        self.open = [e for e in self.open if e not in mine]
        if effect.aspect == "type":
            if not keeps_values(effect.value, last.value):
                self._say(effect, f"{effect.told()}: whether every value keeps is not known", Verdict.UNKNOWN)
        elif first.before is not None and first.before != effect.value:
            self._say(effect, f"{effect.told()} to something else than it was")
        elif effect.aspect == "nullable" and effect.value == "no" and last.value == "yes":
            text = f"{effect.told()}: rows that were written since, or before, may be in the way"
            self._say(effect, text, Verdict.UNKNOWN)
        elif effect.value == last.value:
            self._say(effect, f"{effect.told()} to what it is already")

    def _rename(self, effect: Effect) -> None:
        for e in reversed(self.open):
            turned = e.act is Act.RENAME and e.kind is effect.kind and e.value == effect.name
            if turned and e.name == effect.value and _same_table(e, effect, self.up):
                self.open.remove(e)
                return
        self._say(effect, f"{effect.told()}, which the way up did not rename")

    def _rows(self, effect: Effect) -> None:
        columns = {(e.table, e.name) for e in self.open if e.kind is Kind.COLUMN and e.act is Act.CREATE}
        tables = self._new_tables()
        own = effect.columns and all((effect.table, c) in columns for c in effect.columns)
        if effect.table in tables or own or self._takes_rows_back(effect):
            return
        if self.rows.concerns_only_new(effect) or any(inverse(e, effect) for e in self.up):
            return
        self._say(effect, effect.told(), Verdict.UNKNOWN)

    def _takes_rows_back(self, effect: Effect) -> bool:
        """Close the inserted rows that a DELETE names; False when it names any other, or none."""
        if effect.aspect != "delete" or not effect.rows:
            return False
        if not all(self.rows.names_one(effect.table, condition) for condition in effect.rows):
            return False
        for insert in [e for e in self.open if e.act is Act.ROWS and e.table == effect.table]:
            left = tuple(row for row in insert.rows if not any(agrees(c, row) for c in effect.rows))
            place = next(n for n, e in enumerate(self.open) if e is insert)
            self.open[place : place + 1] = [replace(insert, rows=left)] if left else []
        return True

    def _opaque(self, effect: Effect) -> None:
        self._say(effect, effect.note, Verdict.UNKNOWN)

    def _fails(self, effect: Effect) -> None:
        self._say(effect, effect.note)


def _same_table(one: Effect, other: Effect, up: Sequence[Effect]) -> bool:
    """True when both stand in the same table, whatever it is called at the moment."""
    if one.table == other.table:
        return True
    return any(
        e.act is Act.RENAME and e.kind is Kind.TABLE and {e.name, e.value} == {one.table, other.table}
        for e in up
    )


def _belongs(effect: Effect, owner: Effect) -> bool:
    """True when the database removes `effect`'s object together with `owner`'s."""
    if owner.kind is Kind.TABLE:
        return effect.table == owner.name or (effect.kind is Kind.TABLE and effect.name == owner.name)
    if owner.kind is Kind.COLUMN and effect.table == owner.table:
        return owner.name in effect.columns or (effect.kind is Kind.COLUMN and effect.name == owner.name)
    return False
